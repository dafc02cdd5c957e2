//! The tables that rules see, written for other programs: one Arrow IPC or Parquet file each, and `tables.json` with the row
//! counts, the day of the audit and the queries of marts and rules in order, so that another engine can run them and compare.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::ipc::writer::FileWriter;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde::Serialize;

use super::AuditError;
use super::engine::{Limits, ResultSet};
use super::execute::{add_marts, param_tables, resolve_all};
use super::params::Trial;
use super::rule::RulePack;
use super::run::{RunOptions, as_of, database_of};
use super::snapshot::Snapshot;
use super::tables::schema;

/// Name of the list of contents in the folder.
pub const CONTENTS: &str = "tables.json";

/// The form of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableForm {
    Arrow,
    Parquet,
}

/// What was written.
#[derive(Debug, Serialize)]
pub struct Contents {
    pub program: String,
    /// Digests of the books and registers, and of the rule pack.
    pub data_digest: String,
    pub pack_digest: String,
    /// The day up to which dues are counted.
    pub as_of: NaiveDate,
    pub tables: Vec<ExportedTable>,
    /// In the order of computation: a mart may rest on those before it.
    pub marts: Vec<ExportedQuery>,
    pub rules: Vec<ExportedQuery>,
}

/// One file.
#[derive(Debug, Serialize)]
pub struct ExportedTable {
    /// The name under which rules know it.
    pub name: String,
    /// `table`, `mart`, or `params` (which has a `rule`).
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Path within the folder.
    pub file: String,
    pub rows: u64,
}

/// A mart or a rule.
#[derive(Debug, Serialize)]
pub struct ExportedQuery {
    pub name: String,
    pub sql: String,
}

/// Writes tables, marts, parameters and `tables.json` into `out`, which is made if it is not there.
///
/// # Errors
/// A faulty pack, a mart that cannot be computed, or a folder that cannot be written.
pub async fn write(
    snapshot: &Snapshot,
    pack: &RulePack,
    options: &RunOptions,
    form: TableForm,
    out: &Path,
) -> Result<Contents, AuditError> {
    if !pack.faults.is_empty() {
        return Err(AuditError::Pack(pack.faults.clone()));
    }
    let as_of = as_of(snapshot, options);
    let mut folder = Folder {
        path: out,
        form,
        tables: Vec::new(),
    };
    for spec in schema::tables() {
        let batches = snapshot
            .tables
            .get(&spec.name)
            .map_or(&[][..], Vec::as_slice);
        folder.write("table", None, &spec.name, spec.arrow(), batches)?;
    }
    write_marts(snapshot, pack, &options.limits, &mut folder).await?;
    for rule in &pack.rules {
        let resolved = resolve_all(rule, &snapshot.settings, &Trial::new(), &snapshot.codes());
        for (name, schema, batch) in param_tables(rule, &resolved, as_of)? {
            folder.write("params", Some(rule.id()), name, schema, &[batch])?;
        }
    }
    let query = |name: &str, sql: &str| ExportedQuery {
        name: name.to_owned(),
        sql: sql.to_owned(),
    };
    let contents = Contents {
        program: format!("sanzi {}", env!("CARGO_PKG_VERSION")),
        data_digest: snapshot.data_digest.clone(),
        pack_digest: pack.digest.clone(),
        as_of,
        tables: folder.tables,
        marts: pack.marts.iter().map(|m| query(&m.name, &m.sql)).collect(),
        rules: pack
            .rules
            .iter()
            .map(|r| query(r.id(), &r.file.query.sql))
            .collect(),
    };
    let path = out.join(CONTENTS);
    let json =
        serde_json::to_vec_pretty(&contents).map_err(|e| AuditError::Internal(e.to_string()))?;
    fs::write(&path, json).map_err(|e| unwritable(&path, &e))?;
    Ok(contents)
}

async fn write_marts(
    snapshot: &Snapshot,
    pack: &RulePack,
    limits: &Limits,
    folder: &mut Folder<'_>,
) -> Result<(), AuditError> {
    let mut database = database_of(snapshot, pack)?;
    let all = pack.marts.iter().map(|m| m.name.clone()).collect();
    let failed = add_marts(&mut database, pack.marts_needed(&all), limits, |_| ()).await?;
    if let Some((mart, error)) = failed.first_key_value() {
        return Err(AuditError::Internal(format!(
            "视图 {mart} 未能计算:{error}"
        )));
    }
    let limits = Limits {
        max_rows: 1 << 40,
        ..*limits
    };
    for mart in &pack.marts {
        let all_rows = format!("SELECT * FROM {}", mart.name);
        let ResultSet { schema, batches } = database
            .query(&all_rows, &limits)
            .await
            .map_err(|e| AuditError::Internal(e.to_string()))?;
        folder.write("mart", None, &mart.name, schema, &batches)?;
    }
    Ok(())
}

/// The folder under way.
struct Folder<'a> {
    path: &'a Path,
    form: TableForm,
    tables: Vec<ExportedTable>,
}

impl Folder<'_> {
    fn write(
        &mut self,
        kind: &'static str,
        rule: Option<&str>,
        name: &str,
        schema: SchemaRef,
        batches: &[RecordBatch],
    ) -> Result<(), AuditError> {
        let ending = match self.form {
            TableForm::Arrow => "arrow",
            TableForm::Parquet => "parquet",
        };
        let file = match rule {
            Some(rule) => format!("{kind}/{rule}/{name}.{ending}"),
            None => format!("{kind}/{name}.{ending}"),
        };
        let path = self.path.join(&file);
        let under_way = path.with_extension("part");
        let out = create(&under_way).map_err(|e| unwritable(&path, &e))?;
        match self.form {
            TableForm::Arrow => {
                let mut writer = FileWriter::try_new(BufWriter::new(out), &schema)?;
                for batch in batches {
                    writer.write(batch)?;
                }
                writer.finish()?;
            }
            TableForm::Parquet => {
                write_parquet(out, schema, batches).map_err(|reason| AuditError::Unwritable {
                    path: path.clone(),
                    reason,
                })?;
            }
        }
        // Only a whole file has its name.
        fs::rename(&under_way, &path).map_err(|e| unwritable(&path, &e))?;
        self.tables.push(ExportedTable {
            name: name.to_owned(),
            kind,
            rule: rule.map(str::to_owned),
            file,
            rows: batches.iter().map(|b| b.num_rows() as u64).sum(),
        });
        Ok(())
    }
}

fn write_parquet(out: File, schema: SchemaRef, batches: &[RecordBatch]) -> Result<(), String> {
    let level = ZstdLevel::default();
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level));
    let mut writer = ArrowWriter::try_new(BufWriter::new(out), schema, Some(properties.build()))
        .map_err(|e| e.to_string())?;
    for batch in batches {
        writer.write(batch).map_err(|e| e.to_string())?;
    }
    writer.close().map(|_| ()).map_err(|e| e.to_string())
}

fn create(path: &Path) -> std::io::Result<File> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    File::create(path)
}

fn unwritable(path: &Path, error: &std::io::Error) -> AuditError {
    AuditError::Unwritable {
        path: PathBuf::from(path),
        reason: error.to_string(),
    }
}
