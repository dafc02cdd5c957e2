//! One rule over one database: its parameter tables, its query, its rows in a fixed order. No findings yet.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::AuditError;
use super::engine::{Database, Limits, QueryError};
use super::params::{ParamValue, Setting, Span, Trial, resolve, span_at};
use super::rule::{Mart, ParamType, Rule};
use super::tables::build::days;
use super::tables::cell::Rows;
use super::timing::{Part, Step, Stopwatch};

/// A rule's parameters for every organisation.
pub type Resolved = BTreeMap<String, Vec<Span>>;

pub fn resolve_all(
    rule: &Rule,
    settings: &[Setting],
    trial: &Trial,
    organisations: &BTreeSet<String>,
) -> Resolved {
    organisations
        .iter()
        .map(|o| (o.clone(), resolve(rule, settings, trial, o)))
        .collect()
}

/// Adds `params`, `params_at` and `param_list` of one rule.
pub fn add_params(
    database: &mut Database,
    rule: &Rule,
    resolved: &Resolved,
    as_of: NaiveDate,
) -> Result<(), AuditError> {
    for (name, schema, batch) in param_tables(rule, resolved, as_of)? {
        database.add(name, schema, vec![batch])?;
    }
    Ok(())
}

/// `params`, `params_at` and `param_list` of one rule, by name.
pub fn param_tables(
    rule: &Rule,
    resolved: &Resolved,
    as_of: NaiveDate,
) -> Result<[(&'static str, SchemaRef, RecordBatch); 3], AuditError> {
    let now: Vec<(&String, &Span)> = resolved
        .iter()
        .filter_map(|(o, spans)| Some((o, span_at(spans, as_of)?)))
        .collect();
    let all: Vec<(&String, &Span)> = resolved
        .iter()
        .flat_map(|(o, spans)| spans.iter().map(move |s| (o, s)))
        .collect();
    let (now_schema, now_batch) = param_batch(rule, &now, as_of, false)?;
    let (all_schema, all_batch) = param_batch(rule, &all, as_of, true)?;
    let (list_schema, list_batch) = list_batch(&now)?;
    Ok([
        ("params", now_schema, now_batch),
        ("params_at", all_schema, all_batch),
        ("param_list", list_schema, list_batch),
    ])
}

fn param_batch(
    rule: &Rule,
    rows: &[(&String, &Span)],
    as_of: NaiveDate,
    with_span: bool,
) -> Result<(SchemaRef, RecordBatch), AuditError> {
    let organisations: StringArray = rows.iter().map(|(o, _)| Some(o.as_str())).collect();
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        ("organisation", Arc::new(organisations)),
        (
            "as_of",
            Arc::new(Date32Array::from(vec![days(as_of); rows.len()])),
        ),
    ];
    if with_span {
        let date = |f: fn(&Span) -> NaiveDate| -> ArrayRef {
            Arc::new(
                rows.iter()
                    .map(|(_, s)| Some(days(f(s))))
                    .collect::<Date32Array>(),
            )
        };
        columns.push(("valid_from", date(|s| s.from)));
        columns.push(("valid_to", date(|s| s.to)));
    }
    for (name, spec) in &rule.file.params {
        let values = || rows.iter().map(|(_, s)| s.values.get(name).map(|(v, _)| v));
        if let Some(array) = param_array(spec.kind, values)? {
            columns.push((name, array));
        }
    }
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)?;
    Ok((schema, batch))
}

/// A column of a parameter; lists have none.
fn param_array<'a, I: Iterator<Item = Option<&'a ParamValue>>>(
    kind: ParamType,
    values: impl Fn() -> I,
) -> Result<Option<ArrayRef>, AuditError> {
    let decimals = |scale: i8| -> Result<ArrayRef, AuditError> {
        let raw = values().map(|v| match v {
            Some(ParamValue::Decimal { raw, .. }) => Some(i128::from(*raw)),
            _ => None,
        });
        let array: Decimal128Array = raw.collect();
        Ok(Arc::new(array.with_precision_and_scale(18, scale)?))
    };
    Ok(Some(match kind {
        ParamType::List => return Ok(None),
        ParamType::Money => decimals(2)?,
        ParamType::Decimal => decimals(6)?,
        ParamType::Integer => Arc::new(
            values()
                .map(|v| match v {
                    Some(ParamValue::Int(n)) => Some(*n),
                    _ => None,
                })
                .collect::<Int64Array>(),
        ),
        ParamType::Text => Arc::new(
            values()
                .map(|v| match v {
                    Some(ParamValue::Text(word)) => Some(word.code.as_str()),
                    _ => None,
                })
                .collect::<StringArray>(),
        ),
        ParamType::Date => Arc::new(
            values()
                .map(|v| match v {
                    Some(ParamValue::Date(date)) => Some(days(*date)),
                    _ => None,
                })
                .collect::<Date32Array>(),
        ),
        ParamType::Bool => Arc::new(
            values()
                .map(|v| match v {
                    Some(ParamValue::Bool(b)) => Some(*b),
                    _ => None,
                })
                .collect::<BooleanArray>(),
        ),
    }))
}

fn list_batch(rows: &[(&String, &Span)]) -> Result<(SchemaRef, RecordBatch), AuditError> {
    let mut items: [Vec<&str>; 3] = Default::default();
    for (organisation, span) in rows {
        for (name, (value, _)) in &span.values {
            if let ParamValue::List(list) = value {
                for item in list {
                    items[0].push(organisation);
                    items[1].push(name);
                    items[2].push(&item.code);
                }
            }
        }
    }
    let schema = Arc::new(Schema::new(
        ["organisation", "name", "item"]
            .map(|n| Field::new(n, DataType::Utf8, true))
            .to_vec(),
    ));
    let arrays = items.map(|column| Arc::new(StringArray::from(column)) as ArrayRef);
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays.to_vec())?;
    Ok((schema, batch))
}

/// Computes marts in their order and adds them as tables. A mart that fails is named with its reason; marts that rest on it
/// fail too. `measure` is told what each computed mart took.
pub async fn add_marts<'p>(
    database: &mut Database,
    marts: impl IntoIterator<Item = &'p Mart>,
    limits: &Limits,
    mut measure: impl FnMut(Step),
) -> Result<BTreeMap<String, QueryError>, AuditError> {
    let mut failed = BTreeMap::new();
    let limits = Limits {
        max_rows: 1 << 40,
        ..*limits
    };
    for mart in marts {
        let watch = Stopwatch::start();
        match database.query(&mart.sql, &limits).await {
            Ok(result) => {
                let rows = result.batches.iter().map(|b| b.num_rows() as u64).sum();
                measure(watch.step(Part::Mart, &mart.name, rows));
                database.add(&mart.name, result.schema, result.batches)?;
            }
            Err(error) => {
                failed.insert(mart.name.clone(), error);
            }
        }
    }
    Ok(failed)
}

/// The rows of a rule, ordered by organisation and key. Equal rows are kept: a rule's tests count them.
pub async fn run_rule(
    database: &Database,
    rule: &Rule,
    limits: &Limits,
) -> Result<Rows, QueryError> {
    let result = database.query(&rule.file.query.sql, limits).await?;
    let columns = result
        .schema
        .fields()
        .iter()
        .map(|f| f.name().clone())
        .collect();
    let mut rows = Rows::read(columns, &result.batches).map_err(QueryError::Failed)?;
    let mut order = Vec::new();
    for column in std::iter::once("organisation").chain(rule.file.key.iter().map(String::as_str)) {
        let position = rows
            .position(column)
            .ok_or_else(|| QueryError::Failed(format!("结果缺少列「{column}」")))?;
        order.push(position);
    }
    rows.rows.sort_by(|a, b| {
        let key = order.iter().map(|&i| a[i].cmp(&b[i])).find(|o| o.is_ne());
        key.unwrap_or_else(|| a.cmp(b))
    });
    Ok(rows)
}
