//! What each organisation lets, what was due, what came in and what is owed: read from the marts that the rent rules rest on, so
//! that the overview, the register of contracts and the rules never tell different arrears.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::engine::{Database, Limits};
use super::execute::add_marts;
use super::rule::RulePack;
use super::run::database_of;
use super::snapshot::Snapshot;
use super::tables::cell::{Cell, Rows};
use super::{AuditError, load};
use crate::model::Money;
use crate::store::Store;

/// Contracts and rent of one organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rent {
    /// Contracts registered, of every kind.
    pub contracts: i64,
    /// Instalments due within the months of the books, less what was waived.
    pub due: Money,
    /// Of that, what the books do not show as received by their last month.
    pub unpaid: Money,
}

/// One instalment of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instalment {
    /// 0: what the tenant owed when the books began.
    pub seq: i64,
    pub due_date: NaiveDate,
    pub period_end: Option<NaiveDate>,
    pub due: Money,
    pub waived: Money,
    /// Settled and unpaid, the oldest instalment first; `None`: due outside the months of the books, which cannot tell.
    pub settled: Option<(Money, Money)>,
}

/// What a voucher settled of a contract's rent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub voucher: String,
    pub date: NaiveDate,
    /// Without and with the tax that goes with it.
    pub net: Money,
    pub gross: Money,
}

/// The rent of one contract.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lease {
    /// In order of their due dates.
    pub instalments: Vec<Instalment>,
    pub receipts: Vec<Receipt>,
    /// All that came in, with advances brought forward: in the reading, with or without tax, that the instalments have.
    pub received: Money,
    /// Last day of the books: what is owed is owed on that day.
    pub books_to: Option<NaiveDate>,
}

impl Lease {
    /// Due within the months of the books, less what was waived.
    pub fn due(&self) -> Money {
        let judged = self.instalments.iter().filter(|i| i.settled.is_some());
        sum(judged.map(|i| Money(i.due.0.saturating_sub(i.waived.0))))
    }

    /// Of that, what has not come in.
    pub fn unpaid(&self) -> Money {
        sum(self.instalments.iter().filter_map(|i| Some(i.settled?.1)))
    }

    /// What is owed, by the days since it was due: one sum a limit, and one for what is older than the last.
    pub fn ageing(&self, limits: &[i64]) -> Vec<Money> {
        let mut out = vec![Money::ZERO; limits.len() + 1];
        for instalment in &self.instalments {
            let (Some((_, unpaid)), Some(end)) = (instalment.settled, self.books_to) else {
                continue;
            };
            let days = (end - instalment.due_date).num_days();
            let at = limits.iter().position(|l| days <= *l);
            let slot = &mut out[at.unwrap_or(limits.len())];
            *slot = Money(slot.0.saturating_add(unpaid.0));
        }
        out
    }
}

fn sum(all: impl Iterator<Item = Money>) -> Money {
    Money(all.fold(0, |sum, m| sum.saturating_add(m.0)))
}

/// Contracts and rent of a street.
#[derive(Debug, Clone, Default)]
pub struct Rents {
    /// By organisation.
    pub sums: BTreeMap<String, Rent>,
    /// By organisation and contract number; contracts that bring no rent are not there.
    pub leases: BTreeMap<(String, String), Lease>,
}

/// The marts with one row an instalment, and one a voucher and contract.
const MARTS: [&str; 2] = ["rent_ledger", "rent_received"];
/// A street's instalments: more than a rule may yield, and few bytes each.
const MAX_ROWS: usize = 20_000_000;

const JUDGED: &str = "SELECT organisation, contract_no, seq, due_date, period_end, due, waived, paid, unpaid, received, books_to \
     FROM rent_ledger ORDER BY organisation, contract_no, due_date, seq";
const OTHERS: &str = "SELECT d.organisation, d.contract_no, d.seq, d.due_date, d.period_end, d.due, COALESCE(d.waived, 0) AS waived \
     FROM rent_due d LEFT ANTI JOIN rent_ledger l \
     ON d.organisation = l.organisation AND d.contract_no = l.contract_no AND d.seq = l.seq";
const RECEIPTS: &str = "SELECT organisation, contract_no, voucher, date, net, gross FROM rent_received \
     WHERE net <> 0 OR gross <> 0 ORDER BY organisation, contract_no, date, voucher";

/// Contracts and rent of all organisations.
///
/// # Errors
/// [`AuditError`] when the store cannot be loaded, or the pack's mart fails.
pub async fn rents(store: &Store, rules: &RulePack) -> Result<Rents, AuditError> {
    let until = load::last_day(store).await?;
    let mut out = Rents::default();
    // One after another: a street's books would not fit beside the pages that wait for this.
    for organisation in load::organisations(store).await? {
        let snapshot = load::load_only(store, rules, until, &organisation).await?;
        out.add(rules, &snapshot).await?;
    }
    out.add_up();
    Ok(out)
}

impl Rents {
    /// The contracts and rent of those in a snapshot.
    async fn add(&mut self, rules: &RulePack, snapshot: &Snapshot) -> Result<(), AuditError> {
        let mut database = database_of(snapshot, rules)?;
        let wanted: BTreeSet<String> = MARTS.map(str::to_owned).into();
        let limits = Limits {
            max_rows: MAX_ROWS,
            ..Limits::default()
        };
        let marts = rules.marts_needed(&wanted);
        let failed = add_marts(&mut database, marts, &limits, |_| {}).await?;
        if let Some((mart, error)) = failed.into_iter().next() {
            return Err(AuditError::Internal(format!("{mart}:{error}")));
        }
        let sql = "SELECT organisation, COUNT(*) AS contracts FROM contract GROUP BY organisation";
        for row in rows(&database, sql, &limits).await?.rows {
            if let [organisation, contracts] = row.as_slice() {
                let rent = self.sums.entry(organisation.machine()).or_default();
                rent.contracts = contracts.machine().parse().unwrap_or(0);
            }
        }
        for row in rows(&database, JUDGED, &limits).await?.rows {
            if let [
                organisation,
                contract,
                instalment @ ..,
                paid,
                unpaid,
                received,
                books_to,
            ] = &row[..]
            {
                let lease = self.lease(organisation, contract);
                lease.received = money(received);
                lease.books_to = books_to.date();
                let settled = Some((money(paid), money(unpaid)));
                lease.instalments.extend(read(instalment, settled));
            }
        }
        for row in rows(&database, OTHERS, &limits).await?.rows {
            if let [organisation, contract, instalment @ ..] = &row[..] {
                let read = read(instalment, None);
                self.lease(organisation, contract).instalments.extend(read);
            }
        }
        for row in rows(&database, RECEIPTS, &limits).await?.rows {
            if let [organisation, contract, voucher, date, net, gross] = &row[..]
                && let Some(date) = date.date()
            {
                let (voucher, net, gross) = (voucher.machine(), money(net), money(gross));
                self.lease(organisation, contract).receipts.push(Receipt {
                    voucher,
                    date,
                    net,
                    gross,
                });
            }
        }
        Ok(())
    }

    fn lease(&mut self, organisation: &Cell, contract: &Cell) -> &mut Lease {
        let key = (organisation.machine(), contract.machine());
        self.leases.entry(key).or_default()
    }

    fn add_up(&mut self) {
        for ((organisation, _), lease) in &mut self.leases {
            lease.instalments.sort_by_key(|i| (i.due_date, i.seq));
            let rent = self.sums.entry(organisation.clone()).or_default();
            rent.due = sum([rent.due, lease.due()].into_iter());
            rent.unpaid = sum([rent.unpaid, lease.unpaid()].into_iter());
        }
    }
}

fn money(cell: &Cell) -> Money {
    cell.money().unwrap_or_default()
}

fn read(cells: &[Cell], settled: Option<(Money, Money)>) -> Option<Instalment> {
    let [seq, due_date, period_end, due, waived] = cells else {
        return None;
    };
    Some(Instalment {
        seq: seq.machine().parse().ok()?,
        due_date: due_date.date()?,
        period_end: period_end.date(),
        due: money(due),
        waived: money(waived),
        settled,
    })
}

pub(super) async fn rows(
    database: &Database,
    sql: &str,
    limits: &Limits,
) -> Result<Rows, AuditError> {
    let internal = |e: String| AuditError::Internal(e);
    let result = database.query(sql, limits).await;
    let result = result.map_err(|e| internal(e.to_string()))?;
    let columns = result.schema.fields().iter().map(|f| f.name().clone());
    Rows::read(columns.collect(), &result.batches).map_err(internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_owed_is_aged_from_its_due_day() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let instalment = |due_date: &str, due, settled: Option<(i64, i64)>| Instalment {
            seq: 1,
            due_date: day(due_date),
            period_end: None,
            due: Money(due),
            waived: Money(1),
            settled: settled.map(|(paid, unpaid)| (Money(paid), Money(unpaid))),
        };
        let lease = Lease {
            instalments: vec![
                instalment("2024-01-01", 101, Some((40, 60))),
                instalment("2024-10-02", 101, Some((0, 100))),
                instalment("2024-10-01", 11, Some((0, 10))),
                instalment("2025-01-01", 101, None),
            ],
            books_to: Some(day("2024-12-31")),
            ..Lease::default()
        };
        assert_eq!((lease.due(), lease.unpaid()), (Money(210), Money(170)));
        assert_eq!(lease.ageing(&[90, 365]), [100, 70, 0].map(Money));
    }
}
