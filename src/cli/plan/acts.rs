//! `sanzi plan propose|revise|step|note|withdraw`: the same acts as the pages, by somebody named on the command line.

use std::path::PathBuf;

use chrono::{Datelike, NaiveDate};
use clap::{Args, Subcommand, ValueEnum};

use crate::audit::rule::RulePack;
use crate::cli::args::{DbArg, parse_date};
use crate::cli::findings::actor;
use crate::cli::output::Failure;
use crate::cli::review::attachment;
use crate::cli::session;
use crate::model::Role;
use crate::pack::Pack;
use crate::review::Actor;
use crate::store::Store;
use crate::supervision::act::{self, Acting, Progress};
use crate::supervision::event::Status;
use crate::supervision::plan::{Kind, Known, Plan};
use crate::supervision::{Project, Steps, SupervisionError, Wrong};

// Who acts. (No doc comment: clap would show it as the command's own description.)
#[derive(Debug, Args)]
pub struct By {
    #[command(flatten)]
    pub db: DbArg,
    /// 办理人(登录名)
    #[arg(long = "as", value_name = "登录名", env = "SANZI_USER")]
    pub user: String,
}

impl By {
    async fn open(&self, role: Role) -> Result<(Store, Actor), Failure> {
        let actor = actor(&self.user, role, &[])?;
        Ok((Store::open(&self.db.db).await?, actor))
    }
}

// What a project is to be. (No doc comment, as above.)
#[derive(Debug, Args)]
pub struct Fields {
    /// 名称
    #[arg(long, value_name = "名称")]
    pub title: Option<String>,
    /// 年度(立项时不写:进点日的年度)
    #[arg(long, value_name = "年度")]
    pub year: Option<i32>,
    /// 类型:annual 年度审计、special 专项检查、leaving 离任审计
    #[arg(long = "type", value_name = "类型", value_enum)]
    pub kind: Option<KindName>,
    /// 单位(可多次给出)
    #[arg(long, value_name = "单位编码")]
    pub org: Vec<String>,
    /// 审计期间
    #[arg(long, value_name = "2025-01..2025-12")]
    pub period: Option<String>,
    /// 规则范围:类别(如 contract)或规则编号,可多次给出;不写即全部
    #[arg(long, value_name = "规则")]
    pub rule: Vec<String>,
    /// 依据
    #[arg(long, value_name = "依据")]
    pub basis: Option<String>,
    /// 目标
    #[arg(long, value_name = "目标")]
    pub goal: Option<String>,
    /// 审计组成员(登录名,可多次给出;第一人是组长,至少两人)
    #[arg(long, value_name = "登录名")]
    pub team: Vec<String>,
    /// 进点日
    #[arg(long, value_name = "日期", value_parser = parse_date)]
    pub start: Option<NaiveDate>,
    /// 现场结束日
    #[arg(long, value_name = "日期", value_parser = parse_date)]
    pub end: Option<NaiveDate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KindName {
    #[value(alias = "年度审计")]
    Annual,
    #[value(alias = "专项检查")]
    Special,
    #[value(alias = "离任审计")]
    Leaving,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum StatusName {
    #[value(alias = "办理中")]
    Doing,
    #[value(alias = "已完成")]
    Done,
    #[value(alias = "不适用")]
    NotNeeded,
    #[value(alias = "重新办理")]
    Reopened,
}

#[derive(Debug, Subcommand)]
pub enum Act {
    /// 立项:由街道监管员办理,等另一人批准
    Propose {
        #[command(flatten)]
        fields: Fields,
        #[command(flatten)]
        by: By,
    },
    /// 调整一个项目:只写要改的;批准过的须重新批准
    Revise {
        /// 项目编号(见 plan list)
        #[arg(value_name = "编号")]
        number: String,
        #[command(flatten)]
        fields: Fields,
        #[command(flatten)]
        by: By,
    },
    /// 登记一个步骤的进展
    Step {
        /// 项目编号(见 plan list)
        #[arg(value_name = "编号")]
        number: String,
        /// 步骤代码(见 plan show --format json,如 notice)
        #[arg(value_name = "步骤")]
        step: String,
        /// doing 办理中、done 已完成、not_needed 不适用、reopened 重新办理
        #[arg(value_name = "状态", value_enum)]
        status: StatusName,
        /// 日期(默认今天)
        #[arg(long, value_name = "日期", value_parser = parse_date)]
        on: Option<NaiveDate>,
        /// 说明;不适用、重新办理必须写明
        #[arg(
            long,
            value_name = "文字",
            default_value = "",
            hide_default_value = true
        )]
        text: String,
        /// 文书,按收到的原样保存(可多次给出)
        #[arg(long, value_name = "文件")]
        attach: Vec<PathBuf>,
        #[command(flatten)]
        by: By,
    },
    /// 备注
    Note {
        /// 项目编号(见 plan list)
        #[arg(value_name = "编号")]
        number: String,
        /// 内容
        #[arg(value_name = "文字")]
        text: String,
        /// 附件(可多次给出)
        #[arg(long, value_name = "文件")]
        attach: Vec<PathBuf>,
        /// 办理人是街道复核人(不写为街道监管员)
        #[arg(long)]
        reviewer: bool,
        #[command(flatten)]
        by: By,
    },
    /// 撤销一个项目:批准前由街道监管员,批准后由街道复核人
    Withdraw {
        /// 项目编号(见 plan list)
        #[arg(value_name = "编号")]
        number: String,
        /// 理由
        #[arg(long, value_name = "理由")]
        reason: String,
        /// 办理人是街道复核人(不写为街道监管员)
        #[arg(long)]
        reviewer: bool,
        #[command(flatten)]
        by: By,
    },
}

fn role(reviewer: bool) -> Role {
    match reviewer {
        true => Role::StreetReviewer,
        false => Role::StreetSupervisor,
    }
}

fn acting(actor: &Actor) -> Acting<'_> {
    Acting {
        actor,
        at: session::now(),
        seen: None,
    }
}

/// Carries an act out and says what was done.
pub async fn carry_out(act: Act, pack: &Pack, steps: &Steps) -> Result<String, Failure> {
    match act {
        Act::Propose { fields, by } => propose(fields, by, pack).await,
        Act::Revise { number, fields, by } => revise(number, fields, by, pack).await,
        Act::Step {
            number,
            step,
            status,
            on,
            text,
            attach,
            by,
        } => {
            let (store, actor) = by.open(Role::StreetSupervisor).await?;
            let acting = acting(&actor);
            let files = attach.iter().map(|f| attachment(f));
            let progress = Progress {
                step: step.trim(),
                status: self::status(status),
                on: on.unwrap_or_else(|| acting.at.date()),
                text: &text,
                files: files.collect::<Result<_, _>>()?,
            };
            act::progress(&store, steps, acting, &number, progress).await?;
            Ok(format!("项目 {} 已登记进展", number.trim()))
        }
        Act::Note {
            number,
            text,
            attach,
            reviewer,
            by,
        } => {
            let (store, actor) = by.open(role(reviewer)).await?;
            let files = attach.iter().map(|f| attachment(f));
            let files = files.collect::<Result<_, _>>()?;
            act::note(&store, acting(&actor), &number, &text, files).await?;
            Ok(format!("项目 {} 已记备注", number.trim()))
        }
        Act::Withdraw {
            number,
            reason,
            reviewer,
            by,
        } => {
            let (store, actor) = by.open(role(reviewer)).await?;
            act::withdraw(&store, acting(&actor), &number, Some(&reason)).await?;
            Ok(format!("项目 {} 已撤销", number.trim()))
        }
    }
}

async fn propose(fields: Fields, by: By, pack: &Pack) -> Result<String, Failure> {
    let (store, actor) = by.open(Role::StreetSupervisor).await?;
    let rules = RulePack::load(pack);
    let known = Known::of(&store, &rules).await?;
    let plan = fields.plan(None)?;
    let number = act::propose(&store, &known, acting(&actor), plan).await?;
    Ok(format!("已立项 {number},等街道复核人批准"))
}

async fn revise(number: String, fields: Fields, by: By, pack: &Pack) -> Result<String, Failure> {
    let (store, actor) = by.open(Role::StreetSupervisor).await?;
    let rules = RulePack::load(pack);
    let known = Known::of(&store, &rules).await?;
    let found = Project::find(store.db(), &number).await?;
    let project = found.ok_or_else(|| SupervisionError::Unknown(number.clone()))?;
    let plan = fields.plan(Some(project.plan))?;
    act::revise(&store, &known, acting(&actor), &number, plan).await?;
    Ok(format!("项目 {} 已调整", number.trim()))
}

fn status(name: StatusName) -> Status {
    match name {
        StatusName::Doing => Status::Doing,
        StatusName::Done => Status::Done,
        StatusName::NotNeeded => Status::NotNeeded,
        StatusName::Reopened => Status::Reopened,
    }
}

impl Fields {
    /// The plan with what is named; what is not stays as it was, or empty, which the check tells of.
    fn plan(self, before: Option<Plan>) -> Result<Plan, SupervisionError> {
        let day = |given: Option<NaiveDate>, was: Option<NaiveDate>, field, what: &str| {
            let wrong = || Wrong::new(field, format!("请写{what}"));
            given.or(was).ok_or_else(wrong)
        };
        let was = before.as_ref();
        let start = day(self.start, was.map(|p| p.start), "start", "进点日(--start)");
        let end = day(self.end, was.map(|p| p.end), "end", "现场结束日(--end)");
        let (start, end) = match (start, end) {
            (Ok(start), Ok(end)) => (start, end),
            (start, end) => {
                let wrong = start.err().into_iter().chain(end.err());
                return Err(SupervisionError::Invalid(wrong.collect()));
            }
        };
        let some = |given: Vec<String>, was: Vec<String>| match given.is_empty() {
            true => was,
            false => given,
        };
        let before = before.unwrap_or_else(|| Plan {
            year: start.year(),
            title: String::new(),
            kind: Kind::Annual,
            organisations: Vec::new(),
            period: String::new(),
            rules: Vec::new(),
            basis: String::new(),
            goal: String::new(),
            team: Vec::new(),
            start,
            end,
        });
        let mut organisations = some(self.org, before.organisations);
        organisations.sort();
        organisations.dedup();
        Ok(Plan {
            year: self.year.unwrap_or(before.year),
            title: self.title.unwrap_or(before.title),
            kind: match self.kind {
                None => before.kind,
                Some(KindName::Annual) => Kind::Annual,
                Some(KindName::Special) => Kind::Special,
                Some(KindName::Leaving) => Kind::Leaving,
            },
            organisations,
            period: self.period.unwrap_or(before.period),
            rules: some(self.rule, before.rules),
            basis: self.basis.unwrap_or(before.basis),
            goal: self.goal.unwrap_or(before.goal),
            team: some(self.team, before.team),
            start,
            end,
        })
    }
}
