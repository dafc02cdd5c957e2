//! The plan of `serve --demo`: a project under way, one that waits for its approval, one withdrawn, and a policy with two versions.
//! All of it is invented.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};

use super::output::Failure;
use super::session;
use crate::audit::rule::RulePack;
use crate::model::Role;
use crate::pack::Pack;
use crate::review::Actor;
use crate::review::log::Attachment;
use crate::store::Store;
use crate::supervision::act::{self, Acting, Decision, Progress};
use crate::supervision::event::Status;
use crate::supervision::plan::{Kind, Known, Plan};
use crate::supervision::policy::{self, Policy};
use crate::supervision::{Steps, SupervisionError};

/// The people of the demo who write and approve plans.
struct Desk<'a> {
    store: &'a Store,
    known: Known<'a>,
    steps: Steps,
    supervisor: Actor,
    reviewer: Actor,
    today: NaiveDate,
}

impl Desk<'_> {
    fn day(&self, days_ago: u64) -> NaiveDate {
        self.today - Days::new(days_ago)
    }

    fn at(&self, days_ago: u64) -> NaiveDateTime {
        let morning = self.day(days_ago).and_hms_opt(9, 30, 0);
        morning.unwrap_or_default()
    }

    async fn propose(&self, days_ago: u64, plan: Plan) -> Result<String, SupervisionError> {
        let acting = acting(&self.supervisor, self.at(days_ago));
        act::propose(self.store, &self.known, acting, plan).await
    }

    async fn approve(&self, days_ago: u64, number: &str) -> Result<(), SupervisionError> {
        let acting = acting(&self.reviewer, self.at(days_ago));
        let reason = Some("同意,按计划进点");
        act::decide(self.store, acting, number, Decision::Approve, reason).await
    }

    async fn step(
        &self,
        days_ago: u64,
        number: &str,
        (step, status, text): (&str, Status, &str),
    ) -> Result<(), SupervisionError> {
        let document = self.steps.step(step).map_or("", |s| &s.document);
        let file = Attachment {
            name: format!("{document}.txt"),
            bytes: format!("演示文书:{document}\n项目 {number}\n").into_bytes(),
        };
        let progress = Progress {
            step,
            status,
            on: self.day(days_ago),
            text,
            files: (status == Status::Done)
                .then_some(file)
                .into_iter()
                .collect(),
        };
        let acting = acting(&self.supervisor, self.at(days_ago));
        act::progress(self.store, &self.steps, acting, number, progress).await
    }
}

fn acting(actor: &Actor, at: NaiveDateTime) -> Acting<'_> {
    Acting {
        actor,
        at,
        seen: None,
    }
}

/// Fills the demo's plan and library; nothing where there is no book.
pub async fn fill(store: &Store, pack: &Pack, rules: &RulePack) -> Result<(), Failure> {
    let known = Known::of(store, rules).await?;
    let organisations: Vec<String> = known.organisations.iter().cloned().collect();
    let (Some(first), true) = (organisations.first(), rules.faults.is_empty()) else {
        return Ok(());
    };
    let desk = Desk {
        store,
        known,
        steps: Steps::load(pack, &rules.laws)?,
        supervisor: Actor::new("street-supervisor", Role::StreetSupervisor, None)?,
        reviewer: Actor::new("street-reviewer", Role::StreetReviewer, None)?,
        today: session::now().date(),
    };
    let some: Vec<String> = organisations.iter().take(3).cloned().collect();
    under_way(&desk, some).await?;
    waiting(&desk, organisations.clone()).await?;
    withdrawn(&desk, vec![first.clone()]).await?;
    policies(&desk, rules).await?;
    Ok(())
}

fn plan(desk: &Desk<'_>, title: &str, organisations: Vec<String>) -> Plan {
    let year = desk.today.year();
    Plan {
        year,
        title: title.to_owned(),
        kind: Kind::Special,
        organisations,
        period: format!("{0}-01..{0}-12", year - 1),
        rules: vec!["contract".to_owned()],
        basis: "年度工作要点:规范还建商铺招商管理,清理拖欠租金".to_owned(),
        goal: "查清租金收缴、减免和到期占用,核对合同与台账".to_owned(),
        team: vec!["street-supervisor".to_owned(), "inspector".to_owned()],
        start: desk.day(45),
        end: desk.day(15),
    }
}

async fn under_way(desk: &Desk<'_>, organisations: Vec<String>) -> Result<(), SupervisionError> {
    let title = "还建商铺出租专项检查";
    let number = desk.propose(70, plan(desk, title, organisations)).await?;
    desk.approve(66, &number).await?;
    let done = [
        (60, "survey", "已了解记账方式、账户和以往问题"),
        (57, "scheme", "启用合同类全部规则,租金逐户核对"),
        (54, "notice", "通知书已送达并签收"),
        (45, "undertaking", "单位已签承诺书"),
        (40, "intake", "合同、台账、收据存根已交接"),
        (38, "run", "已按范围运行审计,疑点清单见下"),
    ];
    for (days_ago, step, text) in done {
        desk.step(days_ago, &number, (step, Status::Done, text))
            .await?;
    }
    let doing = ("verify", Status::Doing, "正在逐户核对欠租,尚有两户未约到");
    desk.step(20, &number, doing).await
}

async fn waiting(desk: &Desk<'_>, organisations: Vec<String>) -> Result<(), SupervisionError> {
    let plan = Plan {
        kind: Kind::Annual,
        rules: Vec::new(),
        basis: "每年一次的财务收支审计".to_owned(),
        goal: String::new(),
        start: desk.today + Days::new(20),
        end: desk.today + Days::new(50),
        ..plan(desk, "村改制公司年度财务收支审计", organisations)
    };
    desk.propose(3, plan).await.map(drop)
}

async fn withdrawn(desk: &Desk<'_>, organisations: Vec<String>) -> Result<(), SupervisionError> {
    let plan = Plan {
        kind: Kind::Leaving,
        rules: Vec::new(),
        basis: "负责人任期届满".to_owned(),
        goal: String::new(),
        ..plan(desk, "负责人离任审计", organisations)
    };
    let number = desk.propose(30, plan).await?;
    let acting = acting(&desk.supervisor, desk.at(28));
    let reason = Some("任期延长,离任审计改到明年");
    act::withdraw(desk.store, acting, &number, reason).await
}

async fn policies(desk: &Desk<'_>, rules: &RulePack) -> Result<(), SupervisionError> {
    let year = desk.today.year();
    let text = "演示文件,内容为虚构。\n大额资金使用实行联签。\n";
    let mut replaces = None;
    for (version, from, note) in [
        (1, year - 2, "首次收录"),
        (2, year, "联签起点调整,替代前一版"),
    ] {
        let policy = Policy {
            title: "村改制公司资金管理办法(演示)".to_owned(),
            number: format!("演街办〔{from}〕3 号"),
            issuer: "演示街道办事处".to_owned(),
            from: NaiveDate::from_ymd_opt(from, 1, 1).unwrap_or(desk.today),
            to: None,
            scope: "全部村改制公司".to_owned(),
            basis_for: vec!["F-009".to_owned(), "F-003.cash_limit".to_owned()],
            note: note.to_owned(),
        };
        let file = Attachment {
            name: format!("资金管理办法第{version}版.txt"),
            bytes: format!("{text}第 {version} 版\n").into_bytes(),
        };
        let (store, at) = (desk.store, desk.at(80 - version * 20));
        let taken = (policy, file);
        replaces = Some(policy::add(store, rules, &desk.supervisor, at, replaces, taken).await?);
    }
    Ok(())
}
