//! From a line to the vouchers under it: line → accounts and counterparties → entries of the months stated.

use std::collections::BTreeSet;

use sea_orm::ConnectionTrait;

use super::facts::named_accounts;
use super::prepare::form_of;
use super::{Forms, Kind, Part, Statement, StatementError};
use crate::ledger::account_ledger::{self, account_ledger};
use crate::pack::Pack;

/// The accounts of one line and the entries behind them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drill {
    pub id: String,
    pub label: String,
    pub parts: Vec<(Part, Vec<account_ledger::Line>)>,
}

/// Opens the line `row`. Income statements show the entries that the turnover counts, without closing entries.
///
/// # Errors
/// [`StatementError::UnknownRow`]; errors of the ledger.
pub async fn drill<C: ConnectionTrait>(
    connection: &C,
    pack: &Pack,
    statement: &Statement,
    row: &str,
) -> Result<Drill, StatementError> {
    let line = statement
        .line(row)
        .ok_or_else(|| StatementError::UnknownRow {
            row: row.to_owned(),
            known: statement
                .lines
                .iter()
                .map(|l| l.id.as_str())
                .collect::<Vec<_>>()
                .join("、"),
        })?;
    let (organisation, range) = (statement.organisation.as_str(), statement.range);
    let mut closing = BTreeSet::new();
    if matches!(statement.kind, Kind::Income | Kind::Flows) {
        let forms = Forms::load(pack)?;
        let year = range.last.year;
        let (form, history) = form_of(connection, &forms, organisation, year).await?;
        for (account, named) in named_accounts(history.of(year), form) {
            if !named.head.is_some_and(|h| form.is_retained(&h)) {
                continue;
            }
            let ledger = account_ledger(connection, organisation, &account, range).await?;
            closing.extend(ledger.lines.into_iter().map(|l| l.voucher));
        }
    }
    let mut parts = Vec::new();
    for part in &line.parts {
        let ledger = account_ledger(connection, organisation, &part.account, range).await?;
        let own = |l: &account_ledger::Line| {
            l.account == part.account
                && l.counterparty == part.counterparty
                && !closing.contains(&l.voucher)
        };
        parts.push((part.clone(), ledger.lines.into_iter().filter(own).collect()));
    }
    Ok(Drill {
        id: line.id.clone(),
        label: line.label.clone(),
        parts,
    })
}
