//! The SQL engine behind its fences: in-memory tables only, one checked `SELECT` at a time, a time and a memory limit each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::{cast, concat_batches};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::{MemTable, TableProvider};
use datafusion::error::DataFusionError;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::{SQLOptions, SessionConfig, SessionContext};

use super::AuditError;
use super::calendar::Calendar;
use super::fence;
use super::functions;
use super::steps;

/// Rows of one batch of a table; also the unit of parallel work.
pub const BATCH_ROWS: usize = 64 * 1024;

/// What one query may use.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub timeout: Duration,
    pub memory_bytes: usize,
    /// A rule with more result rows than this is too wide to be of use.
    pub max_rows: usize,
    /// Threads of one query.
    pub partitions: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            timeout: Duration::from_secs(120),
            memory_bytes: 2 << 30,
            max_rows: 100_000,
            partitions: std::thread::available_parallelism().map_or(2, |n| n.get().min(8)),
        }
    }
}

/// Why a query yielded nothing. All are faults of the query or its limits, said in Chinese.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    #[error("{0}")]
    Fence(String),
    #[error("无法执行:{0}")]
    Failed(String),
    #[error("超过 {0} 秒仍未完成,已停止")]
    Timeout(u64),
    #[error("所需内存超过上限,已停止")]
    Memory,
    #[error("结果超过 {0} 行,规则过宽,已停止")]
    TooMany(usize),
}

/// Named tables and our functions; cheap to clone, safe to share.
#[derive(Debug, Clone)]
pub struct Database {
    tables: BTreeMap<String, Arc<dyn TableProvider>>,
    calendar: Arc<Calendar>,
}

/// Columns and batches of a result, text as plain Utf8.
#[derive(Debug, Clone)]
pub struct ResultSet {
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
}

impl Database {
    pub fn new(calendar: Arc<Calendar>) -> Database {
        Database {
            tables: BTreeMap::new(),
            calendar,
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.tables.contains_key(name)
    }

    /// Adds or replaces a table. Batches are handed out to threads in contiguous runs.
    pub fn add(
        &mut self,
        name: &str,
        schema: SchemaRef,
        batches: Vec<RecordBatch>,
    ) -> Result<(), AuditError> {
        let runs = Limits::default().partitions.clamp(1, batches.len().max(1));
        let length = batches.len().div_ceil(runs).max(1);
        let mut partitions: Vec<Vec<RecordBatch>> =
            batches.chunks(length).map(<[_]>::to_vec).collect();
        if partitions.is_empty() {
            partitions.push(Vec::new());
        }
        let table = MemTable::try_new(schema, partitions)?;
        self.tables.insert(name.to_owned(), Arc::new(table));
        Ok(())
    }

    /// Forgets a table; queries that are running keep it.
    pub fn remove(&mut self, name: &str) {
        self.tables.remove(name);
    }

    /// Plans a query against the tables; nothing is run.
    pub async fn plan(&self, sql: &str) -> Result<LogicalPlan, QueryError> {
        let relations = fence::relations(sql).map_err(QueryError::Fence)?;
        let context = self.context_of(&relations, &Limits::default())?;
        let frame = context
            .sql_with_options(sql, read_only())
            .await
            .map_err(describe)?;
        frame.into_optimized_plan().map_err(describe)
    }

    /// Runs one `SELECT` within its limits.
    pub async fn query(&self, sql: &str, limits: &Limits) -> Result<ResultSet, QueryError> {
        let checked = fence::check(sql).map_err(QueryError::Fence)?;
        let context = self.context_of(&checked.relations, limits)?;
        let staged = steps::stage(checked.query, &checked.relations);
        let max_rows = limits.max_rows;
        let work = async move {
            let (frame, _held) = steps::run(&context, staged, read_only()).await?;
            let frame = frame.limit(0, Some(max_rows.saturating_add(1)))?;
            let schema = Arc::new(frame.schema().as_arrow().clone());
            Ok::<_, DataFusionError>((schema, frame.collect().await?))
        };
        // On a task of its own: planning or a stream that never yields cannot hold up the clock.
        let mut task = tokio::spawn(work);
        let (schema, batches) = match tokio::time::timeout(limits.timeout, &mut task).await {
            Ok(Ok(result)) => result.map_err(describe)?,
            Ok(Err(_)) => return Err(QueryError::Failed("查询引擎中止".to_owned())),
            Err(_) => {
                task.abort();
                return Err(QueryError::Timeout(limits.timeout.as_secs()));
            }
        };
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        if rows > max_rows {
            return Err(QueryError::TooMany(max_rows));
        }
        plain_text(schema, batches).map_err(|e| QueryError::Failed(e.to_string()))
    }

    /// A session that knows these tables and no others.
    fn context_of(
        &self,
        relations: &BTreeSet<String>,
        limits: &Limits,
    ) -> Result<SessionContext, QueryError> {
        if let Some(unknown) = relations.iter().find(|r| !self.tables.contains_key(*r)) {
            return Err(QueryError::Fence(format!(
                "没有名为「{unknown}」的表或视图"
            )));
        }
        let context = self.context(limits).map_err(describe)?;
        for name in relations {
            let table = Arc::clone(&self.tables[name]);
            context
                .register_table(name.as_str(), table)
                .map_err(describe)?;
        }
        Ok(context)
    }

    /// A fresh session: no information schema, no files, no spilling, our functions, none that depend on clock or chance.
    fn context(&self, limits: &Limits) -> Result<SessionContext, DataFusionError> {
        let mut config = SessionConfig::new()
            .with_information_schema(false)
            .with_target_partitions(limits.partitions);
        let options = config.options_mut();
        options.sql_parser.parse_float_as_decimal = true;
        options.sql_parser.map_string_types_to_utf8view = false;
        let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
        let runtime = RuntimeEnvBuilder::new()
            .with_disk_manager_builder(disk)
            .with_memory_limit(limits.memory_bytes, 1.0)
            .build_arc()?;
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(runtime)
            .with_default_features()
            .build();
        let context = SessionContext::new_with_state(state);
        for name in fence::FORBIDDEN_FUNCTIONS {
            context.deregister_udf(name);
        }
        for name in ["generate_series", "range"] {
            context.deregister_udtf(name);
        }
        for function in functions::scalar_functions(&self.calendar) {
            context.register_udf(function.as_ref().clone());
        }
        for function in functions::window_functions() {
            context.register_udwf(function.as_ref().clone());
        }
        Ok(context)
    }
}

fn read_only() -> SQLOptions {
    SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false)
}

fn describe(error: DataFusionError) -> QueryError {
    match error.find_root() {
        DataFusionError::ResourcesExhausted(_) => QueryError::Memory,
        root => {
            let text = root.strip_backtrace();
            // The engine's message may go on for pages; its first lines name the fault.
            QueryError::Failed(text.lines().take(4).collect::<Vec<_>>().join(" "))
        }
    }
}

/// Views, large and dictionary texts become plain Utf8, so that whatever reads a mart sees one type.
fn plain_text(
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
) -> Result<ResultSet, datafusion::arrow::error::ArrowError> {
    let is_other_text = |kind: &DataType| {
        matches!(kind, DataType::Utf8View | DataType::LargeUtf8)
            || matches!(kind, DataType::Dictionary(_, value) if **value == DataType::Utf8)
    };
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .map(|f| match is_other_text(f.data_type()) {
            true => Field::new(f.name(), DataType::Utf8, true),
            false => f.as_ref().clone().with_nullable(true),
        })
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let batches = batches
        .into_iter()
        .map(|batch| {
            let columns = batch
                .columns()
                .iter()
                .zip(schema.fields())
                .map(
                    |(array, field)| match array.data_type() == field.data_type() {
                        true => Ok(Arc::clone(array)),
                        false => cast(array, field.data_type()),
                    },
                )
                .collect::<Result<Vec<_>, _>>()?;
            RecordBatch::try_new(Arc::clone(&schema), columns)
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(ResultSet { schema, batches })
}

/// Joins small batches into ones of about [`BATCH_ROWS`] rows, keeping their order. Large ones are passed on as they are.
pub fn coalesce(
    schema: &SchemaRef,
    batches: Vec<RecordBatch>,
) -> Result<Vec<RecordBatch>, AuditError> {
    let (mut joined, mut pending, mut rows) = (Vec::new(), Vec::new(), 0);
    for batch in batches {
        let large = batch.num_rows() >= BATCH_ROWS / 2;
        if rows >= BATCH_ROWS || (large && rows > 0) {
            joined.push(concat_batches(schema, &pending)?);
            pending.clear();
            rows = 0;
        }
        match large {
            true => joined.push(batch),
            false => {
                rows += batch.num_rows();
                pending.push(batch);
            }
        }
    }
    if rows > 0 {
        joined.push(concat_batches(schema, &pending)?);
    }
    Ok(joined)
}
