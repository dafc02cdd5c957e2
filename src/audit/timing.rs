//! What the steps of a run took: wall time and the CPU time of the whole process meanwhile.

use std::time::{Duration, Instant};

use cpu_time::ProcessTime;

use super::tables::cell::{Cell, Rows, decimal_text};

/// A part of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Load,
    Mart,
    Rule,
    Report,
}

impl Part {
    pub fn label(self) -> &'static str {
        match self {
            Part::Load => "载入",
            Part::Mart => "视图",
            Part::Rule => "规则",
            Part::Report => "报告",
        }
    }
}

/// One step. `cpu` counts the whole process: where rules run side by side it holds the work of the others too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub part: Part,
    /// Mart or rule; empty for the others.
    pub name: String,
    pub rows: u64,
    /// Sum of the rule's `amount` in 元, with all its places; empty without such a column.
    pub amount: String,
    pub wall: Duration,
    pub cpu: Option<Duration>,
}

/// Started when a step begins.
pub struct Stopwatch {
    wall: Instant,
    cpu: Option<ProcessTime>,
}

impl Stopwatch {
    pub fn start() -> Stopwatch {
        Stopwatch {
            wall: Instant::now(),
            cpu: ProcessTime::try_now().ok(),
        }
    }

    pub fn step(&self, part: Part, name: &str, rows: u64) -> Step {
        Step {
            part,
            name: name.to_owned(),
            rows,
            amount: String::new(),
            wall: self.wall.elapsed(),
            cpu: self.cpu.and_then(|start| start.try_elapsed().ok()),
        }
    }

    /// The step of a rule with its result, if it had one.
    pub fn rule(&self, id: &str, rows: Option<&Rows>) -> Step {
        let count = rows.map_or(0, |r| r.rows.len() as u64);
        Step {
            amount: rows.map(total).unwrap_or_default(),
            ..self.step(Part::Rule, id, count)
        }
    }
}

/// Sum of the `amount` column, exact; empty where there is none or it leaves 128 bits.
fn total(rows: &Rows) -> String {
    let Some(column) = rows.position("amount") else {
        return String::new();
    };
    let (mut sum, mut places) = (Some(0i128), 0);
    for row in &rows.rows {
        let (raw, scale) = match &row[column] {
            Cell::Decimal { raw, scale } => (*raw, *scale),
            Cell::Int(n) => (i128::from(*n), 0),
            _ => continue,
        };
        // One column has one scale.
        places = scale;
        sum = sum.and_then(|s| s.checked_add(raw));
    }
    sum.map(|s| decimal_text(s, places)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_added_exactly_and_blanks_skipped() {
        let amount = |raw| vec![Cell::Decimal { raw, scale: 2 }];
        let rows = |column: &str, rows| Rows {
            columns: vec![column.to_owned()],
            rows,
        };
        let watch = Stopwatch::start();
        let some = rows("amount", vec![amount(10), vec![Cell::Null], amount(-275)]);
        let step = watch.rule("C-012", Some(&some));
        assert_eq!((step.rows, step.amount.as_str()), (3, "-2.65"));
        let none = rows("area", vec![amount(1)]);
        assert_eq!(watch.rule("C-016", Some(&none)).amount, "");
        let huge = rows("amount", vec![amount(i128::MAX), amount(1)]);
        assert_eq!(watch.rule("C-016", Some(&huge)).amount, "");
    }
}
