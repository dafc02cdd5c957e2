//! Injected violations, a file a family. For every company and every injection one violation is put in with the chance that
//! the options give, where the books are long enough; what was put in is labelled by the key that the rule declares.
//!
//! Whoever adds a rule adds its injection here; the test `generate::every_rule_of_the_pack_can_be_injected` asks for it.

mod asset;
mod contract;
mod disclosure;
mod finance;
mod governance;
mod inventory;
mod joint;
mod journal;
mod ledger;
mod lending;
mod letting;
mod resource;
mod special_fund;
mod spending;
mod statistics;
mod works;

use super::account::A;
use super::book::{Book, Draft, cr, dr};
use super::calendar::{month_of, working_day};
use super::rng::Rng;
use super::{GenerateError, GenerateOptions};

/// A way to break a rule in ordinary business.
#[derive(Debug, Clone, Copy)]
pub struct Injection {
    /// Rule that must find it. Where the same facts break another rule as well, that is labelled too.
    pub rule: &'static str,
    /// Months that the books must have for the violation to happen and to show.
    pub months: u32,
    put: fn(&mut Book) -> Result<(), GenerateError>,
}

impl Injection {
    const fn new(
        rule: &'static str,
        months: u32,
        put: fn(&mut Book) -> Result<(), GenerateError>,
    ) -> Injection {
        Injection { rule, months, put }
    }
}

const FAMILIES: [&[Injection]; 16] = [
    asset::ALL,
    contract::ALL,
    disclosure::ALL,
    finance::ALL,
    governance::ALL,
    inventory::ALL,
    joint::ALL,
    journal::ALL,
    ledger::ALL,
    lending::ALL,
    letting::ALL,
    resource::ALL,
    special_fund::ALL,
    spending::ALL,
    statistics::ALL,
    works::ALL,
];

/// Every injection there is, by family.
pub fn injections() -> impl Iterator<Item = &'static Injection> {
    FAMILIES.into_iter().flatten()
}

/// Draws the rules that a company violates and puts the violations into its queue and registers.
pub fn apply(book: &mut Book, options: &GenerateOptions) -> Result<(), GenerateError> {
    let mut rng = Rng::new(options.seed ^ 0x494E_4A45_4354, u64::from(book.index));
    for injection in injections() {
        // Drawn for every rule, so that the span of the books does not change who violates the others.
        let drawn = rng.chance(options.inject_ppm);
        if drawn && injection.months <= book.months {
            (injection.put)(book)?;
        }
    }
    Ok(())
}

/// A working day about the `day`th of the books' month `month` (0 is the first).
fn day(book: &Book, month: u32, day: u32) -> chrono::NaiveDate {
    working_day(month_of(book.first, month), day)
}

/// A repair paid by bank, without an invoice.
fn repair(date: chrono::NaiveDate, what: &str, fen: i64, party: &str) -> Draft {
    let lines = vec![dr(A::Repair, fen, party), cr(A::Bank, fen, party)];
    Draft::new(date, what, lines)
}

/// Every second company breaks some rules in another way.
fn other_way(book: &Book) -> bool {
    book.index % 2 == 1
}
