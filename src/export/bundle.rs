//! The hand-in folder. What is read back from it is the same state, and written out again it is the same bytes: rows keep
//! the order in which they came in, values have one form, and nothing in the folder says when or where it was written.

use std::collections::{HashMap, HashSet};

use super::book::{self, BookExport};
use super::folder::{Sheet, Staging};
use super::running::Running;
use super::{ExportError, ExportOptions, Exported};
use crate::import::formats::manifest::{KEY, Manifest};
use crate::ledger::held::{self, OpenHeld};
use crate::model::{
    Account, Chart, Entry, HeldReason, Level, Money, Period, PeriodRange, Standard, Table, Text,
    Value, Voucher, catalogue,
};
use crate::store::{Store, registers};

/// The code of vouchers that only a lock keeps out of the books.
const LOCKED: &str = "账本-2003";

/// Street-level tables.
pub async fn street(
    store: &Store,
    options: &ExportOptions<'_>,
    staging: &Staging,
    exported: &mut Exported,
) -> Result<(), ExportError> {
    manifest(options, staging, "", exported)?;
    for table in catalogue()
        .tables
        .iter()
        .filter(|t| t.level == Level::Street)
    {
        let only = options.org.as_deref();
        register(store, staging, ("", ""), table, only, exported).await?;
    }
    Ok(())
}

/// A company's folder.
pub async fn company(
    export: &BookExport<'_>,
    staging: &Staging,
    exported: &mut Exported,
) -> Result<(), ExportError> {
    let (organisation, folder) = (export.organisation, format!("{}/", export.organisation));
    manifest(export.options, staging, &folder, exported)?;
    accounts(export, staging, &folder, exported)?;
    let mut books = Books::new(export, staging, &folder).await?;
    let mut running = Running::default();
    // A part of a book begins with the balances of its first month, the whole with its own opening balances.
    let first = match export.options.period {
        Some(_) => export.span().ok().map(|span| span.first),
        None => None,
    };
    for month in &export.months {
        let (opening, vouchers) = export.month(*month).await?;
        if first.is_some() {
            running.begin();
            opening.iter().for_each(|o| running.open(o));
        }
        if first == Some(*month) {
            books.begin(*month, &running)?;
        }
        let opening = opening.filter(|_| first.is_none_or(|first| first < *month));
        if first.is_some() {
            vouchers.iter().for_each(|v| running.add(v));
        }
        books.month(*month, opening, vouchers)?;
    }
    books.finish(exported)?;
    let company = |t: &&Table| {
        t.level == Level::Company && !["account", "opening_balance", "voucher"].contains(&&*t.name)
    };
    for table in catalogue().tables.iter().filter(company) {
        let place = (organisation, folder.as_str());
        register(export.store, staging, place, table, None, exported).await?;
    }
    Ok(())
}

fn manifest(
    options: &ExportOptions<'_>,
    staging: &Staging,
    folder: &str,
    exported: &mut Exported,
) -> Result<(), ExportError> {
    let note = Manifest::new(options.ids);
    // A note of a number and a text can be written.
    let text = serde_json::to_string_pretty(&note).unwrap_or_default();
    let mut out = staging.create(&format!("{folder}{KEY}.json"))?;
    out.write(&format!("{text}\n"))?;
    exported.files += 1;
    out.finish()
}

/// A register table of an owner. `only`: of street-level tables, rows of other organisations are left out.
async fn register(
    store: &Store,
    staging: &Staging,
    (owner, folder): (&str, &str),
    table: &'static Table,
    only: Option<&str>,
    exported: &mut Exported,
) -> Result<(), ExportError> {
    let mut sheet = Sheet::new(staging, folder, table, "");
    let column = table.organisation_column();
    let mut failed = None;
    let mut take = |stored: registers::StoredRow| {
        let values = &stored.row.values;
        let of = column.and_then(|c| values.get(c)).and_then(Value::text);
        let foreign = only.is_some_and(|only| of.is_some_and(|of| of != only));
        if foreign || failed.is_some() {
            return Ok(());
        }
        let cells = values.iter().zip(&table.columns);
        let cells: Vec<String> = cells.map(|(v, c)| v.hand_in(&c.kind)).collect();
        failed = sheet.row(&cells).err();
        Ok(())
    };
    registers::each_as_handed_in(store, table, owner, &mut take).await?;
    if let Some(error) = failed {
        return Err(error);
    }
    exported.rows += sheet.rows;
    exported.files += sheet.finish()?;
    Ok(())
}

/// The whole chart in force, and those of the years before a change of standard in files of their own: with them a book
/// means the same under any rule pack.
fn accounts(
    export: &BookExport<'_>,
    staging: &Staging,
    folder: &str,
    exported: &mut Exported,
) -> Result<(), ExportError> {
    let Some(table) = catalogue().table("account") else {
        return Ok(());
    };
    let first = export.options.period.map(|period| period.first.year);
    let earlier = export.history.earlier.iter();
    let earlier = earlier.filter(|e| first.is_none_or(|first| first <= e.last_year));
    let mut charts = vec![(String::new(), &export.history.latest, None)];
    for span in earlier {
        let standard = Some(span.chart.standard);
        charts.push((span.last_year.to_string(), &span.chart, standard));
    }
    for (suffix, chart, standard) in charts {
        let mut sheet = Sheet::new(staging, folder, table, &suffix);
        for account in in_order(chart) {
            sheet.row(&account_row(table, account, standard))?;
        }
        exported.rows += sheet.rows;
        exported.files += sheet.finish()?;
    }
    Ok(())
}

/// A row of 科目. `standard`: of a chart that is no longer in force.
fn account_row(table: &Table, account: &Account, standard: Option<Standard>) -> Vec<String> {
    let text = |t: &Text| Value::Text(t.clone());
    let date = |d: &Option<chrono::NaiveDate>| d.map(Value::Date);
    cells(table, |column| match column {
        "code" => Some(text(&account.code)),
        "name" => Some(text(&account.name)),
        "normal_side" => Some(Value::Text(account.side.code().into())),
        "parent" => account.parent.as_ref().map(text),
        "is_leaf" => Some(Value::Bool(account.is_leaf)),
        "tag" => account.tag.as_ref().map(text),
        "active_from" => date(&account.active_from),
        "active_to" => date(&account.active_to),
        "standard" => standard.map(|s| Value::Text(s.code().into())),
        _ => None,
    })
}

fn cells(table: &Table, value: impl Fn(&str) -> Option<Value>) -> Vec<String> {
    let columns = table.columns.iter();
    columns
        .map(|c| value(&c.name).map_or(String::new(), |v| v.hand_in(&c.kind)))
        .collect()
}

/// Accounts by code, each after the one above it.
fn in_order(chart: &Chart) -> Vec<&Account> {
    let mut children: HashMap<&str, Vec<&Account>> = HashMap::new();
    let (mut out, mut open) = (Vec::new(), Vec::new());
    for account in chart.accounts.values().rev() {
        match account
            .parent
            .as_deref()
            .filter(|p| chart.account(p).is_some())
        {
            Some(parent) => children.entry(parent).or_default().push(account),
            None => open.push(account),
        }
    }
    let mut seen = HashSet::new();
    while let Some(account) = open.pop() {
        if seen.insert(&account.code) {
            out.push(account);
            open.extend(children.get(&*account.code).into_iter().flatten());
        }
    }
    out
}

/// 凭证 and 期初余额 of a company under way.
struct Books<'b> {
    staging: &'b Staging,
    folder: &'b str,
    period: Option<PeriodRange>,
    table: &'static Table,
    opening_table: &'static Table,
    vouchers: Sheet<'b>,
    openings: Sheet<'b>,
    /// Held vouchers that have not found their place yet, in order.
    held: Vec<OpenHeld>,
    left_out: u64,
    written: u64,
    held_written: u64,
    /// Held vouchers of a number that another bears: a file may hold only one of them.
    again: Vec<OpenHeld>,
    numbers: HashSet<String>,
}

impl<'b> Books<'b> {
    async fn new(
        export: &BookExport<'_>,
        staging: &'b Staging,
        folder: &'b str,
    ) -> Result<Books<'b>, ExportError> {
        let table = |name: &str| {
            let table = catalogue().table(name);
            table.ok_or_else(|| ExportError::Profile(format!("缺少 {name} 表")))
        };
        let mut held = held::open(export.store.db(), Some(export.organisation)).await?;
        let period = export.options.period;
        let inside =
            |h: &OpenHeld| period.is_none_or(|p| (p.first..=p.last).contains(&h.voucher.id.period));
        held.retain(inside);
        held.sort_by_key(|h| (h.voucher.id.period, h.voucher.date));
        Ok(Books {
            staging,
            folder,
            period,
            table: table("voucher")?,
            opening_table: table("opening_balance")?,
            vouchers: Sheet::new(staging, folder, table("voucher")?, ""),
            openings: Sheet::new(staging, folder, table("opening_balance")?, ""),
            held,
            left_out: 0,
            written: 0,
            held_written: 0,
            again: Vec::new(),
            numbers: HashSet::new(),
        })
    }

    /// A month's vouchers and those held in it, by date, word and number.
    fn month(
        &mut self,
        month: Period,
        opening: Option<Voucher>,
        vouchers: Vec<Voucher>,
    ) -> Result<(), ExportError> {
        self.held_before(month)?;
        let wanted = self
            .period
            .is_none_or(|p| (p.first..=p.last).contains(&month));
        if !wanted {
            return Ok(());
        }
        let posted: HashSet<Text> = vouchers.iter().chain(&opening).map(identity).collect();
        if let Some(opening) = opening {
            self.opening(&opening)?;
        }
        let here = |h: &OpenHeld| h.voucher.id.period == month;
        let (held, rest) = std::mem::take(&mut self.held).into_iter().partition(here);
        self.held = rest;
        let free = |h: &OpenHeld| !posted.contains(&identity(&h.voucher)) && !is_locked(h);
        let (held, taken): (Vec<OpenHeld>, Vec<OpenHeld>) = held.into_iter().partition(free);
        self.left_out += taken.len() as u64;
        let mut held = held.into_iter().peekable();
        for voucher in &vouchers {
            while let Some(next) = held.next_if(|h| h.voucher.date < voucher.date) {
                self.held(next)?;
            }
            self.voucher(voucher, None)?;
            self.written += 1;
        }
        held.try_for_each(|h| self.held(h))
    }

    /// Held vouchers of months without posted ones.
    fn held_before(&mut self, month: Period) -> Result<(), ExportError> {
        let before = |h: &OpenHeld| h.voucher.id.period < month;
        let (held, rest) = std::mem::take(&mut self.held).into_iter().partition(before);
        self.held = rest;
        let held: Vec<OpenHeld> = held;
        for voucher in held {
            match is_locked(&voucher) {
                true => self.left_out += 1,
                false => self.held(voucher)?,
            }
        }
        Ok(())
    }

    fn held(&mut self, held: OpenHeld) -> Result<(), ExportError> {
        self.held_written += 1;
        if held.voucher.id.is_opening() {
            return self.opening(&held.voucher);
        }
        let nameless = held.voucher.id.number.starts_with('?');
        if !nameless && !self.numbers.insert(held.voucher.id.to_string()) {
            self.again.push(held);
            return Ok(());
        }
        if nameless {
            // Without a number it would be taken for the rest of the voucher above.
            self.vouchers.blank()?;
        }
        self.voucher(&held.voucher, Some(&held))
    }

    fn opening(&mut self, voucher: &Voucher) -> Result<(), ExportError> {
        let year = voucher.id.period.year;
        voucher.entries.iter().try_for_each(|entry| {
            let amounts = [entry.debit, entry.credit];
            self.opening_row(year, &entry.account, &entry.counterparty, amounts)
        })
    }

    /// The balances with which a part of a book begins.
    fn begin(&mut self, month: Period, running: &Running) -> Result<(), ExportError> {
        let standing = running.lines().filter(|(_, line)| line.opening != 0);
        let lines: Vec<(Text, Text, i64)> = standing
            .map(|((account, party), line)| (account.clone(), party.clone(), line.opening))
            .collect();
        lines.into_iter().try_for_each(|(account, party, net)| {
            let party = Some(party).filter(|p| !p.is_empty());
            let amounts = [Money(net.max(0)), Money(net.min(0).saturating_neg())];
            self.opening_row(month.year, &account, &party, amounts)
        })
    }

    fn opening_row(
        &mut self,
        year: i32,
        account: &Text,
        party: &Option<Text>,
        [debit, credit]: [Money; 2],
    ) -> Result<(), ExportError> {
        let row = cells(self.opening_table, |column| {
            Some(match column {
                "year" => Value::Int(i64::from(year)),
                "account" => Value::Text(account.clone()),
                "counterparty" => Value::Text(party.clone()?),
                "debit" => amount(debit),
                "credit" => amount(credit),
                _ => return None,
            })
        });
        self.openings.row(&row)
    }

    fn voucher(&mut self, voucher: &Voucher, held: Option<&OpenHeld>) -> Result<(), ExportError> {
        for entry in &voucher.entries {
            let row = voucher_row(self.table, voucher, entry, held);
            self.vouchers.row(&row)?;
        }
        Ok(())
    }

    fn finish(mut self, exported: &mut Exported) -> Result<(), ExportError> {
        for held in std::mem::take(&mut self.held) {
            match is_locked(&held) {
                true => self.left_out += 1,
                false => self.held(held)?,
            }
        }
        exported.files += self.vouchers.finish()? + self.openings.finish()?;
        let mut suffix = 2;
        let mut again = std::mem::take(&mut self.again);
        while !again.is_empty() {
            let mut numbers = HashSet::new();
            let mut sheet = Sheet::new(self.staging, self.folder, self.table, &suffix.to_string());
            let (now, later): (Vec<OpenHeld>, Vec<OpenHeld>) = again
                .into_iter()
                .partition(|h| numbers.insert(h.voucher.id.to_string()));
            for held in &now {
                for entry in &held.voucher.entries {
                    sheet.row(&voucher_row(self.table, &held.voucher, entry, Some(held)))?;
                }
            }
            exported.files += sheet.finish()?;
            (again, suffix) = (later, suffix + 1);
        }
        exported.vouchers += self.written;
        exported.held += self.held_written;
        exported.left_out += self.left_out;
        Ok(())
    }
}

fn identity(voucher: &Voucher) -> Text {
    voucher.id.to_string().into()
}

fn is_locked(held: &OpenHeld) -> bool {
    held.codes.split(';').any(|c| c == LOCKED)
}

/// Zero is left out: an entry has one side.
fn amount(money: Money) -> Value {
    match money.is_zero() {
        true => Value::Null,
        false => Value::Int(money.0),
    }
}

/// A row of 凭证. A held voucher says its month, because its date may not, and has its date as it was handed in.
fn voucher_row(
    table: &Table,
    voucher: &Voucher,
    entry: &Entry,
    held: Option<&OpenHeld>,
) -> Vec<String> {
    let text = |t: &Option<Text>| t.as_deref().unwrap_or("").to_owned();
    let date = held.map_or_else(|| voucher.date.to_string(), |h| h.date_text.to_string());
    let void = held.is_some_and(|h| h.reason == HeldReason::Void);
    let columns = table.columns.iter();
    columns
        .map(|column| match column.name.as_str() {
            "date" => date.clone(),
            "word" => voucher.id.word.to_string(),
            "number" => book::number(&voucher.id.number),
            "line" => entry.line.to_string(),
            "summary" => text(&entry.summary),
            "account" => entry.account.to_string(),
            "account_name" => text(&entry.account_name),
            "debit" => amount(entry.debit).hand_in(&column.kind),
            "credit" => amount(entry.credit).hand_in(&column.kind),
            "counterparty" => text(&entry.counterparty),
            "contract_no" => text(&entry.contract_no),
            "asset_no" => text(&entry.asset_no),
            "project" => text(&entry.project),
            "fund" => text(&entry.fund),
            "invoice_no" => text(&entry.invoice_no),
            "receipt_no" => text(&entry.receipt_no),
            "bank_txn_no" => text(&entry.bank_txn_no),
            "settlement" => word("settlement", &entry.settlement),
            "attachments" => voucher.attachments.map_or(String::new(), |n| n.to_string()),
            "maker" => text(&voucher.maker),
            "checker" => text(&voucher.checker),
            "poster" => text(&voucher.poster),
            "cashier" => text(&voucher.cashier),
            "entered_at" => voucher.entered_at.map_or(String::new(), book::time),
            "reverses" => text(&voucher.reverses),
            "source" => word("source", &voucher.origin),
            "period" if held.is_some() => voucher.id.period.to_string(),
            "void" if void => "是".to_owned(),
            _ => String::new(),
        })
        .collect()
}

fn word(column: &str, text: &Option<Text>) -> String {
    book::word(column, text.as_deref().unwrap_or("")).to_owned()
}
