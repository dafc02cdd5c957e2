//! `sanzi review`: a person takes a step with an item, or puts something on record.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::{Args, ValueEnum};

use super::args::{DbArg, parse_date, parse_role};
use super::findings::actor;
use super::output::{Failure, Outcome};
use super::session;
use crate::model::{Money, Role};
use crate::review::event::{Amounts, MeasureKind, Payload, Plan};
use crate::review::log::Attachment;
use crate::review::record::{self, Entry};
use crate::review::transition::{self, Step};
use crate::review::{Desk, ReviewError};
use crate::store::Store;

#[derive(Debug, Args)]
pub struct ReviewArgs {
    /// 事项编号(见 findings list)
    #[arg(value_name = "编号")]
    pub id: String,
    #[command(flatten)]
    pub db: DbArg,
    /// 转到这个状态;与 --record 提出 同用时,是提出转到的状态
    #[arg(long, value_name = "状态", required_unless_present = "record")]
    pub to: Option<String>,
    /// 只登记,不转状态:proposed 提出(请另一人转到 --to 的状态)、replied 答复、planned 整改措施、progress 进展、amounts 整改金额、extension_asked 申请延期、extended 批准延期、extension_refused 不同意延期、noted 备注
    #[arg(long, value_name = "类别", value_enum)]
    pub record: Option<RecordKind>,
    /// 理由
    #[arg(long, value_name = "理由")]
    pub reason: Option<String>,
    /// 办理人
    #[arg(long = "as", value_name = "姓名", env = "SANZI_USER")]
    pub user: String,
    /// 办理人的角色
    #[arg(long, value_name = "角色", value_parser = parse_role)]
    pub role: Role,
    /// 办理人负责的单位(可多次给出;公司角色必填,其他角色默认全部单位)
    #[arg(long = "of", value_name = "单位编码")]
    pub of: Vec<String>,
    /// 附件,按收到的原样保存(可多次给出)
    #[arg(long, value_name = "文件")]
    pub attach: Vec<PathBuf>,
    /// 期限:转到整改中、持续整改时的整改期限,措施的完成期限,申请延期的新期限
    #[arg(long, value_name = "日期", value_parser = parse_date)]
    pub due: Option<NaiveDate>,
    /// 最近一次审计仍然发现而销号的,写明例外
    #[arg(long, value_name = "说明")]
    pub exception: Option<String>,
    #[command(flatten)]
    pub said: Said,
}

// What a record says. (No doc comment: clap would show it as the command's own description.)
#[derive(Debug, Args)]
pub struct Said {
    /// 答复、进展、备注的内容
    #[arg(long, value_name = "文字")]
    pub text: Option<String>,
    /// 答复:有异议(不写为属实)
    #[arg(long)]
    pub disagree: bool,
    /// 整改措施
    #[arg(long, value_name = "措施")]
    pub measure: Option<String>,
    /// 整改类型:immediate 立行立改、staged 分阶段整改、ongoing 持续整改
    #[arg(
        long = "type",
        value_name = "类型",
        value_enum,
        default_value = "immediate"
    )]
    pub kind: MeasureName,
    /// 整改责任人
    #[arg(long, value_name = "姓名")]
    pub lead: Option<String>,
    /// 整改目标
    #[arg(long, value_name = "目标")]
    pub target: Option<String>,
    /// 进展的日期(默认今天)
    #[arg(long, value_name = "日期", value_parser = parse_date)]
    pub on: Option<NaiveDate>,
    /// 已追回(累计,元)
    #[arg(long, value_name = "金额", value_parser = parse_money, default_value = "0")]
    pub recovered: Money,
    /// 已调账(累计,元)
    #[arg(long, value_name = "金额", value_parser = parse_money, default_value = "0")]
    pub booked: Money,
    /// 无法追回(累计,元)
    #[arg(long, value_name = "金额", value_parser = parse_money, default_value = "0")]
    pub unrecoverable: Money,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum RecordKind {
    #[value(alias = "提出")]
    Proposed,
    #[value(alias = "答复")]
    Replied,
    #[value(alias = "整改措施")]
    Planned,
    #[value(alias = "进展")]
    Progress,
    #[value(alias = "整改金额")]
    Amounts,
    #[value(alias = "申请延期")]
    ExtensionAsked,
    #[value(alias = "批准延期")]
    Extended,
    #[value(alias = "不同意延期")]
    ExtensionRefused,
    #[value(alias = "备注")]
    Noted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MeasureName {
    #[value(alias = "立行立改")]
    Immediate,
    #[value(alias = "分阶段整改")]
    Staged,
    #[value(alias = "持续整改")]
    Ongoing,
}

fn parse_money(text: &str) -> Result<Money, String> {
    Money::parse(text).map_err(|_| "不是金额;请写成 1234.50".to_owned())
}

pub async fn run(args: ReviewArgs, rules: &Option<PathBuf>) -> Result<Outcome, Failure> {
    let pack = session::pack(rules)?;
    let actor = actor(&args.user, args.role, &args.of)?;
    let attachments = args
        .attach
        .iter()
        .map(|file| attachment(file))
        .collect::<Result<Vec<_>, _>>()?;
    let store = Store::open(&args.db.db).await?;
    let desk = Desk::open(&store, &pack).await?;
    let at = session::now();
    let event = match args.record {
        Some(kind) => {
            let entry = Entry {
                number: &args.id,
                actor: &actor,
                payload: payload(&args, kind, at.date())?,
                reason: args.reason.as_deref(),
                attachments,
                seen: None,
                at,
            };
            record::record(&store, &desk, entry).await?
        }
        None => {
            let step = Step {
                number: &args.id,
                to: args.to.as_deref().unwrap_or_default(),
                actor: &actor,
                reason: args.reason.as_deref(),
                attachments,
                due: args.due,
                exception: args.exception.as_deref(),
                seen: None,
                at,
            };
            transition::transition(&store, &desk, step).await?
        }
    };
    let state = desk.workflow.label(&event.state);
    let due = match (event.due, event.due_provisional) {
        (None, _) => String::new(),
        (Some(day), false) => format!(",期限 {day}"),
        (Some(day), true) => format!(",期限 {day}(暂定,节假日安排只到 {})", desk.known_until),
    };
    let what = event.payload()?.label();
    println!(
        "{} 已登记{what},现为「{state}」{due};核查链第 {} 条",
        args.id, event.position
    );
    Ok(Outcome::Done)
}

/// A file as it is to be attached.
pub(super) fn attachment(file: &Path) -> Result<Attachment, ReviewError> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let bytes = std::fs::read(file).map_err(|e| ReviewError::BadAttachment {
        name: file.display().to_string(),
        reason: format!("读不了({e})"),
    })?;
    Ok(Attachment {
        name: name.into_owned(),
        bytes,
    })
}

fn payload(args: &ReviewArgs, kind: RecordKind, today: NaiveDate) -> Result<Payload, ReviewError> {
    let said = &args.said;
    let text = || said.text.clone().unwrap_or_default();
    let due = |name: &str| {
        let missing = || ReviewError::BadRecord(format!("{name}没有填写(--due)"));
        args.due.ok_or_else(missing)
    };
    Ok(match kind {
        RecordKind::Proposed => Payload::Proposed {
            to: args.to.clone().unwrap_or_default(),
        },
        RecordKind::Replied => Payload::Replied {
            agrees: !said.disagree,
            text: text(),
        },
        RecordKind::Planned => Payload::Planned(Plan {
            measure: said.measure.clone().unwrap_or_default(),
            kind: match said.kind {
                MeasureName::Immediate => MeasureKind::Immediate,
                MeasureName::Staged => MeasureKind::Staged,
                MeasureName::Ongoing => MeasureKind::Ongoing,
            },
            lead: said.lead.clone().unwrap_or_default(),
            due: due("措施的完成期限")?,
            target: said.target.clone().unwrap_or_default(),
        }),
        RecordKind::Progress => Payload::Progress {
            on: said.on.unwrap_or(today),
            text: text(),
        },
        RecordKind::Amounts => Payload::Amounts(Amounts {
            recovered: said.recovered,
            booked: said.booked,
            unrecoverable: said.unrecoverable,
        }),
        RecordKind::ExtensionAsked => Payload::ExtensionAsked {
            until: due("延期后的期限")?,
        },
        // The day is the one that was asked for.
        RecordKind::Extended => Payload::Extended { until: today },
        RecordKind::ExtensionRefused => Payload::ExtensionRefused { until: today },
        RecordKind::Noted => Payload::Noted { text: text() },
    })
}
