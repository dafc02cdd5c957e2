//! An organisation's chart of accounts: the standard's accounts, its own, and details found in the books, each placed
//! under the nearest account by prefix, with its tag inherited or told by a key word in its name.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::model::{
    Account, Chart, ChartHistory, EarlierChart, Place, Problem, Problems, RegisterRow, Side,
    Standard, Table, Text, Value,
};
use crate::pack::Pack;

use super::codes;
use super::detect::{Evidence, SeenAccounts, Verdict, name_path};
use super::standard::{self, Stated, Years};

/// The charts of all standards, and how details get their tags.
#[derive(Debug)]
pub struct Charts {
    standards: HashMap<Standard, Vec<Account>>,
    tags: Vec<TagRule>,
    evidence: Evidence,
}

#[derive(Debug, Deserialize)]
struct TagRule {
    word: String,
    under: Vec<String>,
    tag: String,
}

#[derive(Debug, Deserialize)]
struct TagFile {
    tag: Vec<TagRule>,
}

/// One row of 科目, with where it stood.
#[derive(Debug)]
pub struct OwnAccount<'r> {
    pub table: &'static Table,
    pub row: &'r RegisterRow,
    pub place: Place,
}

/// The charts of a book and how their standards were found.
#[derive(Debug)]
pub struct Resolved {
    pub history: ChartHistory,
    pub problems: Problems,
}

impl Charts {
    /// Reads `charts/` of a pack. The error names what is missing, for people.
    pub fn load(pack: &Pack) -> Result<Charts, String> {
        let text = |path: &str| pack.text(path).ok_or(format!("缺少 {path}"));
        let mut standards = HashMap::new();
        for standard in Standard::ALL {
            let path = format!("charts/{}.csv", standard.code());
            let accounts = read_standard(&text(&path)?).map_err(|e| format!("{path}:{e}"))?;
            standards.insert(standard, accounts);
        }
        let (tags, detect) = ("charts/tags.toml", "charts/detect.toml");
        let tags: TagFile = toml::from_str(&text(tags)?).map_err(|e| format!("{tags}:{e}"))?;
        let evidence = toml::from_str(&text(detect)?).map_err(|e| format!("{detect}:{e}"))?;
        Ok(Charts {
            standards,
            tags: tags.tag,
            evidence,
        })
    }

    /// Whether a code is an account of some standard, or a detail of one.
    pub fn knows_code(&self, code: &str) -> bool {
        let plain = code.len() >= 3 && code.starts_with(|c: char| c.is_ascii_digit());
        let written = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-');
        plain && code.chars().all(written) && {
            let mut accounts = self.standards.values().flatten();
            accounts.any(|a| code.starts_with(&*a.code))
        }
    }

    /// Whether a name, or the top of a name path, is an account of some standard.
    pub fn knows_name(&self, name: &str) -> bool {
        let top = name_path(name).first().copied().unwrap_or_default();
        let mut accounts = self.standards.values().flatten();
        accounts.any(|a| *a.name == *top)
    }

    /// Builds the charts of one organisation. `stated` is what 单位 or the store says; `seen` are the accounts of each year.
    pub fn resolve(
        &self,
        stated: &Stated,
        own: &[OwnAccount<'_>],
        seen: &BTreeMap<i32, SeenAccounts>,
        folder: &Place,
    ) -> Resolved {
        let listed = own
            .iter()
            .filter(|o| o.standard().is_none())
            .map(|o| (o.text("code").into(), o.row_text("name").map(Into::into)))
            .collect();
        if let Some((spans, problems)) =
            standard::by_year(&self.evidence, stated, &listed, seen, folder)
        {
            return self.resolve_spans(spans, own, &listed, seen, problems);
        }
        let mut problems = Problems::new();
        let last = seen.keys().next_back().copied().unwrap_or(i32::MAX);
        let all = accounts_of(seen, i32::MIN, i32::MAX);
        let said = stated.of(last);
        let in_force: Vec<_> = own.iter().filter(|o| o.standard().is_none()).collect();
        let (standard, evidence) = self.standard(said, &in_force, &all, folder, &mut problems);
        let own = of_standard(standard, own).unwrap_or(in_force);
        let latest = self.build(standard, own, &all, &mut problems);
        let history = ChartHistory {
            latest,
            evidence,
            earlier: Vec::new(),
        };
        Resolved { history, problems }
    }

    /// One chart for each span of years. The company's own list belongs to the standard that it speaks of; to another one
    /// only its details of accounts that mean the same in both, unless a list of that standard is there too.
    fn resolve_spans(
        &self,
        spans: Vec<Years>,
        own: &[OwnAccount<'_>],
        listed: &SeenAccounts,
        seen: &BTreeMap<i32, SeenAccounts>,
        mut problems: Problems,
    ) -> Resolved {
        let latest = spans.last().map_or(Standard::Village2023, |s| s.standard);
        let listed_for = match self.evidence.judge(listed) {
            Verdict::Standard(standard, _) => standard,
            _ => latest,
        };
        let mut charts = Vec::with_capacity(spans.len());
        for span in &spans {
            let accounts = accounts_of(seen, span.first, span.last);
            let fits = |o: &&OwnAccount<'_>| {
                o.standard().is_none()
                    && (span.standard == listed_for
                        || self.same_meaning(listed_for, span.standard, o.text("code")))
            };
            let own = of_standard(span.standard, own)
                .unwrap_or_else(|| own.iter().filter(fits).collect());
            charts.push(EarlierChart {
                last_year: span.last,
                chart: self.build(span.standard, own, &accounts, &mut problems),
                evidence: span.evidence.clone(),
            });
        }
        let latest = charts.pop().unwrap_or_else(|| EarlierChart {
            last_year: i32::MAX,
            chart: self.build(latest, Vec::new(), &SeenAccounts::new(), &mut problems),
            evidence: String::new(),
        });
        let history = ChartHistory {
            latest: latest.chart,
            evidence: latest.evidence,
            earlier: charts,
        };
        Resolved { history, problems }
    }

    /// Whether a detail's top account is the same in two standards.
    fn same_meaning(&self, one: Standard, other: Standard, code: &str) -> bool {
        let top = |standard: Standard| {
            let accounts = self.standards.get(&standard)?;
            accounts.iter().find(|a| code.starts_with(&*a.code))
        };
        match (top(one), top(other)) {
            (Some(a), Some(b)) => {
                let same = a.name == b.name || (a.tag.is_some() && a.tag == b.tag);
                same && code.len() > b.code.len()
            }
            _ => false,
        }
    }

    /// The standard's accounts, the company's own, and details that only the books name.
    fn build(
        &self,
        standard: Standard,
        mut own: Vec<&OwnAccount<'_>>,
        seen: &SeenAccounts,
        problems: &mut Problems,
    ) -> Chart {
        let accounts = self.standards.get(&standard).into_iter().flatten();
        let mut chart = Chart {
            standard,
            accounts: accounts.map(|a| (a.code.clone(), a.clone())).collect(),
        };
        let width = chart.accounts.keys().map(|c| c.len()).min().unwrap_or(3);
        own.sort_by_key(|o| o.text("code").len());
        for account in own {
            if let Err(problem) = self.add_own(&mut chart, account, width) {
                problems.push(*problem);
            }
        }
        let mut found: Vec<_> = seen.iter().collect();
        found.sort_by_key(|(code, _)| code.len());
        for (code, name) in found {
            self.add_detail(&mut chart, code, name.as_deref(), width);
        }
        chart.mark_leaves();
        chart
    }

    fn standard(
        &self,
        stated: Option<Standard>,
        own: &[&OwnAccount<'_>],
        seen: &SeenAccounts,
        folder: &Place,
        problems: &mut Problems,
    ) -> (Standard, String) {
        let mut accounts = seen.clone();
        for account in own {
            let name = account.row_text("name");
            accounts.insert(account.text("code").into(), name.map(Into::into));
        }
        let fallback = match super::detect::level_digits(&accounts) {
            3 => Standard::Village2023,
            _ => Standard::SmallEnterprise,
        };
        if accounts.is_empty() {
            let standard = stated.unwrap_or(Standard::Village2023);
            return (standard, "没有交来账簿,未核对会计制度".to_owned());
        }
        let verdict = self.evidence.judge(&accounts);
        match (stated, verdict) {
            (Some(stated), Verdict::Standard(found, why)) if stated == found => (
                stated,
                format!("按单位表:{};科目与之相符({why})", stated.label()),
            ),
            (Some(stated), Verdict::Standard(found, why)) => {
                let message = format!(
                    "单位表写的是{},科目却像{}({why})",
                    stated.label(),
                    found.label()
                );
                problems.push(codes::STANDARD_DIFFERS.at(folder.clone(), message.clone(), ""));
                (
                    stated,
                    format!("按单位表:{};注意:{message}", stated.label()),
                )
            }
            (Some(stated), Verdict::Unsupported(title)) => {
                let message = format!("单位表写的是{},科目却像{title}", stated.label());
                problems.push(codes::STANDARD_DIFFERS.at(folder.clone(), message.clone(), ""));
                (
                    stated,
                    format!("按单位表:{};注意:{message}", stated.label()),
                )
            }
            (Some(stated), Verdict::Unclear(why)) => (
                stated,
                format!("按单位表:{};科目未能印证({why})", stated.label()),
            ),
            (None, Verdict::Standard(found, why)) => {
                (found, format!("按科目判断:{}({why})", found.label()))
            }
            (None, Verdict::Unsupported(title)) => {
                let message = format!("科目像{title},没有可用的科目表");
                problems.push(codes::STANDARD_UNKNOWN.at(folder.clone(), message.clone(), ""));
                (fallback, message)
            }
            (None, Verdict::Unclear(why)) => {
                problems.push(codes::STANDARD_UNKNOWN.at(folder.clone(), why.clone(), ""));
                (fallback, format!("未能判断:{why}"))
            }
        }
    }

    /// Adds or changes an account of 科目.
    fn add_own(
        &self,
        chart: &mut Chart,
        own: &OwnAccount<'_>,
        width: usize,
    ) -> Result<(), Box<Problem>> {
        let code: Text = own.text("code").into();
        let name: Text = own.text("name").into();
        let known = chart.accounts.get(&code).cloned();
        let parent = match (own.row_text("parent"), &known) {
            (Some(parent), _) => Some(chart.accounts.get(parent).cloned().ok_or_else(|| {
                let message = format!("上级科目 {parent} 不存在");
                Box::new(codes::PARENT_UNKNOWN.at(own.place.clone(), message, &code))
            })?),
            (None, Some(known)) => known
                .parent
                .as_ref()
                .and_then(|p| chart.account(p))
                .cloned(),
            (None, None) => nearest(chart, &code, width).cloned(),
        };
        if parent.is_none() && known.is_none() && code.len() != width {
            let message = "按编码找不到它的上级科目";
            return Err(Box::new(codes::PARENT_UNKNOWN.at(
                own.place.clone(),
                message,
                &code,
            )));
        }
        let model = known.or_else(|| parent.clone());
        let side = own
            .row_text("normal_side")
            .and_then(Side::from_code)
            .or(model.as_ref().map(|a| a.side))
            .unwrap_or(Side::Either);
        let category = match &model {
            Some(account) => account.category.clone(),
            None => category_of(chart, &code),
        };
        let inherited = model.as_ref().and_then(|a| a.tag.clone());
        let tag = match own.row_text("tag") {
            Some(tag) => Some(tag.into()),
            None if parent.is_some() => self.tag(&name, inherited.as_ref(), &category),
            None => inherited,
        };
        let account = Account {
            code: code.clone(),
            name,
            side,
            parent: parent.map(|p| p.code),
            is_leaf: true,
            category,
            tag,
            active_from: own.value("active_from").and_then(Value::date),
            active_to: own.value("active_to").and_then(Value::date),
        };
        chart.accounts.insert(code, account);
        Ok(())
    }

    /// Adds an account that only the books name. Without an ancestor it stays unknown.
    fn add_detail(&self, chart: &mut Chart, code: &Text, name: Option<&str>, width: usize) {
        if code.is_empty() || chart.accounts.contains_key(code) {
            return;
        }
        let Some(parent) = nearest(chart, code, width).cloned() else {
            return;
        };
        let own_name = name.and_then(|n| name_path(n).last().copied());
        let own_name = own_name.map(|n| below_its_parents(chart, &parent, n));
        let name: Text = own_name
            .filter(|n| !n.is_empty())
            .unwrap_or(&parent.name)
            .into();
        let account = Account {
            code: code.clone(),
            side: parent.side,
            tag: self.tag(&name, parent.tag.as_ref(), &parent.category),
            name,
            parent: Some(parent.code),
            is_leaf: true,
            category: parent.category,
            active_from: None,
            active_to: None,
        };
        chart.accounts.insert(code.clone(), account);
    }

    /// The inherited tag, unless a key word in the name says better.
    fn tag(&self, name: &str, inherited: Option<&Text>, category: &str) -> Option<Text> {
        let told = self.tags.iter().find(|rule| {
            let above = |u: &String| u == category || inherited.is_some_and(|tag| **tag == **u);
            name.contains(rule.word.as_str()) && rule.under.iter().any(above)
        });
        told.map(|rule| rule.tag.as_str().into())
            .or_else(|| inherited.cloned())
    }
}

/// The list that was kept of a standard's chart, where there is one: it is whole.
fn of_standard<'o, 'r>(
    standard: Standard,
    own: &'o [OwnAccount<'r>],
) -> Option<Vec<&'o OwnAccount<'r>>> {
    let kept: Vec<_> = own
        .iter()
        .filter(|o| o.standard() == Some(standard))
        .collect();
    (!kept.is_empty()).then_some(kept)
}

impl OwnAccount<'_> {
    /// Of a chart of earlier years, its standard.
    fn standard(&self) -> Option<Standard> {
        self.row_text("standard").and_then(Standard::from_code)
    }

    fn value(&self, column: &str) -> Option<&Value> {
        self.row.values.get(self.table.position(column)?)
    }

    fn row_text(&self, column: &str) -> Option<&str> {
        self.value(column)?.text()
    }

    fn text(&self, column: &str) -> &str {
        self.row_text(column).unwrap_or("")
    }
}

/// The accounts of some years, each with the first name given to it.
fn accounts_of(seen: &BTreeMap<i32, SeenAccounts>, first: i32, last: i32) -> SeenAccounts {
    let mut all = SeenAccounts::new();
    for accounts in seen.range(first..=last).map(|(_, accounts)| accounts) {
        for (code, name) in accounts {
            let known = all.entry(code.clone()).or_default();
            if known.is_none() {
                known.clone_from(name);
            }
        }
    }
    all
}

/// The nearest ancestor by prefix. A four-digit code is no detail of a three-digit one: it comes from another chart.
fn nearest<'c>(chart: &'c Chart, code: &str, width: usize) -> Option<&'c Account> {
    let foreign = width == 3 && code.len() == 4 && code.bytes().all(|b| b.is_ascii_digit());
    if foreign { None } else { chart.nearest(code) }
}

/// `银行存款-基本户` is 基本户 below 银行存款; a hyphen alone separates nothing, as in `5-甲区`.
fn below_its_parents<'n>(chart: &Chart, parent: &Account, name: &'n str) -> &'n str {
    let above = |a: &&Account| a.parent.as_ref().and_then(|p| chart.account(p));
    let mut names = std::iter::successors(Some(parent), above).map(|a| &*a.name);
    match name.split_once('-') {
        Some((top, _)) if names.any(|n| n == top) => {
            name.rsplit_once('-').map_or(name, |(_, last)| last)
        }
        _ => name,
    }
}

/// The category of the accounts that begin with the same digit.
fn category_of(chart: &Chart, code: &str) -> Text {
    let first = code.get(..1).unwrap_or("");
    chart
        .accounts
        .values()
        .find(|a| a.code.starts_with(first))
        .map_or_else(|| "资产".into(), |a| a.category.clone())
}

fn read_standard(text: &str) -> Result<Vec<Account>, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut accounts = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| e.to_string())?;
        let cell = |i: usize| record.get(i).unwrap_or("").trim();
        let optional = |i: usize| (!cell(i).is_empty()).then(|| Text::from(cell(i)));
        accounts.push(Account {
            code: cell(0).into(),
            name: cell(1).into(),
            side: Side::from_code(cell(2)).ok_or(format!("科目 {} 没有方向", cell(0)))?,
            parent: optional(3),
            is_leaf: true,
            category: cell(4).into(),
            tag: optional(5),
            active_from: None,
            active_to: None,
        });
    }
    Ok(accounts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(stated: Option<Standard>, seen: &[(&str, &str)]) -> Resolved {
        resolve_years(stated, &[(2024, seen)])
    }

    fn resolve_years(stated: Option<Standard>, years: &[(i32, &[(&str, &str)])]) -> Resolved {
        let seen = years.iter().map(|(year, accounts)| {
            let accounts = accounts
                .iter()
                .map(|(c, n)| (Text::from(*c), (!n.is_empty()).then(|| Text::from(*n))));
            (*year, accounts.collect())
        });
        let charts = Charts::load(&Pack::embedded()).unwrap();
        let stated = Stated {
            spans: stated.map(|s| (None, s)).into_iter().collect(),
            known: BTreeMap::new(),
        };
        charts.resolve(&stated, &[], &seen.collect(), &Place::default())
    }

    /// Seven codes of the village charts, and the optional 171, mean two things; each year goes by its own names.
    #[test]
    fn codes_with_two_meanings_go_by_the_names_of_their_year() {
        for (code, old, new) in [
            ("153", "固定资产清理", "在建工程"),
            ("154", "在建工程", "固定资产清理"),
            ("211", "应付工资", "应付款"),
            ("212", "应付福利费", "应付工资"),
            ("502", "经营支出", "投资收益"),
            ("511", "发包及上交收入", "经营支出"),
            ("521", "农业税附加返还收入", "所得税费用"),
            ("171", "拨付所属单位资金", "长期待摊费用"),
        ] {
            for stated in [
                None,
                Some(Standard::Village2023),
                Some(Standard::Village2004),
            ] {
                let years: [(i32, &[(&str, &str)]); 2] =
                    [(2023, &[(code, old)]), (2024, &[(code, new)])];
                let resolved = resolve_years(stated, &years);
                let name = |year| {
                    resolved
                        .history
                        .of(year)
                        .account(code)
                        .unwrap()
                        .name
                        .clone()
                };
                assert_eq!(
                    (&*name(2023), &*name(2024)),
                    (old, new),
                    "{code} {stated:?}"
                );
                let standards = [2023, 2024].map(|y| resolved.history.of(y).standard);
                let both = [Standard::Village2004, Standard::Village2023];
                assert_eq!(standards, both, "{code}");
                assert_eq!(resolved.problems[0].code, codes::CHART_CHANGED.code);
            }
        }
    }

    #[test]
    fn the_old_chart_kept_in_a_new_year_is_read_as_it_is_and_said() {
        let seen = [("153", "固定资产清理"), ("202", "应付款")];
        let resolved = resolve(Some(Standard::Village2023), &seen);
        assert_eq!(resolved.history.latest.standard, Standard::Village2004);
        assert_eq!(resolved.problems[0].code, codes::STANDARD_DIFFERS.code);
    }

    #[test]
    fn details_are_placed_named_and_tagged() {
        let chart = resolve(
            Some(Standard::SmallEnterprise),
            &[
                ("1002.13.09", "银行存款 - 农商行 - 基本户"),
                ("5602.01", "管理费用 - 业务招待费"),
                ("1002.14", "银行存款-信用社"),
                ("5602.02", "5-甲区"),
                ("9999", "外星"),
            ],
        )
        .history
        .latest;
        let bank = chart.account("1002.13.09").unwrap();
        assert_eq!(
            (&*bank.name, bank.parent.as_deref()),
            ("基本户", Some("1002"))
        );
        assert_eq!(bank.tag.as_deref(), Some("bank"));
        assert!(!chart.account("1002").unwrap().is_leaf && bank.is_leaf);
        assert_eq!(&*chart.account("1002.14").unwrap().name, "信用社");
        assert_eq!(&*chart.account("5602.02").unwrap().name, "5-甲区");
        let treat = chart.account("5602.01").unwrap();
        assert_eq!(treat.tag.as_deref(), Some("hospitality"));
        assert!(chart.account("9999").is_none());
    }

    #[test]
    fn a_code_of_another_chart_is_no_detail() {
        let chart = resolve(Some(Standard::Village2023), &[("1012", "其他货币资金")])
            .history
            .latest;
        assert!(chart.account("1012").is_none());
    }

    #[test]
    fn the_standard_is_stated_detected_or_asked_for() {
        let seen = [("1002", "银行存款"), ("5602", "管理费用")];
        let detected = resolve(None, &seen);
        assert_eq!(detected.history.latest.standard, Standard::SmallEnterprise);
        assert!(detected.history.evidence.contains("5602"));
        let contradicted = resolve(Some(Standard::Enterprise), &seen);
        assert_eq!(contradicted.problems[0].code, codes::STANDARD_DIFFERS.code);
        let unknown = resolve(None, &[("1002", "银行存款")]);
        assert_eq!(unknown.problems[0].code, codes::STANDARD_UNKNOWN.code);
    }
}
