//! Consolidated balance sheet of a joint company and its members, or of the whole street: the members' own balance sheets
//! added up in common rows, what they owe each other and their investments in each other eliminated. What the two sides do
//! not agree on stays in and is listed; nothing is forced to fit.

mod form;

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ConnectionTrait;

use crate::ledger::{LedgerError, charts, read};
use crate::model::{Money, PeriodRange, Standard, Value, catalogue, plain_name};
use crate::pack::Pack;
use crate::statement::{Forms, Kind, Line, Options, Statement, StatementError, prepare};
use crate::store::Scan;
use crate::store::registers;
use form::{Common, Role, Row};

/// What to consolidate.
#[derive(Debug, Clone, Copy)]
pub enum Scope<'a> {
    /// An organisation with those that hold shares in it and those that it holds shares in.
    Around(&'a str),
    /// Every organisation with books.
    Street,
}

/// A holding of one member in another, both in scope. The ratio is in millionths of a per cent.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Holding {
    holder: String,
    investee: String,
    ratio: i64,
    paid_in: i64,
}

/// A member with its own balance sheet.
struct Member {
    code: String,
    name: String,
    standard: Standard,
    sheet: Statement,
}

/// Prepares the consolidated balance sheet as of the end of the range.
///
/// # Errors
/// [`StatementError`] of the members' statements or of the common form.
pub async fn consolidate<C: ConnectionTrait + Scan>(
    connection: &C,
    pack: &Pack,
    scope: Scope<'_>,
    range: PeriodRange,
) -> Result<Statement, StatementError> {
    let common = Common::load(pack, &Forms::load(pack)?)?;
    let holdings = holdings(connection).await?;
    let mut notes =
        vec!["各单位可能执行不同会计制度,按共同项目归并;本表格式为本程序自编。".to_owned()];
    let mut members = Vec::new();
    let books: BTreeSet<String> = read::books(connection)
        .await?
        .into_iter()
        .map(|b| b.organisation)
        .collect();
    for code in codes(scope, &books, &holdings) {
        if !books.contains(&code) {
            notes.push(format!("{code} 没有账,未纳入合并。"));
            continue;
        }
        let history = charts::history(connection, &code).await?;
        let standard = history.of(range.last.year).standard;
        let options = Options {
            organisation: &code,
            range,
            kinds: &[Kind::BalanceSheet],
        };
        match prepare(connection, pack, &options).await {
            Ok(mut sheets) => members.extend(sheets.pop().map(|sheet| Member {
                name: sheet.name.clone(),
                code: code.clone(),
                standard,
                sheet,
            })),
            Err(StatementError::Empty { .. }) => {
                notes.push(format!("{code} 到 {} 没有账,未纳入合并。", range.last))
            }
            Err(StatementError::Ledger(LedgerError::NotCarriedOver { year, .. })) => notes.push(
                format!("{code} 自 {year} 年换了科目表,年初余额没有交来,未纳入合并。"),
            ),
            Err(other) => return Err(other),
        }
    }
    if let (Scope::Around(code), true) = (scope, members.is_empty()) {
        read::book(connection, code).await?;
    }
    let mut table = Table::new(&common, &members);
    table.eliminate_balances(&mut notes);
    table.eliminate_investments(&holdings, &mut notes);
    let name = match scope {
        Scope::Around(code) => members
            .iter()
            .find(|m| m.code == code)
            .map_or(String::new(), |m| format!("{}及其成员", m.name)),
        Scope::Street => "全部单位".to_owned(),
    };
    let organisation = match scope {
        Scope::Around(code) => code.to_owned(),
        Scope::Street => "街道".to_owned(),
    };
    Ok(table.statement(organisation, name, range, notes))
}

/// Whether the common form can be used with the forms of the standards.
///
/// # Errors
/// [`StatementError::Pack`]; faults of the standards' forms.
pub fn check(pack: &Pack) -> Result<(), StatementError> {
    Common::load(pack, &Forms::load(pack)?).map(|_| ())
}

fn codes(scope: Scope<'_>, books: &BTreeSet<String>, holdings: &[Holding]) -> BTreeSet<String> {
    match scope {
        Scope::Street => books.clone(),
        Scope::Around(code) => {
            let near = holdings.iter().flat_map(|h| {
                let around = h.holder == code || h.investee == code;
                around.then(|| [h.holder.clone(), h.investee.clone()])
            });
            near.flatten().chain([code.to_owned()]).collect()
        }
    }
}

async fn holdings<C: ConnectionTrait + Scan>(
    connection: &C,
) -> Result<Vec<Holding>, StatementError> {
    let Some(table) = catalogue().table("shareholding") else {
        return Ok(Vec::new());
    };
    let cell = |row: &[Value], name: &str| table.position(name).and_then(|i| row.get(i)).cloned();
    let text = |row: &[Value], name: &str| match cell(row, name) {
        Some(Value::Text(text)) => text.to_string(),
        _ => String::new(),
    };
    let int = |row: &[Value], name: &str| match cell(row, name) {
        Some(Value::Int(n)) => n,
        _ => 0,
    };
    let stored = registers::load(connection, table, None).await?;
    Ok(stored
        .iter()
        .map(|s| Holding {
            holder: text(&s.row.values, "holder"),
            investee: text(&s.row.values, "investee"),
            ratio: int(&s.row.values, "ratio"),
            paid_in: int(&s.row.values, "paid_in"),
        })
        .collect())
}

/// The common rows: each member's amounts, and the eliminations, 分 by row id.
struct Table<'a> {
    common: &'a Common,
    members: &'a [Member],
    own: Vec<BTreeMap<&'a str, i64>>,
    eliminated: BTreeMap<&'a str, i64>,
}

impl<'a> Table<'a> {
    fn new(common: &'a Common, members: &'a [Member]) -> Table<'a> {
        let own = members
            .iter()
            .map(|member| {
                let rows = common.rows.iter().filter(|r| r.sum.is_empty());
                rows.map(|row| (row.id.as_str(), amount(member, row)))
                    .collect()
            })
            .collect();
        Table {
            common,
            members,
            own,
            eliminated: BTreeMap::new(),
        }
    }

    fn eliminate(&mut self, role: Role, fen: i64) {
        let row = self.common.by_role(role);
        *self.eliminated.entry(&row.id).or_default() += fen;
    }

    /// What a member's row says of another member, by counterparty.
    fn between(&self, role: Role, of: &Member, with: &Member) -> i64 {
        let row = self.common.by_role(role);
        let name = plain_name(&with.name);
        let lines = row
            .of(of.standard)
            .iter()
            .filter_map(|id| of.sheet.line(id));
        let parts = lines.flat_map(|l| &l.parts);
        parts
            .filter(|p| !name.is_empty() && plain_name(&p.counterparty) == name)
            .map(|p| p.amounts[0].0)
            .sum()
    }

    fn eliminate_balances(&mut self, notes: &mut Vec<String>) {
        let members = self.members;
        for creditor in members {
            for debtor in members.iter().filter(|m| m.code != creditor.code) {
                let due = self.between(Role::Receivable, creditor, debtor);
                let owed = self.between(Role::Payable, debtor, creditor);
                let agreed = due.min(owed).max(0);
                self.eliminate(Role::Receivable, -agreed);
                self.eliminate(Role::Payable, -agreed);
                if due != owed {
                    notes.push(format!(
                        "往来不符:{} 应收 {} {} 元,对方应付 {} 元,相差 {} 元,相差部分未抵销。",
                        creditor.code,
                        debtor.code,
                        Money(due),
                        Money(owed),
                        Money(due - owed)
                    ));
                }
            }
        }
    }

    /// Investments against the capital they bought; what others than members hold of the investee becomes 少数股东权益.
    fn eliminate_investments(&mut self, holdings: &[Holding], notes: &mut Vec<String>) {
        let members = self.members;
        let position = |code: &str| members.iter().position(|m| m.code == code);
        for (index, investee) in members.iter().enumerate() {
            let own: Vec<&Holding> = holdings
                .iter()
                .filter(|h| h.investee == investee.code && position(&h.holder).is_some())
                .collect();
            if own.is_empty() {
                continue;
            }
            let ratio: i64 = own.iter().map(|h| h.ratio).sum();
            let mut cost = 0;
            for holding in own {
                let holder = position(&holding.holder).unwrap_or(index);
                cost += self.cost(holder, investee, holding, notes);
            }
            if !(0..=WHOLE).contains(&ratio) {
                notes.push(format!(
                    "{} 的持股比例合计超过 100%,投资未抵销。",
                    investee.code
                ));
                continue;
            }
            let amount = |table: &Self, role| {
                table.own[index]
                    .get(table.common.by_role(role).id.as_str())
                    .copied()
                    .unwrap_or(0)
            };
            let parts =
                [Role::Capital, Role::Reserve, Role::Retained].map(|r| (r, amount(self, r)));
            let minority = |fen: i64| fen - share(fen, ratio);
            let capital = parts[0].1;
            self.eliminate(Role::Investment, -cost);
            self.eliminate(Role::Capital, -share(capital, ratio));
            self.eliminate(Role::Difference, share(capital, ratio) - cost);
            for (role, fen) in parts {
                self.eliminate(role, -minority(fen));
                self.eliminate(Role::Minority, minority(fen));
            }
            if share(capital, ratio) != cost {
                notes.push(format!(
                    "成员对 {} 的投资 {} 元,所占资本 {} 元,相差 {} 元,单列一行。",
                    investee.code,
                    Money(cost),
                    Money(share(capital, ratio)),
                    Money(share(capital, ratio) - cost)
                ));
            }
        }
    }

    /// What the holder's books carry for the investee: by counterparty, else what the register says was paid in, as far as
    /// the books carry that much.
    fn cost(
        &self,
        holder: usize,
        investee: &Member,
        holding: &Holding,
        notes: &mut Vec<String>,
    ) -> i64 {
        let member = &self.members[holder];
        let named = self.between(Role::Investment, member, investee);
        if named != 0 {
            return named;
        }
        let row = self.common.by_role(Role::Investment);
        let booked = self.own[holder].get(row.id.as_str()).copied().unwrap_or(0);
        if booked < holding.paid_in {
            notes.push(format!(
                "{} 账上长期投资 {} 元,少于对 {} 的实缴额 {} 元。",
                member.code,
                Money(booked),
                investee.code,
                Money(holding.paid_in)
            ));
        }
        holding.paid_in.min(booked).max(0)
    }

    fn statement(
        &self,
        organisation: String,
        name: String,
        range: PeriodRange,
        notes: Vec<String>,
    ) -> Statement {
        let mut columns: Vec<BTreeMap<&str, i64>> = self.own.clone();
        let mut total: BTreeMap<&str, i64> = BTreeMap::new();
        for (id, fen) in self.own.iter().flatten() {
            *total.entry(id).or_default() += fen;
        }
        let mut whole = total.clone();
        for (id, fen) in &self.eliminated {
            *whole.entry(id).or_default() += fen;
        }
        columns.extend([total, self.eliminated.clone(), whole]);
        let mut lines: Vec<Line> = Vec::new();
        for row in &self.common.rows {
            for column in &mut columns {
                let sum: i64 = row
                    .sum
                    .iter()
                    .map(|id| column.get(id.as_str()).copied().unwrap_or(0))
                    .sum();
                if !row.sum.is_empty() {
                    column.insert(&row.id, sum);
                }
            }
            lines.push(Line {
                id: row.id.clone(),
                label: row.label.clone(),
                indent: u32::from(row.sum.is_empty()),
                total: !row.sum.is_empty(),
                half: None,
                amounts: columns
                    .iter()
                    .map(|c| Some(Money(c.get(row.id.as_str()).copied().unwrap_or(0))))
                    .collect(),
                parts: Vec::new(),
                note: String::new(),
            });
        }
        let at = |id: &str, c: &BTreeMap<&str, i64>| c.get(id).copied().unwrap_or(0);
        let gaps: Vec<Option<Money>> = columns
            .iter()
            .map(|c| {
                Some(Money(
                    at(&self.common.assets, c) - at(&self.common.claims, c),
                ))
            })
            .collect();
        let mut differences = Vec::new();
        if gaps.iter().flatten().any(|m| !m.is_zero()) {
            differences.push(Line {
                id: "差额".to_owned(),
                label: "差额(资产总计减负债和所有者权益总计)".to_owned(),
                indent: 0,
                total: true,
                half: None,
                amounts: gaps,
                parts: Vec::new(),
                note: String::new(),
            });
        }
        let heads = self.members.iter().map(|m| m.code.clone());
        Statement {
            kind: Kind::Consolidated,
            title: self.common.title.clone(),
            organisation,
            name,
            range,
            dated: range.last.last_day().format("%Y年%-m月%-d日").to_string(),
            columns: heads
                .chain(["合计", "抵销", "合并数"].map(str::to_owned))
                .collect(),
            lines,
            differences,
            notes,
        }
    }
}

/// A whole in millionths of a per cent.
const WHOLE: i64 = 100_000_000;

/// The part of an amount, rounded half away from nought.
fn share(fen: i64, ratio: i64) -> i64 {
    let product = i128::from(fen) * i128::from(ratio);
    let half = i128::from(WHOLE) / 2 * product.signum();
    i64::try_from((product + half) / i128::from(WHOLE)).unwrap_or(i64::MAX)
}

fn amount(member: &Member, row: &Row) -> i64 {
    let lines = row
        .of(member.standard)
        .iter()
        .filter_map(|id| member.sheet.line(id));
    lines
        .filter_map(|l| l.amounts.first().copied().flatten())
        .map(|m| m.0)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact_and_round_half_away() {
        assert_eq!(share(1_000, 40_000_000), 400);
        assert_eq!(share(1, 50_000_000), 1);
        assert_eq!(share(-1, 50_000_000), -1);
        assert_eq!(share(i64::MAX / 2, WHOLE), i64::MAX / 2);
    }

    #[test]
    fn the_common_form_names_every_row_that_is_not_a_sum() {
        let pack = Pack::embedded();
        let forms = Forms::load(&pack).unwrap();
        let common = Common::load(&pack, &forms).unwrap();
        for form in forms.iter() {
            let named: BTreeSet<&str> = common
                .rows
                .iter()
                .flat_map(|r| r.of(form.standard))
                .map(String::as_str)
                .collect();
            let missing: Vec<&str> = form
                .balance_sheet
                .rows
                .iter()
                .filter(|r| !r.total && !r.memo && !r.heading)
                .map(|r| r.id.as_str())
                .filter(|id| !named.contains(id))
                .collect();
            // Gross value and depreciation of assets whose net value is named.
            let gross: &[&str] = match form.standard {
                Standard::Village2023 => &["A8", "A9", "A11", "A12", "A17", "A18"],
                Standard::Village2004 => &["10", "11", "19", "20"],
                Standard::SmallEnterprise => &["18", "19"],
                Standard::Enterprise => &[],
            };
            assert_eq!(missing, gross, "{}", form.standard.label());
        }
    }
}
