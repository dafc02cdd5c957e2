//! Statements as JSON. Amounts are texts with two decimals, because a JSON number would be read as a double.

use serde_json::{Value, json};

use crate::model::Money;
use crate::statement::drill::Drill;
use crate::statement::{Line, Part, Statement};

pub fn render(statements: &[Statement]) -> Value {
    let all: Vec<Value> = statements.iter().map(statement).collect();
    json!({ "unit": "元", "statements": all })
}

fn statement(s: &Statement) -> Value {
    json!({
        "kind": s.kind.code(),
        "title": s.title,
        "organisation": s.organisation,
        "name": s.name,
        "period": s.range.to_string(),
        "dated": s.dated,
        "columns": s.columns,
        "lines": s.lines.iter().map(line).collect::<Vec<_>>(),
        "differences": s.differences.iter().map(line).collect::<Vec<_>>(),
        "notes": s.notes,
    })
}

fn line(l: &Line) -> Value {
    json!({
        "id": l.id,
        "label": l.label,
        "indent": l.indent,
        "total": l.total,
        "amounts": l.amounts.iter().map(|m| m.map(|m| m.to_string())).collect::<Vec<_>>(),
        "note": l.note,
        "accounts": l.parts.iter().map(part).collect::<Vec<_>>(),
    })
}

fn part(p: &Part) -> Value {
    json!({
        "account": p.account,
        "name": p.name,
        "counterparty": p.counterparty,
        "amounts": p.amounts.iter().map(Money::to_string).collect::<Vec<_>>(),
    })
}

/// A line with its accounts and the entries under each.
pub fn drill(drill: &Drill) -> Value {
    let parts: Vec<Value> = drill
        .parts
        .iter()
        .map(|(p, entries)| {
            let mut value = part(p);
            value["entries"] = entries
                .iter()
                .map(|e| {
                    json!({
                        "date": e.date.to_string(), "voucher": e.voucher, "line": e.line, "summary": e.summary,
                        "debit": e.debit.to_string(), "credit": e.credit.to_string(),
                        "file": e.source_file, "row": e.source_row,
                    })
                })
                .collect();
            value
        })
        .collect();
    json!({ "unit": "元", "id": drill.id, "label": drill.label, "accounts": parts })
}
