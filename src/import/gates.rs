//! The tie-out gates: what a book is checked against, each passed, failed, or not possible and why.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::codes::{self, Code};
use super::handin::{CompanyHandIn, FileAccount};
use super::stated::Compared;
use super::words::RowWords;
use crate::model::voucher::serial;
use crate::model::{HeldReason, HeldVoucher};

/// How a gate came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Passed,
    Failed,
    /// What it needs was not handed in.
    NotPossible,
}

impl Outcome {
    pub fn label(self) -> &'static str {
        match self {
            Outcome::Passed => "通过",
            Outcome::Failed => "不符",
            Outcome::NotPossible => "不能核对",
        }
    }
}

/// One gate of a company's book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gate {
    /// From 1, always the same for the same check.
    pub number: u8,
    pub name: &'static str,
    pub outcome: Outcome,
    /// What was compared, how many differ, or why it cannot be compared.
    pub detail: String,
}

/// Runs all gates over a company that has been put together.
pub fn check(
    company: &CompanyHandIn,
    compared: &Compared,
    files: &[FileAccount],
    words: &RowWords,
) -> Vec<Gate> {
    let gates = [
        ("每张凭证借贷平衡", balanced(company)),
        ("合计行与明细相符", totals(company, files, words)),
        ("期初余额借贷平衡", openings(company)),
        (
            "期初、发生额、期末与科目余额表相符",
            stated(company, compared),
        ),
        ("科目余额表上级等于下级之和", children(compared)),
        ("科目都在科目表中", accounts(company)),
        ("凭证号连续、不重复", numbers(company)),
        ("日期在会计期间内", dates(company)),
        ("会计制度", standard(company)),
        ("每一行都有去处", rows(files)),
    ];
    (1..)
        .zip(gates)
        .map(|(number, (name, (outcome, detail)))| Gate {
            number,
            name,
            outcome,
            detail,
        })
        .collect()
}

type Result = (Outcome, String);

fn count(company: &CompanyHandIn, wanted: &[&Code]) -> usize {
    let problems = company.problems.iter();
    problems
        .filter(|p| wanted.iter().any(|code| code.code == p.code))
        .count()
}

/// Failed by problems of some codes; otherwise passed with what was looked at.
fn by_problems(company: &CompanyHandIn, wanted: &[&Code], passed: String) -> Result {
    match count(company, wanted) {
        0 => (Outcome::Passed, passed),
        n => (Outcome::Failed, format!("{n} 处,见问题清单")),
    }
}

fn not_possible(why: &str) -> Result {
    (Outcome::NotPossible, why.to_owned())
}

/// A list of heads leaves nothing but the voided ones: without the others these say nothing of gaps.
fn has_no_vouchers(company: &CompanyHandIn) -> bool {
    let is_void = |held: &HeldVoucher| held.reason == HeldReason::Void;
    company.vouchers.is_empty() && company.held.iter().all(is_void)
}

const NO_VOUCHERS: &str = "没有交来凭证";

fn balanced(company: &CompanyHandIn) -> Result {
    if has_no_vouchers(company) {
        return not_possible(NO_VOUCHERS);
    }
    let wanted = [codes::UNBALANCED, codes::SINGLE_ENTRY, codes::ENTRY_SIDES];
    let total: i128 = company
        .vouchers
        .iter()
        .map(|v| i128::from(v.debit().0))
        .sum();
    let total = i64::try_from(total).map_or_else(
        |_| "很大".to_owned(),
        |fen| crate::model::Money(fen).grouped(),
    );
    let passed = format!("{} 张凭证,借方、贷方合计各 {total}", company.vouchers.len());
    by_problems(company, &wanted, passed)
}

fn totals(company: &CompanyHandIn, files: &[FileAccount], words: &RowWords) -> Result {
    let is_total = |kind: &String| words.totals.contains(kind) || words.carried.contains(kind);
    let rows = files.iter().flat_map(|f| &f.set_aside);
    match rows.filter(|aside| is_total(&aside.kind)).count() {
        0 => not_possible("没有可核对的合计行"),
        n => {
            let wanted = [codes::TOTAL_DIFFERS, codes::CARRIED_DIFFERS];
            by_problems(company, &wanted, format!("{n} 行"))
        }
    }
}

fn openings(company: &CompanyHandIn) -> Result {
    let held = company.held.iter().filter(|h| h.voucher.id.is_opening());
    match company.openings.len() + held.count() {
        0 => not_possible("没有交来期初余额"),
        n => by_problems(company, &[codes::OPENING_UNBALANCED], format!("{n} 年")),
    }
}

fn stated(company: &CompanyHandIn, compared: &Compared) -> Result {
    if compared.rows == 0 {
        return not_possible("没有交来科目余额表");
    }
    if compared.without_books {
        return not_possible(NO_VOUCHERS);
    }
    let mut detail = format!("{} 行", compared.rows);
    if compared.differences > 0 {
        detail.push_str(&format!(
            ",{} 处不符,逐科目列在问题清单",
            compared.differences
        ));
    }
    let held = company
        .held
        .iter()
        .filter(|h| h.reason == HeldReason::Defective);
    match held.count() {
        0 => {}
        n => detail.push_str(&format!(";有 {n} 张待纠正凭证不在账内")),
    }
    if !compared.unopened.is_empty() {
        let spans: Vec<&str> = compared.unopened.iter().map(String::as_str).collect();
        detail.push_str(&format!(
            ";{} 的期初不能核对:没有交来此前的期初余额和凭证",
            spans.join("、")
        ));
    }
    match compared.differences {
        0 => (Outcome::Passed, detail),
        _ => (Outcome::Failed, detail),
    }
}

fn children(compared: &Compared) -> Result {
    match (compared.rows, compared.parents, compared.parents_differ) {
        (0, ..) => not_possible("没有交来科目余额表"),
        (_, 0, _) => not_possible("科目余额表只有一级科目"),
        (_, n, 0) => (Outcome::Passed, format!("{n} 个上级科目")),
        (_, n, wrong) => (Outcome::Failed, format!("{n} 个上级科目中 {wrong} 个不符")),
    }
}

fn accounts(company: &CompanyHandIn) -> Result {
    if has_no_vouchers(company) {
        return not_possible(NO_VOUCHERS);
    }
    let entries = company.vouchers.iter().flat_map(|v| &v.entries);
    let used: BTreeSet<&str> = entries.map(|e| &*e.account).collect();
    let wanted = [codes::ACCOUNT_UNKNOWN, codes::ACCOUNT_CLOSED];
    by_problems(company, &wanted, format!("用到 {} 个科目", used.len()))
}

fn dates(company: &CompanyHandIn) -> Result {
    if has_no_vouchers(company) {
        return not_possible(NO_VOUCHERS);
    }
    let periods = company.vouchers.iter().map(|v| v.id.period);
    let span = periods.clone().min().zip(periods.max());
    let passed = span.map_or_else(String::new, |(first, last)| format!("{first} 至 {last}"));
    by_problems(company, &[codes::OUTSIDE_PERIOD, codes::DATE_BAD], passed)
}

fn standard(company: &CompanyHandIn) -> Result {
    let evidence = company.chart_evidence.clone();
    match count(company, &[codes::STANDARD_DIFFERS, codes::STANDARD_UNKNOWN]) {
        0 if company.vouchers.is_empty() => (Outcome::NotPossible, evidence),
        0 => (Outcome::Passed, format!("{},请确认", evidence)),
        _ => (Outcome::Failed, evidence),
    }
}

fn rows(files: &[FileAccount]) -> Result {
    let sum = |of: fn(&FileAccount) -> u32| files.iter().map(|f| u64::from(of(f))).sum::<u64>();
    let aside: usize = files.iter().map(|f| f.set_aside.len()).sum();
    let (all, heads, taken, refused) = (
        sum(|f| f.rows),
        sum(|f| f.heads),
        sum(|f| f.taken),
        sum(|f| f.refused),
    );
    let detail = format!("共 {all} 行:表头 {heads},读入 {taken},非分录 {aside},未读入 {refused}");
    match refused {
        0 => (Outcome::Passed, detail),
        _ => (Outcome::Failed, detail),
    }
}

fn numbers(company: &CompanyHandIn) -> Result {
    if has_no_vouchers(company) {
        return not_possible(NO_VOUCHERS);
    }
    let gaps = gaps(company);
    let twice = count(company, &[codes::VOUCHER_CONFLICT]);
    let void = company
        .held
        .iter()
        .filter(|h| h.reason == HeldReason::Void)
        .count();
    let mut detail = match (gaps.is_empty(), twice) {
        (true, 0) => "没有缺号、重号".to_owned(),
        (true, n) => format!("重号 {n} 处"),
        (false, 0) => gaps.join(";"),
        (false, n) => format!("{};重号 {n} 处", gaps.join(";")),
    };
    if void > 0 {
        detail.push_str(&format!(";作废 {void} 张,占号"));
    }
    match gaps.is_empty() && twice == 0 {
        true => (Outcome::Passed, detail),
        false => (Outcome::Failed, detail),
    }
}

/// Numbers that nobody holds, posted, held or void: `2026-02 记:缺 3、7—9`. A word is numbered by month, or through the year
/// where every month goes on above the one before it.
fn gaps(company: &CompanyHandIn) -> Vec<String> {
    let mut years: BTreeMap<(i32, &str), BTreeMap<u32, BTreeSet<u64>>> = BTreeMap::new();
    let held = company.held.iter().map(|h| &h.voucher);
    for id in company.vouchers.iter().chain(held).map(|v| &v.id) {
        if let (Some(number), false) = (serial(&id.number), id.is_opening()) {
            let months = years.entry((id.period.year, &*id.word)).or_default();
            months.entry(id.period.month).or_default().insert(number);
        }
    }
    let mut out = Vec::new();
    for ((year, word), months) in &years {
        let sets: Vec<&BTreeSet<u64>> = months.values().collect();
        let runs_on = sets.len() > 1 && sets.windows(2).all(|w| w[1].first() > w[0].last());
        if runs_on {
            let all: BTreeSet<u64> = sets.into_iter().flatten().copied().collect();
            // Books handed in from the middle of the year begin with the number they have.
            let begins = if months.contains_key(&1) {
                1
            } else {
                *all.first().unwrap_or(&1)
            };
            out.extend(missing(&all, begins).map(|list| format!("{year} {word}:缺 {list}")));
            continue;
        }
        for (month, set) in months {
            out.extend(missing(set, 1).map(|list| format!("{year}-{month:02} {word}:缺 {list}")));
        }
    }
    out
}

/// Runs of missing numbers, at most twenty.
fn missing(numbers: &BTreeSet<u64>, begins: u64) -> Option<String> {
    let (mut runs, mut next) = (Vec::new(), begins);
    for &number in numbers.iter().filter(|n| **n >= begins) {
        match number - next {
            0 => {}
            1 => runs.push(next.to_string()),
            _ => runs.push(format!("{next}—{}", number - 1)),
        }
        next = number + 1;
    }
    let more = runs.len() > 20;
    runs.truncate(20);
    let list = runs.join("、");
    (!list.is_empty()).then(|| if more { format!("{list} 等") } else { list })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_numbers_are_listed_in_runs() {
        let numbers = |list: &[u64]| list.iter().copied().collect();
        assert_eq!(missing(&numbers(&[1, 2, 3]), 1), None);
        assert_eq!(
            missing(&numbers(&[2, 5, 9]), 1).as_deref(),
            Some("1、3—4、6—8")
        );
        assert_eq!(missing(&numbers(&[40, 41, 43]), 40).as_deref(), Some("42"));
        let far: BTreeSet<u64> = (1..60).map(|n| n * 2).collect();
        assert!(missing(&far, 1).unwrap().ends_with(" 等"));
    }
}
