//! Carrying balances over where the company booked no opening under the new chart: one opening voucher, made by the map and
//! by what the user decided where the map does not know. It is a batch of its own and can be undone like any other.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use super::{Change, TransitionError, top};
use crate::ledger::{LedgerError, post};
use crate::model::voucher::OPENING_WORD;
use crate::model::{Account, Charts, Entry, Money, Period, Source, Text, Voucher, VoucherId};
use crate::pack::Pack;
use crate::store::{Store, batch};

/// Whose balances are carried into which year, by whom.
#[derive(Debug, Clone, Copy)]
pub struct Carry<'a> {
    pub organisation: &'a str,
    pub year: i32,
    /// Old account → new account, where the map's main pair is not wanted; details follow the account above them.
    pub targets: &'a [(String, String)],
    pub by: &'a str,
    pub at: NaiveDateTime,
}

/// What was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    pub batch_id: i64,
    pub voucher: VoucherId,
    pub entries: usize,
    /// Old accounts whose target is not certain and was taken all the same: code, name, new code, how sure.
    pub doubtful: Vec<String>,
}

/// Posts the opening balances of the year.
///
/// # Errors
/// [`TransitionError`]; nothing is written then.
pub async fn carry(
    store: &Store,
    pack: &Pack,
    carry: &Carry<'_>,
) -> Result<Carried, TransitionError> {
    let transaction = store.begin().await?;
    let (organisation, year) = (carry.organisation, carry.year);
    let label = format!("结转新旧科目 {organisation} {year}");
    let batch_id = batch::open_by(&transaction, &label, carry.at, Some(carry.by)).await?;
    let mut change = Change::load(&transaction, pack, organisation, year).await?;
    if !change.opening.is_empty() {
        return Err(TransitionError::HasOpening {
            organisation: organisation.to_owned(),
            year,
        });
    }
    result_accounts(&change)?;
    let plan = Plan::new(&change, carry.targets)?;
    let entries = plan.entries.len();
    let voucher = plan.voucher(carry)?;
    let doubtful = plan.doubtful;
    for account in plan.accounts.into_values() {
        put(&mut change, account);
    }
    let charts: Charts<'_> = change.history.charts();
    post::post_under(&transaction, batch_id, organisation, charts, &[&voucher]).await?;
    transaction.commit().await?;
    Ok(Carried {
        batch_id,
        voucher: voucher.id,
        entries,
        doubtful,
    })
}

/// An account that the new chart lacks goes into the chart of the year.
fn put(change: &mut Change, account: Account) {
    let year = change.year;
    let history = &mut change.history;
    let earlier = history.earlier.iter_mut().find(|e| e.last_year >= year);
    let chart = earlier.map_or(&mut history.latest, |e| &mut e.chart);
    if let Some(parent) = account
        .parent
        .as_ref()
        .and_then(|p| chart.accounts.get_mut(p))
    {
        parent.is_leaf = false;
    }
    chart.accounts.insert(account.code.clone(), account);
}

/// Income and expense must be closed before the chart changes: they have no balance to carry.
fn result_accounts(change: &Change) -> Result<(), TransitionError> {
    let old = change.old_chart();
    let open = change.closing.keys().filter_map(|(code, _)| {
        let account = old.account(code)?;
        (&*account.category == "损益").then(|| format!("{code} {}", account.name))
    });
    let open: Vec<String> = open.collect();
    match open.is_empty() {
        true => Ok(()),
        false => Err(TransitionError::ResultOpen(open.join("、"))),
    }
}

/// New accounts with their balances.
struct Plan {
    /// Account and counterparty → net and the old accounts that it comes from.
    entries: BTreeMap<(String, String), (i128, Vec<String>)>,
    /// Accounts that the new chart lacks.
    accounts: BTreeMap<Text, Account>,
    doubtful: Vec<String>,
}

impl Plan {
    fn new(change: &Change, targets: &[(String, String)]) -> Result<Plan, TransitionError> {
        for (old, new) in targets {
            if change.old_chart().account(old).is_none() {
                let text = format!("{old}={new}:旧科目表里没有 {old}");
                return Err(TransitionError::BadTarget(text));
            }
            if change.new_chart().nearest(new).is_none() {
                let text = format!("{old}={new}:新科目表里没有 {new},也没有它的上级");
                return Err(TransitionError::BadTarget(text));
            }
        }
        let mut plan = Plan {
            entries: BTreeMap::new(),
            accounts: BTreeMap::new(),
            doubtful: Vec::new(),
        };
        let mut unknown = Vec::new();
        for ((code, party), net) in &change.closing {
            match plan.target(change, targets, code) {
                Some(new) => {
                    let entry = plan.entries.entry((new, party.clone())).or_default();
                    entry.0 += net;
                    if !entry.1.contains(code) {
                        entry.1.push(code.clone());
                    }
                }
                None => {
                    let name = change.old_chart().account(code).map_or("", |a| &*a.name);
                    unknown.push(format!("{code} {name}"));
                }
            }
        }
        plan.entries.retain(|_, (net, _)| *net != 0);
        unknown.dedup();
        match unknown.is_empty() {
            true => Ok(plan),
            false => Err(TransitionError::Uncertain(unknown.join("、"))),
        }
    }

    /// The new account of an old one, made where the new chart lacks it. `None`: nobody knows.
    fn target(
        &mut self,
        change: &Change,
        targets: &[(String, String)],
        code: &str,
    ) -> Option<String> {
        let chosen = targets
            .iter()
            .filter(|(old, _)| code.starts_with(old.as_str()))
            .max_by_key(|(old, _)| old.len());
        let (above, new) = match chosen {
            Some((old, new)) => (old.as_str(), new.as_str()),
            None => {
                let head = &*top(change.old_chart(), code)?.code;
                let main = change.map.main(head)?;
                if main.confidence == "uncertain" {
                    return None;
                }
                let several = change.map.pairs.iter().filter(|p| p.old == head).count() > 1;
                if several || main.confidence == "medium" {
                    let text = format!(
                        "{head} {} → {} {}({})",
                        main.old_name,
                        main.new,
                        main.new_name,
                        main.confidence_label()
                    );
                    if !self.doubtful.contains(&text) {
                        self.doubtful.push(text);
                    }
                }
                (main.old.as_str(), main.new.as_str())
            }
        };
        let new = format!("{new}{}", code.get(above.len()..).unwrap_or_default());
        let name = change.old_chart().account(code).map(|a| a.name.clone())?;
        Some(self.account(change, new, code, &name))
    }

    /// The code itself where it is free or means the same; else one that says where it came from.
    fn account(&mut self, change: &Change, new: String, old: &str, name: &Text) -> String {
        let known = change
            .new_chart()
            .account(&new)
            .or(self.accounts.get(&*new));
        if let Some(known) = known {
            // A detail that nobody named has the name of its top account.
            let unnamed = top(change.old_chart(), old).is_none_or(|t| t.name == *name);
            if known.parent.is_none() || known.name == *name || unnamed {
                return new;
            }
            let apart = format!("{new}-{old}");
            self.make(change, &apart, name);
            return apart;
        }
        self.make(change, &new, name);
        new
    }

    fn make(&mut self, change: &Change, code: &str, name: &Text) {
        let Some(parent) = change.new_chart().nearest(code) else {
            return;
        };
        let account = Account {
            code: code.into(),
            name: name.clone(),
            parent: Some(parent.code.clone()),
            is_leaf: true,
            active_from: None,
            active_to: None,
            ..parent.clone()
        };
        self.accounts.insert(code.into(), account);
    }

    fn voucher(&self, carry: &Carry<'_>) -> Result<Voucher, TransitionError> {
        let overflow = || LedgerError::Overflow(carry.organisation.to_owned());
        let first = Period {
            year: carry.year,
            month: 1,
        };
        let date: NaiveDate = first.first_day();
        let mut entries = Vec::with_capacity(self.entries.len());
        for (line, ((account, party), (net, from))) in (1..).zip(&self.entries) {
            let amount = Money(i64::try_from(net.abs()).map_err(|_| overflow())?);
            let (debit, credit) = match *net > 0 {
                true => (amount, Money::ZERO),
                false => (Money::ZERO, amount),
            };
            entries.push(Entry {
                line,
                summary: Some(format!("按新旧科目对照结转,原科目 {}", from.join("、")).into()),
                account: account.as_str().into(),
                debit,
                credit,
                counterparty: (!party.is_empty()).then(|| party.as_str().into()),
                ..Entry::default()
            });
        }
        let id = VoucherId::new(first, OPENING_WORD.into(), "0");
        Ok(Voucher {
            maker: Some(carry.by.into()),
            entered_at: Some(carry.at),
            origin: Some("system".into()),
            ..Voucher::new(id, date, Source::command("sanzi chart-change"), entries)
        })
    }
}
