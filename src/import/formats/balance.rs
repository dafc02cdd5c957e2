//! Balances of a data interface: those of every month to tie out with, those of the first month as the book's opening.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::import::codes::{self, Code};
use crate::import::handin::SetAside;
use crate::import::table::Grid;
use crate::model::{Money, Period, Place, Problem};

use super::build::field;
use super::collect::Record;
use super::profile::{FormatProfile, Kind};

/// The balances of one file.
#[derive(Debug, Default)]
pub struct Balances {
    rows: Vec<Balance>,
    accounts: Vec<AccountBalance>,
    bad: Vec<Bad>,
    /// Year of the first voucher.
    pub voucher_year: Option<i32>,
    /// The month to whose end the accounts' closing balances belong.
    pub last: Option<Period>,
}

/// Whose balance a record is, below the account.
#[derive(Debug)]
pub struct Detail {
    /// It has auxiliary items.
    pub is_detail: bool,
    pub party: Option<String>,
    /// The account's side, for interfaces whose balances are seen from there. `Some(true)`: debit.
    pub account_side: Option<bool>,
}

/// One record. Amounts in 分, balances positive on the debit side.
#[derive(Debug)]
struct Balance {
    number: u32,
    year: Option<i32>,
    month: u32,
    account: String,
    of: Detail,
    amounts: Amounts,
}

#[derive(Debug, Clone, Copy, Default)]
struct Amounts {
    opening: i64,
    debit: i64,
    credit: i64,
    closing: i64,
}

/// Balances that stand on an account itself: opening and closing, each debit and credit as handed in.
#[derive(Debug)]
struct AccountBalance {
    number: u32,
    account: String,
    texts: [String; 4],
}

/// A record that cannot be read.
#[derive(Debug)]
struct Bad {
    number: u32,
    code: &'static Code,
    column: &'static str,
    message: &'static str,
    found: String,
}

/// What the balances come to.
#[derive(Debug, Default)]
pub struct Made {
    pub opening: Grid,
    pub stated: Grid,
    pub aside: Vec<SetAside>,
    pub problems: Vec<Problem>,
}

impl Balances {
    /// Balances of an account's own record.
    pub fn of_account(&mut self, number: u32, record: &Record<'_>) {
        let names = [
            "opening_debit",
            "opening_credit",
            "closing_debit",
            "closing_credit",
        ];
        let texts = names.map(|n| field(record, Kind::Account, n).to_owned());
        if texts.iter().any(|t| !t.is_empty()) {
            self.accounts.push(AccountBalance {
                number,
                account: field(record, Kind::Account, "code").to_owned(),
                texts,
            });
        }
    }

    /// A record of the balance table.
    pub fn add(&mut self, number: u32, record: &Record<'_>, of: Detail, profile: &FormatProfile) {
        match read(number, record, of, profile) {
            Ok(balance) => self.rows.push(balance),
            Err(bad) => self.bad.push(bad),
        }
    }
}

fn read(
    number: u32,
    record: &Record<'_>,
    of: Detail,
    profile: &FormatProfile,
) -> Result<Balance, Bad> {
    let get = |name: &str| field(record, Kind::Balance, name);
    let bad = |code, column, message, found: &str| Bad {
        number,
        code,
        column,
        message,
        found: found.to_owned(),
    };
    let money = |column: &'static str, name: &str| {
        let text = get(name);
        match text {
            "" => Ok(0),
            text => Money::parse(text)
                .map(|m| m.0)
                .map_err(|_| bad(codes::MONEY_BAD, column, "不是金额", text)),
        }
    };
    let section = profile.section(Kind::Balance);
    let has_sides = section.is_some_and(|s| s.fields.contains_key("opening_side"));
    let net = |column: &'static str, side: &str, name: &str| {
        let amount = money(column, name)?;
        let told = match has_sides {
            true => profile.side(get(side)),
            false => of.account_side,
        };
        match told {
            Some(true) => Ok(amount),
            Some(false) => Ok(-amount),
            None if amount == 0 => Ok(0),
            None => Err(bad(codes::SIDE_BAD, column, "没有余额方向", get(side))),
        }
    };
    let text = super::build::period(get("year"), get("month"));
    let (year, month) = match Period::parse(&text) {
        Ok(period) => (Some(period.year), period.month),
        Err(_) => {
            let month = get("month")
                .trim_end_matches(".00000")
                .trim_end_matches(".0");
            let month = month.parse().ok().filter(|m| *m <= 12);
            let bad = || bad(codes::PERIOD_BAD, "期间", "不是会计期间", get("month"));
            (get("year").parse().ok(), month.ok_or_else(bad)?)
        }
    };
    let amounts = Amounts {
        opening: net("期初余额", "opening_side", "opening")?,
        debit: money("本期借方", "debit")?,
        credit: money("本期贷方", "credit")?,
        closing: net("期末余额", "closing_side", "closing")?,
    };
    Ok(Balance {
        number,
        year,
        month,
        account: get("account").to_owned(),
        of,
        amounts,
    })
}

/// Year, month, account.
type Key = (i32, u32, String);

/// Turns balances into the tables 期初余额 and 科目余额. `year` is that of records that name none.
pub fn tables(balances: Balances, year: Option<i32>, place: &Place) -> Made {
    let mut made = Made::default();
    for bad in &balances.bad {
        let at = Place {
            row: Some(bad.number),
            column: Some(bad.column.to_owned()),
            ..place.clone()
        };
        made.problems.push(bad.code.at(at, bad.message, &bad.found));
        made.aside.push(aside(bad.number, "无法读取"));
    }
    let mut groups: BTreeMap<Key, Vec<&Balance>> = BTreeMap::new();
    for row in &balances.rows {
        match row.year.or(year) {
            Some(year) => groups
                .entry((year, row.month, row.account.clone()))
                .or_default()
                .push(row),
            None => {
                let at = Place {
                    row: Some(row.number),
                    ..place.clone()
                };
                made.problems
                    .push(codes::PERIOD_BAD.at(at, "不知道是哪一年的余额", ""));
                made.aside.push(aside(row.number, "无法读取"));
            }
        }
    }
    let mut own: BTreeMap<(i32, u32), BTreeMap<&str, i64>> = BTreeMap::new();
    for at in openings(&groups) {
        own.insert(at, own_balances(&balances_at(&groups, at, |a| a.opening)));
    }
    let mut used = HashSet::new();
    for ((year, month, account), rows) in &groups {
        let total = total(rows);
        if let Some(own) = own.get(&(*year, *month)) {
            let opening = own.get(account.as_str()).copied().unwrap_or(0);
            let own = Total {
                amounts: Amounts {
                    opening,
                    ..total.amounts
                },
                ..total
            };
            open(&mut made.opening, *year, account, rows, &own, &mut used);
        }
        if *month > 0 {
            state(&mut made.stated, *year, *month, account, &total);
            used.insert(total.number);
        }
    }
    let rest = balances.rows.iter().map(|r| r.number);
    let known: HashSet<u32> = made.aside.iter().map(|a| a.row).collect();
    let unused = rest.filter(|n| !used.contains(n) && !known.contains(n));
    made.aside.extend(unused.map(|n| aside(n, "辅助明细")));
    made.aside.sort_by_key(|a| a.row);
    of_accounts(&balances, year, &mut made);
    made
}

/// The months whose openings are the book's: the first of all, and the first of a year that does not begin where the
/// year before ended.
fn openings(groups: &BTreeMap<Key, Vec<&Balance>>) -> Vec<(i32, u32)> {
    let months: BTreeSet<(i32, u32)> = groups.keys().map(|(y, m, _)| (*y, *m)).collect();
    let (mut out, mut before) = (Vec::new(), None);
    for at in months {
        let begins = match before {
            None => true,
            Some((year, _)) if year == at.0 => false,
            Some(last) => {
                let mut closing = balances_at(groups, last, |a| a.closing);
                let mut opening = balances_at(groups, at, |a| a.opening);
                closing.retain(|_, net| *net != 0);
                opening.retain(|_, net| *net != 0);
                closing != opening
            }
        };
        if begins {
            out.push(at);
        }
        before = Some(at);
    }
    out
}

/// One balance of every account in a month.
fn balances_at<'g>(
    groups: &'g BTreeMap<Key, Vec<&Balance>>,
    at: (i32, u32),
    of: fn(&Amounts) -> i64,
) -> BTreeMap<&'g str, i64> {
    let rows = groups.range((at.0, at.1, String::new())..(at.0, at.1 + 1, String::new()));
    rows.map(|((_, _, account), rows)| (account.as_str(), of(&total(rows).amounts)))
        .collect()
}

/// What stands on each account itself. Where accounts include those below them (the top accounts alone add up to zero),
/// the accounts below are taken off; otherwise balances are left as they are.
fn own_balances<'g>(balances: &BTreeMap<&'g str, i64>) -> BTreeMap<&'g str, i64> {
    let above = |code: &str| {
        let ends = (1..code.len()).rev().filter_map(|end| code.get(..end));
        let mut codes = ends.map(|c| c.trim_end_matches(['.', '-']));
        codes.find_map(|c| balances.get_key_value(c).map(|(c, _)| *c))
    };
    let parents: Vec<(&str, Option<&str>)> = balances.keys().map(|c| (*c, above(c))).collect();
    let tops = parents.iter().filter(|(_, above)| above.is_none());
    let sum: i128 = tops.map(|(code, _)| i128::from(balances[code])).sum();
    let mut own = balances.clone();
    if sum == 0 {
        for (code, above) in parents {
            let net = balances[code];
            if let Some(own) = above.and_then(|above| own.get_mut(above)) {
                *own = own.saturating_sub(net);
            }
        }
    }
    own
}

fn aside(row: u32, kind: &str) -> SetAside {
    SetAside {
        row,
        kind: kind.to_owned(),
        text: String::new(),
    }
}

/// The account's figures: its plain records, or where there are none the sum of its details.
#[derive(Clone, Copy)]
struct Total {
    number: u32,
    amounts: Amounts,
}

fn total(rows: &[&Balance]) -> Total {
    let has_plain = rows.iter().any(|r| !r.of.is_detail);
    let counted = rows.iter().filter(|r| !(has_plain && r.of.is_detail));
    let mut total = Total {
        number: 0,
        amounts: Amounts::default(),
    };
    for row in counted {
        if total.number == 0 {
            total.number = row.number;
        }
        let (sum, own) = (&mut total.amounts, &row.amounts);
        sum.opening = sum.opening.saturating_add(own.opening);
        sum.debit = sum.debit.saturating_add(own.debit);
        sum.credit = sum.credit.saturating_add(own.credit);
        sum.closing = sum.closing.saturating_add(own.closing);
    }
    total
}

/// The opening of one account: by party where the details add up to the account's balance, else in one sum.
fn open(
    grid: &mut Grid,
    year: i32,
    account: &str,
    rows: &[&Balance],
    total: &Total,
    used: &mut HashSet<u32>,
) {
    let mut lines = by_party(rows, total).unwrap_or_default();
    if lines.is_empty() {
        lines.insert("", (total.number, total.amounts.opening));
    }
    if grid.is_empty() {
        let header = ["年度", "科目编码", "往来单位", "借方", "贷方"];
        grid.push(0, header.into_iter());
    }
    for (party, (number, net)) in lines.into_iter().filter(|(_, (_, net))| *net != 0) {
        let (debit, credit) = sides(net);
        let year = year.to_string();
        let row = [year.as_str(), account, party, &debit, &credit];
        grid.push(number, row.into_iter());
        used.insert(number);
    }
}

/// An account's opening by party, what belongs to none under the empty name. `None`: its details are no split of it.
fn by_party<'b>(rows: &[&'b Balance], total: &Total) -> Option<BTreeMap<&'b str, (u32, i64)>> {
    let details = || rows.iter().filter(|r| r.of.is_detail);
    let sum: i128 = details().map(|r| i128::from(r.amounts.opening)).sum();
    let rest = i64::try_from(i128::from(total.amounts.opening) - sum).ok()?;
    let mut lines: BTreeMap<&str, (u32, i64)> = BTreeMap::new();
    let mut distinct = true;
    for row in details() {
        let party = row.of.party.as_deref().unwrap_or("");
        distinct &= !party.is_empty() && !lines.contains_key(party);
        let line = lines.entry(party).or_insert((row.number, 0));
        line.1 = line.1.saturating_add(row.amounts.opening);
    }
    // Details that overlap cannot be told from what has no party: then the account's sum is all that is sure.
    match rest {
        0 => Some(lines),
        rest if distinct => {
            lines.insert("", (total.number, rest));
            Some(lines)
        }
        _ => None,
    }
}

fn state(grid: &mut Grid, year: i32, month: u32, account: &str, total: &Total) {
    begin_stated(grid);
    let amounts = &total.amounts;
    let (opening_debit, opening_credit) = sides(amounts.opening);
    let (closing_debit, closing_credit) = sides(amounts.closing);
    let row = [
        year.to_string(),
        month.to_string(),
        account.to_owned(),
        opening_debit,
        opening_credit,
        Money(amounts.debit).to_string(),
        Money(amounts.credit).to_string(),
        closing_debit,
        closing_credit,
    ];
    grid.push(total.number, row.iter().map(String::as_str));
}

fn begin_stated(grid: &mut Grid) {
    if grid.is_empty() {
        let header = [
            "年度",
            "期间",
            "科目编码",
            "期初借方",
            "期初贷方",
            "本期借方",
            "本期贷方",
            "期末借方",
            "期末贷方",
        ];
        grid.push(0, header.into_iter());
    }
}

/// A balance as debit and credit.
fn sides(net: i64) -> (String, String) {
    let (debit, credit) = (net.max(0), net.min(0).saturating_neg());
    (Money(debit).to_string(), Money(credit).to_string())
}

/// Balances that stand on the accounts themselves.
fn of_accounts(balances: &Balances, year: Option<i32>, made: &mut Made) {
    let Some(year) = year else { return };
    for balance in &balances.accounts {
        let [debit, credit, closing_debit, closing_credit] = &balance.texts;
        if made.opening.is_empty() {
            let header = ["年度", "科目编码", "往来单位", "借方", "贷方"];
            made.opening.push(0, header.into_iter());
        }
        let text = year.to_string();
        let row = [&text, balance.account.as_str(), "", debit, credit];
        made.opening.push(balance.number, row.into_iter());
        let Some(last) = balances.last else { continue };
        if closing_debit.is_empty() && closing_credit.is_empty() {
            continue;
        }
        begin_stated(&mut made.stated);
        let (year, month) = (last.year.to_string(), last.month.to_string());
        let row = [
            &year,
            &month,
            balance.account.as_str(),
            "",
            "",
            "",
            "",
            closing_debit,
            closing_credit,
        ];
        made.stated.push(balance.number, row.into_iter());
    }
}
