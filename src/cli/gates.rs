//! The tie-out of a company's book, as text.

use super::table::{Align, layout};
use crate::import::gates::Gate;

/// One line a gate: what was checked, how it came out, what was compared or why it could not be.
pub fn as_text(gates: &[Gate]) -> String {
    let rows: Vec<Vec<String>> = gates
        .iter()
        .map(|gate| {
            vec![
                format!("{}", gate.number),
                gate.name.to_owned(),
                gate.outcome.label().to_owned(),
                gate.detail.clone(),
            ]
        })
        .collect();
    let headers = [
        ("勾稽", Align::Right),
        ("核对什么", Align::Left),
        ("结果", Align::Left),
        ("说明", Align::Left),
    ];
    let table = layout(&headers, &rows);
    table.lines().map(|line| format!("  {line}\n")).collect()
}
