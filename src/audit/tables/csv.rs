//! CSV text of a rule test → typed rows of a table, in machine form (English codes, plain numbers, ISO dates).

use super::schema::TableSpec;
use crate::model::{ColumnType, Value};

/// The organisation that rows of a test belong to when they name none.
pub const TEST_ORGANISATION: &str = "T";

/// Rows in the order of the table's columns. Columns that are not given are NULL; money columns of the books that are
/// empty are zero, as in real books.
///
/// # Errors
/// A sentence naming line, column and text.
pub fn parse(spec: &TableSpec, text: &str) -> Result<Vec<Vec<Value>>, String> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.trim_start().as_bytes());
    let bad = |error: csv::Error| format!("表 {} 的 CSV 有误:{error}", spec.name);
    let headers = reader.headers().map_err(bad)?.clone();
    let mut at = vec![None; spec.columns.len()];
    for (i, header) in headers.iter().enumerate() {
        let position = spec
            .position(header)
            .ok_or_else(|| format!("表 {} 没有列「{header}」", spec.name))?;
        at[position] = Some(i);
    }
    let mut rows = Vec::new();
    for (number, record) in reader.records().enumerate() {
        let record = record.map_err(bad)?;
        let mut row = Vec::with_capacity(at.len());
        for (column, position) in spec.columns.iter().zip(&at) {
            let cell = position.and_then(|i| record.get(i)).unwrap_or_default();
            let value = Value::parse(cell, column)
                .map_err(|m| format!("表 {} 第{}行:{m}", spec.name, number + 1))?;
            row.push(fill(spec, column, value));
        }
        rows.push(row);
    }
    Ok(rows)
}

fn fill(spec: &TableSpec, column: &crate::model::Column, value: Value) -> Value {
    let empty = value.is_null();
    if empty && column.name == "organisation" && !is_street(&spec.name) {
        Value::Text(TEST_ORGANISATION.into())
    } else if empty && !spec.is_register() && column.kind == ColumnType::Money {
        Value::Int(0)
    } else {
        value
    }
}

/// Tables whose rows may belong to no organisation.
fn is_street(table: &str) -> bool {
    ["kinship", "shareholding", "parameter", "related_person"].contains(&table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::tables::schema;

    #[test]
    fn types_cells_and_fills_what_is_left_out() {
        let rows = parse(
            schema::table("entry").unwrap(),
            "\nvoucher,date,debit,summary\n2024-01-记-0001,2024-01-05,\"1,200.50\",\n",
        )
        .unwrap();
        let spec = schema::table("entry").unwrap();
        let cell = |name: &str| rows[0][spec.position(name).unwrap()].clone();
        assert_eq!(cell("organisation"), Value::Text("T".into()));
        assert_eq!(cell("debit"), Value::Int(120_050));
        assert_eq!(cell("credit"), Value::Int(0));
        assert_eq!(cell("summary"), Value::Null);
    }

    #[test]
    fn names_what_is_wrong() {
        let spec = schema::table("contract").unwrap();
        assert!(
            parse(spec, "contract_no,nonsense\n1,2\n")
                .unwrap_err()
                .contains("nonsense")
        );
        assert!(
            parse(spec, "contract_no,start_date\n1,2023-02-30\n")
                .unwrap_err()
                .contains("2023-02-30")
        );
    }
}
