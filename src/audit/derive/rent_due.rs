//! The instalments of a lease: taken from 收款计划 where the contract has one, else computed from the contract.
//!
//! Computed: periods of the payment cycle from the start date to the end (or to `until` for an open-ended contract), each
//! due one cycle after the first due date (default: the first day of its period). A period's rent is the yearly rent over
//! the cycles of a year; a period cut short by the end or by a rent-free span pays by days, rounded half up to the fen.
//! The yearly rent is 年租金, else 单价 × 面积 is not guessed: without 年租金, only a one-off 合同总额 is due.

use chrono::NaiveDate;

use super::escalation::Escalation;
use crate::audit::functions::dates::add_months;
use crate::model::date::parse_date;
use crate::model::{RegisterRow, Table, Value};

/// Kinds of contract whose instalments are rent.
const RENT_KINDS: [&str; 4] = ["lease", "land_contract", "land_transfer", "space_operation"];
/// No contract runs longer; also the end of any loop.
const MAX_PERIODS: u32 = 1_200;

/// One instalment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instalment {
    pub contract_no: String,
    pub seq: i64,
    pub due_date: NaiveDate,
    pub period_start: Option<NaiveDate>,
    pub period_end: Option<NaiveDate>,
    /// 分.
    pub due: i64,
    pub waived: i64,
    pub derived: bool,
}

/// A contract's cells by name.
struct Contract<'a> {
    table: &'a Table,
    row: &'a RegisterRow,
}

impl Contract<'_> {
    fn value(&self, column: &str) -> &Value {
        self.table
            .position(column)
            .and_then(|i| self.row.values.get(i))
            .unwrap_or(&Value::Null)
    }
    fn text(&self, column: &str) -> &str {
        self.value(column).text().unwrap_or_default()
    }
    fn date(&self, column: &str) -> Option<NaiveDate> {
        self.value(column).date()
    }
    fn int(&self, column: &str) -> Option<i64> {
        self.value(column).int()
    }
}

/// All instalments of an organisation's rent contracts, by contract and sequence. `until`: open-ended contracts are
/// counted up to this day.
pub fn instalments(
    contract_table: &Table,
    contracts: &[&RegisterRow],
    schedule_table: &Table,
    schedules: &[&RegisterRow],
    until: NaiveDate,
) -> Vec<Instalment> {
    let mut all = Vec::new();
    for row in contracts {
        let contract = Contract {
            table: contract_table,
            row,
        };
        if !RENT_KINDS.contains(&contract.text("kind")) || contract.text("status") == "void" {
            continue;
        }
        let planned = planned(schedule_table, schedules, contract.text("contract_no"));
        if planned.is_empty() {
            all.extend(computed(&contract, until));
        } else {
            all.extend(planned);
        }
    }
    all.sort_by(|a, b| {
        (&a.contract_no, a.seq, a.due_date).cmp(&(&b.contract_no, b.seq, b.due_date))
    });
    all
}

fn planned(table: &Table, schedules: &[&RegisterRow], contract_no: &str) -> Vec<Instalment> {
    let rows = schedules.iter().map(|row| Contract { table, row });
    rows.filter(|r| r.text("contract_no") == contract_no)
        .filter_map(|r| {
            Some(Instalment {
                contract_no: contract_no.to_owned(),
                seq: r.int("seq")?,
                due_date: r.date("due_date")?,
                period_start: None,
                period_end: None,
                due: r.int("due")?,
                waived: r.int("waived").unwrap_or(0),
                derived: false,
            })
        })
        .collect()
}

fn computed(contract: &Contract<'_>, until: NaiveDate) -> Vec<Instalment> {
    let Some(start) = contract.date("start_date") else {
        return Vec::new();
    };
    let end = contract.date("end_date");
    let first_due = contract.date("first_due").unwrap_or(start);
    let months = match contract.text("cycle") {
        "month" => 1,
        "quarter" => 3,
        "half_year" => 6,
        "once" => return once(contract, start, end, first_due),
        // A contract with a yearly rent and no stated cycle pays by the year.
        _ => 12,
    };
    let Some(annual) = contract.int("annual_rent").filter(|a| *a > 0) else {
        return Vec::new();
    };
    let escalation = Escalation::parse(contract.text("escalation"));
    let free = rent_free(contract.text("rent_free"));
    let last = end.unwrap_or(until);
    let mut out = Vec::new();
    for n in 0..MAX_PERIODS {
        let shift = i64::from(n) * months;
        let (Some(from), Some(next), Some(due_date)) = (
            add_months(start, shift),
            add_months(start, shift + months),
            add_months(first_due, shift),
        ) else {
            break;
        };
        if from > last {
            break;
        }
        let Some(full_end) = next.pred_opt() else {
            break;
        };
        let to = full_end.min(end.unwrap_or(full_end));
        // The lease year that a period begins in; the shift is not negative.
        let year = u32::try_from(shift / 12).unwrap_or(0);
        let yearly = escalation.map_or(annual, |e| e.apply(annual, year));
        let days = paid_days(from, to, free);
        let due = share(yearly, months, days, length(from, full_end));
        if due > 0 {
            out.push(Instalment {
                contract_no: contract.text("contract_no").to_owned(),
                seq: i64::from(n) + 1,
                due_date,
                period_start: Some(from),
                period_end: Some(to),
                due,
                waived: 0,
                derived: true,
            });
        }
    }
    out
}

/// 一次性: the whole amount on the first due date.
fn once(
    contract: &Contract<'_>,
    start: NaiveDate,
    end: Option<NaiveDate>,
    due_date: NaiveDate,
) -> Vec<Instalment> {
    let total = contract.int("total_amount").filter(|t| *t > 0);
    total
        .map(|due| Instalment {
            contract_no: contract.text("contract_no").to_owned(),
            seq: 1,
            due_date,
            period_start: Some(start),
            period_end: end,
            due,
            waived: 0,
            derived: true,
        })
        .into_iter()
        .collect()
}

/// `起~止`, both days included.
fn rent_free(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    let (from, to) = text.split_once(['~', '~', '至', '—'])?;
    let span = (parse_date(from)?, parse_date(to)?);
    (span.0 <= span.1).then_some(span)
}

fn length(from: NaiveDate, to: NaiveDate) -> i64 {
    (to - from).num_days() + 1
}

fn paid_days(from: NaiveDate, to: NaiveDate, free: Option<(NaiveDate, NaiveDate)>) -> i64 {
    let covered = free.map_or(0, |(a, b)| length(from.max(a), to.min(b)).max(0));
    length(from, to) - covered
}

/// yearly × months/12 × days/full, rounded half up.
fn share(yearly: i64, months: i64, days: i64, full: i64) -> i64 {
    let (num, den) = (
        i128::from(yearly) * i128::from(months) * i128::from(days),
        12 * i128::from(full.max(1)),
    );
    i64::try_from((2 * num + den).div_euclid(2 * den)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalogue;

    fn rows(table: &str, rows: &[&[(&str, &str)]]) -> Vec<RegisterRow> {
        let table = catalogue().table(table).unwrap();
        rows.iter()
            .map(|cells| {
                let mut values = vec![Value::Null; table.columns.len()];
                for (column, text) in *cells {
                    let i = table.position(column).unwrap();
                    values[i] = Value::parse(text, &table.columns[i]).unwrap();
                }
                RegisterRow {
                    values,
                    source_row: 1,
                }
            })
            .collect()
    }

    fn due(
        contract: &[(&str, &str)],
        schedule: &[&[(&str, &str)]],
        until: &str,
    ) -> Vec<(String, i64)> {
        let mut cells = vec![
            ("contract_no", "HT-1"),
            ("kind", "lease"),
            ("start_date", "2024-01-01"),
        ];
        cells.extend_from_slice(contract);
        let (contracts, schedules) = (
            rows("contract", &[&cells]),
            rows("payment_schedule", schedule),
        );
        instalments(
            catalogue().table("contract").unwrap(),
            &contracts.iter().collect::<Vec<_>>(),
            catalogue().table("payment_schedule").unwrap(),
            &schedules.iter().collect::<Vec<_>>(),
            parse_date(until).unwrap(),
        )
        .into_iter()
        .map(|i| (i.due_date.to_string(), i.due))
        .collect()
    }

    fn list(items: &[(&str, i64)]) -> Vec<(String, i64)> {
        items.iter().map(|(d, n)| ((*d).to_owned(), *n)).collect()
    }

    #[test]
    fn quarters_with_a_first_due_day_of_their_own() {
        let found = due(
            &[
                ("end_date", "2024-12-31"),
                ("annual_rent", "10000.00"),
                ("cycle", "quarter"),
                ("first_due", "2023-12-25"),
            ],
            &[],
            "2024-06-30",
        );
        let expected = [
            ("2023-12-25", 250_000),
            ("2024-03-25", 250_000),
            ("2024-06-25", 250_000),
            ("2024-09-25", 250_000),
        ];
        assert_eq!(found, list(&expected));
    }

    #[test]
    fn rises_free_spans_and_a_short_last_period() {
        let found = due(
            &[
                ("end_date", "2026-06-30"),
                ("annual_rent", "36500.00"),
                ("cycle", "year"),
                ("escalation", "每2年10%"),
                ("rent_free", "2025-01-01~2025-01-10"),
            ],
            &[],
            "2024-12-31",
        );
        // 2025: 355 of 365 days; 2026: 181 of 365 days at 110 %.
        let expected = [
            ("2024-01-01", 3_650_000),
            ("2025-01-01", 3_550_000),
            ("2026-01-01", 1_991_000),
        ];
        assert_eq!(found, list(&expected));
    }

    #[test]
    fn open_ended_contracts_stop_at_the_day_of_the_audit() {
        let found = due(
            &[("annual_rent", "1200.00"), ("cycle", "month")],
            &[],
            "2024-02-15",
        );
        assert_eq!(
            found,
            list(&[("2024-01-01", 10_000), ("2024-02-01", 10_000)])
        );
    }

    #[test]
    fn one_off_schedule_and_void() {
        let once = [
            ("cycle", "once"),
            ("total_amount", "500.00"),
            ("end_date", "2024-12-31"),
        ];
        assert_eq!(
            due(&once, &[], "2024-12-31"),
            list(&[("2024-01-01", 50_000)])
        );
        let planned: &[(&str, &str)] = &[
            ("contract_no", "HT-1"),
            ("seq", "1"),
            ("due_date", "2024-05-01"),
            ("due", "7.00"),
        ];
        assert_eq!(
            due(&once, &[planned], "2024-12-31"),
            list(&[("2024-05-01", 700)])
        );
        assert!(
            due(
                &[("cycle", "once"), ("total_amount", "5"), ("status", "void")],
                &[],
                "2024-12-31"
            )
            .is_empty()
        );
        assert!(due(&[("cycle", "month")], &[], "2024-12-31").is_empty());
    }
}
