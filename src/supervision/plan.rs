//! What a project is to be: scope, rules, basis, team, dates; and what makes it fit to be proposed.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{SupervisionError, Wrong};
use crate::access::user::{self, User, is_company};
use crate::audit::rule::RulePack;
use crate::ledger::read::books;
use crate::model::{PeriodRange, Role};
use crate::review::Actor;
use crate::store::Store;

/// Which kind of project it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 年度审计
    Annual,
    /// 专项检查
    Special,
    /// 离任审计
    Leaving,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Annual, Kind::Special, Kind::Leaving];

    pub fn code(self) -> &'static str {
        match self {
            Kind::Annual => "annual",
            Kind::Special => "special",
            Kind::Leaving => "leaving",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Kind::Annual => "年度审计",
            Kind::Special => "专项检查",
            Kind::Leaving => "离任审计",
        }
    }

    /// By code or label.
    pub fn parse(text: &str) -> Option<Kind> {
        let text = text.trim();
        Kind::ALL
            .into_iter()
            .find(|k| k.code() == text || k.label() == text)
    }
}

/// Families of rules: the folder's name, and what it is called.
pub const FAMILIES: [(&str, &str); 11] = [
    ("contract", "合同"),
    ("finance", "财务收支"),
    ("asset", "资产"),
    ("resource", "资源"),
    ("inventory", "清查"),
    ("governance", "议事决策"),
    ("ledger", "账务"),
    ("joint_company", "联合公司"),
    ("special_fund", "专项资金"),
    ("disclosure", "公开与分配"),
    ("statistics", "统计分析"),
];

/// A project as proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The year in whose plan it stands.
    pub year: i32,
    pub title: String,
    pub kind: Kind,
    /// Codes of the organisations in scope, sorted; at least one.
    pub organisations: Vec<String>,
    /// The months audited: `2025-01..2025-12`.
    pub period: String,
    /// Families (`contract`) or ids (`C-001`); empty: all rules.
    pub rules: Vec<String>,
    /// Why it is in the plan.
    pub basis: String,
    /// What it is to find out; may be empty.
    pub goal: String,
    /// Logins; the first leads. At least two.
    pub team: Vec<String>,
    /// The day the team comes to the organisation.
    pub start: NaiveDate,
    /// The day the work there ends.
    pub end: NaiveDate,
}

impl Plan {
    /// Ids of the rules in scope; empty: all.
    pub fn rule_ids(&self, rules: &RulePack) -> Vec<String> {
        let mut ids = BTreeSet::new();
        for wanted in &self.rules {
            let of = rules.rules.iter();
            let of = of.filter(|r| r.family == *wanted || r.id() == wanted);
            ids.extend(of.map(|r| r.id().to_owned()));
        }
        ids.into_iter().collect()
    }

    /// The rules in scope in words.
    pub fn rules_in_words(&self) -> String {
        if self.rules.is_empty() {
            return "全部规则".to_owned();
        }
        let names = self.rules.iter().map(|wanted| {
            let family = FAMILIES.iter().find(|(code, _)| code == wanted);
            family.map_or(wanted.as_str(), |(_, label)| label)
        });
        names.collect::<Vec<_>>().join("、")
    }
}

/// What a plan is held against.
pub struct Known<'a> {
    pub rules: &'a RulePack,
    /// Codes of organisations with a book.
    pub organisations: BTreeSet<String>,
    pub users: Vec<User>,
}

impl<'a> Known<'a> {
    /// # Errors
    /// What the database says.
    pub async fn of(store: &Store, rules: &'a RulePack) -> Result<Known<'a>, SupervisionError> {
        let books = books(store.db()).await?;
        Ok(Known {
            rules,
            organisations: books.into_iter().map(|b| b.organisation).collect(),
            users: user::list(store.db()).await?,
        })
    }

    /// Who may be in a team: people of the street who can log in.
    pub fn team(&self) -> impl Iterator<Item = &User> {
        let fit = |u: &&User| {
            !u.disabled
                && !is_company(u.role)
                && !matches!(u.role, Role::Administrator | Role::ReadOnly)
        };
        self.users.iter().filter(fit)
    }

    /// Everything that keeps a plan from being proposed, with the field that is to be mended.
    pub fn check(&self, plan: &Plan, actor: &Actor) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        let mut need = |fits: bool, field, message: String| {
            if !fits {
                wrong.push(Wrong::new(field, message));
            }
        };
        let filled = |text: &str, most: usize| {
            !text.trim().is_empty() && text.chars().count() <= most && !text.contains('\0')
        };
        need(
            (2000..=2100).contains(&plan.year),
            "year",
            format!("年度「{}」不对,请写四位数字,例如 2026", plan.year),
        );
        need(
            filled(&plan.title, 100),
            "title",
            "请写项目名称,最多 100 个字".to_owned(),
        );
        need(
            filled(&plan.basis, 1000),
            "basis",
            "请写立项依据,最多 1000 个字".to_owned(),
        );
        need(
            plan.goal.chars().count() <= 2000,
            "goal",
            "目标最多 2000 个字".to_owned(),
        );
        need(
            !plan.organisations.is_empty(),
            "org",
            "请至少选一个单位".to_owned(),
        );
        for code in &plan.organisations {
            let own = actor.everywhere() || actor.names(code);
            need(
                self.organisations.contains(code) && own,
                "org",
                format!("没有单位「{code}」,或不在您的单位范围内"),
            );
        }
        need(
            PeriodRange::parse(&plan.period).is_ok(),
            "period",
            format!("审计期间「{}」不对,请写成 2025-01..2025-12", plan.period),
        );
        for wanted in &plan.rules {
            let family = FAMILIES.iter().any(|(code, _)| code == wanted);
            need(
                family || self.rules.rule(wanted).is_some(),
                "rules",
                format!("没有编号为「{wanted}」的规则"),
            );
        }
        let team: BTreeSet<&String> = plan.team.iter().collect();
        need(
            team.len() >= 2 && team.len() == plan.team.len(),
            "team",
            "审计组至少两人".to_owned(),
        );
        for login in &plan.team {
            need(
                self.team().any(|u| u.login == *login),
                "team",
                format!("「{login}」不是街道能登录的办理人,不能进审计组"),
            );
        }
        need(
            plan.end >= plan.start,
            "end",
            "结束日不能早于进点日".to_owned(),
        );
        let near = (plan.start.year() - plan.year).abs() <= 1;
        need(
            near,
            "start",
            format!("进点日与 {} 年的计划相差太远", plan.year),
        );
        wrong
    }
}
