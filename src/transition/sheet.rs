//! The reconciliation sheet: what stood under the old chart, what the map makes of it, what the company booked.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ConnectionTrait;

use super::map::Group;
use super::{Change, Pair, TransitionError, top};
use crate::ledger::LedgerError;
use crate::model::{Chart, Money, Period, PeriodRange};
use crate::pack::Pack;
use crate::statement::{Kind, Line, Statement};

/// Net amounts by top account, debit positive, 分.
type Nets = BTreeMap<String, i128>;

/// Prepares the sheet for the start of `year`.
///
/// # Errors
/// [`TransitionError::NoChange`], [`TransitionError::NoMap`]; errors of the ledger.
pub async fn sheet<C: ConnectionTrait>(
    connection: &C,
    pack: &Pack,
    organisation: &str,
    year: i32,
) -> Result<Statement, TransitionError> {
    let change = Change::load(connection, pack, organisation, year).await?;
    let overflow = || TransitionError::Ledger(LedgerError::Overflow(organisation.to_owned()));
    let mut out = blank(organisation, &change);
    let filled = fill(&change, &mut out);
    filled.ok_or_else(overflow)?;
    Ok(out)
}

fn blank(organisation: &str, change: &Change) -> Statement {
    let first = Period {
        year: change.year,
        month: 1,
    };
    let (old, old_why) = change.history.charts().with_evidence(change.year - 1);
    let (new, new_why) = change.history.charts().with_evidence(change.year);
    Statement {
        kind: Kind::ChartChange,
        title: "新旧会计科目衔接对照表".to_owned(),
        organisation: organisation.to_owned(),
        name: String::new(),
        range: PeriodRange { first, last: first },
        dated: first.first_day().format("%Y年%-m月%-d日").to_string(),
        columns: [
            "上年年末(旧科目)",
            "按对照表应为",
            "账上年初(新科目)",
            "差额",
        ]
        .map(str::to_owned)
        .into(),
        lines: Vec::new(),
        differences: Vec::new(),
        notes: vec![
            "借方为正,贷方为负;差额为账上年初减按对照表应为。".to_owned(),
            format!("{} 年按{}:{old_why}", change.year - 1, old.standard.label()),
            format!("{} 年按{}:{new_why}", change.year, new.standard.label()),
        ],
    }
}

fn fill(change: &Change, out: &mut Statement) -> Option<()> {
    let (mut closing, mut opening) = (Nets::new(), Nets::new());
    for ((code, _), net) in &change.closing {
        *closing.entry(top_code(change.old(), code)).or_default() += net;
    }
    for (code, net) in &change.opening {
        *opening.entry(top_code(change.new(), code)).or_default() += net;
    }
    if change.opening.is_empty() {
        out.notes
            .push("账上没有年初余额;可以补交期初余额,或用 --carry 按对照表结转。".to_owned());
    }
    let mut mapped = Nets::new();
    for (code, net) in &closing {
        if let Some(main) = change.map.main(code) {
            *mapped.entry(main.new.clone()).or_default() += net;
        }
    }
    let figures = Figures {
        closing,
        mapped,
        opening,
    };
    for group in change.map.groups() {
        figures.group(&group, out)?;
    }
    figures.unmapped(change, out)?;
    let sums = [&figures.closing, &figures.mapped, &figures.opening].map(|n| n.values().sum());
    out.lines.push(line("合计", "合计", true, 0, sums)?);
    Some(())
}

fn top_code(chart: &Chart, code: &str) -> String {
    top(chart, code).map_or(code, |a| &a.code).to_owned()
}

struct Figures {
    closing: Nets,
    mapped: Nets,
    opening: Nets,
}

impl Figures {
    fn of(nets: &Nets, code: &str) -> i128 {
        nets.get(code).copied().unwrap_or(0)
    }

    /// One line for a pair that stands alone; else the sum of the group, its old and its new accounts.
    fn group(&self, group: &Group<'_>, out: &mut Statement) -> Option<()> {
        let sum = |nets: &Nets, codes: &BTreeSet<&str>| {
            codes.iter().map(|c| Figures::of(nets, c)).sum::<i128>()
        };
        let sums = [
            sum(&self.closing, &group.old),
            sum(&self.mapped, &group.new),
            sum(&self.opening, &group.new),
        ];
        let used =
            |nets: &Nets, codes: &BTreeSet<&str>| codes.iter().any(|c| Figures::of(nets, c) != 0);
        if !used(&self.closing, &group.old) && !used(&self.opening, &group.new) {
            return Some(());
        }
        let id: Vec<&str> = group.old.iter().chain(&group.new).copied().collect();
        if let [pair] = group.pairs.as_slice() {
            let mut single = line(&id.join("-"), &pair_label(pair), false, 0, sums)?;
            single.note.clone_from(&pair.part);
            out.lines.push(single);
        } else {
            let names: Vec<&str> = group.new.iter().copied().collect();
            let old: Vec<&str> = group.old.iter().copied().collect();
            let label = format!("{} → {}(合并比较)", old.join("、"), names.join("、"));
            out.lines.push(line(&id.join("-"), &label, true, 0, sums)?);
            self.members(group, out)?;
        }
        let difference = sums[2] - sums[1];
        if difference != 0 {
            let label = format!("{} 年初余额与对照表不符", id.join("-"));
            out.differences
                .push(line("差额", &label, true, 0, [0, sums[1], sums[2]])?);
        }
        Some(())
    }

    fn members(&self, group: &Group<'_>, out: &mut Statement) -> Option<()> {
        for code in &group.old {
            let pairs = group.pairs.iter().filter(|p| p.old == *code);
            let targets: Vec<String> = pairs.clone().map(|p| target(p)).collect();
            let name = pairs.clone().next().map_or("", |p| &p.old_name);
            let label = format!("旧 {code} {name} → {}", targets.join("、"));
            let mut member = line(&format!("旧{code}"), &label, false, 1, [0; 3])?;
            let closing = money(Figures::of(&self.closing, code))?;
            member.amounts = vec![Some(closing), None, None, None];
            member.note = parts(pairs);
            out.lines.push(member);
        }
        for code in &group.new {
            let mut pairs = group.pairs.iter().filter(|p| p.new == *code);
            let name = pairs.next().map_or("", |p| &p.new_name);
            let (mapped, opening) = (
                Figures::of(&self.mapped, code),
                Figures::of(&self.opening, code),
            );
            let label = format!("新 {code} {name}");
            let mut member = line(&format!("新{code}"), &label, false, 1, [0, mapped, opening])?;
            member.amounts[0] = None;
            out.lines.push(member);
        }
        Some(())
    }

    /// Accounts that the map does not have.
    fn unmapped(&self, change: &Change, out: &mut Statement) -> Option<()> {
        let pairs = &change.map.pairs;
        for (code, net) in &self.closing {
            if *net != 0 && !pairs.iter().any(|p| p.old == *code) {
                let name = change.old().account(code).map_or("", |a| &*a.name);
                let label = format!("旧 {code} {name}(不在对照表内)");
                out.lines.push(line(code, &label, false, 0, [*net, 0, 0])?);
                out.differences.push(line(
                    "差额",
                    &format!("{code} {name} 没有去向"),
                    true,
                    0,
                    [*net, 0, 0],
                )?);
            }
        }
        for (code, net) in &self.opening {
            if *net != 0 && !pairs.iter().any(|p| p.new == *code) {
                let name = change.new().account(code).map_or("", |a| &*a.name);
                let label = format!("新 {code} {name}(不在对照表内)");
                out.lines.push(line(code, &label, false, 0, [0, 0, *net])?);
                out.differences.push(line(
                    "差额",
                    &format!("{code} {name} 没有来源"),
                    true,
                    0,
                    [0, 0, *net],
                )?);
            }
        }
        Some(())
    }
}

fn pair_label(pair: &Pair) -> String {
    match pair.old.is_empty() {
        true => format!("(无) → {}", target(pair)),
        false => format!("{} {} → {}", pair.old, pair.old_name, target(pair)),
    }
}

/// `154 固定资产清理(换编码,把握高)`.
fn target(pair: &Pair) -> String {
    format!(
        "{} {}({},{})",
        pair.new,
        pair.new_name,
        pair.kind_label(),
        pair.confidence_label()
    )
}

fn parts<'p>(pairs: impl Iterator<Item = &'p &'p Pair>) -> String {
    let told = pairs.filter(|p| !p.part.is_empty());
    let told: Vec<String> = told.map(|p| format!("{}:{}", p.new, p.part)).collect();
    told.join(";")
}

fn money(fen: i128) -> Option<Money> {
    i64::try_from(fen).ok().map(Money)
}

/// Closing, mapped, opening; the difference follows.
fn line(id: &str, label: &str, total: bool, indent: u32, figures: [i128; 3]) -> Option<Line> {
    let [closing, mapped, opening] = figures;
    let amounts = [closing, mapped, opening, opening - mapped].map(|f| money(f).map(Some));
    Some(Line {
        id: id.to_owned(),
        label: label.to_owned(),
        indent,
        total,
        half: None,
        amounts: amounts.into_iter().collect::<Option<_>>()?,
        parts: Vec::new(),
        note: String::new(),
    })
}
