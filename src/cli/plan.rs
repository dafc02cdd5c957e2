//! `sanzi plan`: the year's projects, one with its steps, the second person's word on it, and what else the pages do.

mod acts;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::args::{DbArg, Format, OutputArg};
use super::findings::{Reader, actor};
use super::output::{Failure, Outcome};
use super::session;
use super::table::{Align, csv_text, layout};
use crate::access::user::is_company;
use crate::audit::laws::Laws;
use crate::model::Role;
use crate::pack::Pack;
use crate::review::{Actor, Desk};
use crate::store::Store;
use crate::supervision::act::{self, Acting, Decision};
use crate::supervision::checklist::{Line, checklist, progress, standing};
use crate::supervision::{Project, Steps, SupervisionError};

#[derive(Debug, Args)]
pub struct PlanArgs {
    #[command(subcommand)]
    pub command: PlanCommand,
}

#[derive(Debug, Subcommand)]
pub enum PlanCommand {
    /// 列出检查项目:编号、名称、状态、进度、逾期步骤
    List {
        #[command(flatten)]
        db: DbArg,
        /// 只列这一年度的
        #[arg(long, value_name = "年度")]
        year: Option<i32>,
        #[command(flatten)]
        reader: Reader,
        #[command(flatten)]
        output: OutputArg,
    },
    /// 显示一个项目:范围、审计组、步骤清单和期限
    Show {
        /// 项目编号(见 plan list)
        #[arg(value_name = "编号")]
        number: String,
        #[command(flatten)]
        db: DbArg,
        #[command(flatten)]
        reader: Reader,
        #[command(flatten)]
        output: OutputArg,
    },
    /// 批准或退回一个项目:由街道复核人办理,不能是起草或修改过它的人
    Decide {
        /// 项目编号(见 plan list)
        #[arg(value_name = "编号")]
        number: String,
        /// approve 批准、return 退回修改
        #[arg(value_name = "意见", value_enum)]
        decision: DecisionName,
        #[command(flatten)]
        db: DbArg,
        /// 意见;退回必须写明
        #[arg(long, value_name = "理由")]
        reason: Option<String>,
        /// 办理人(登录名)
        #[arg(long = "as", value_name = "登录名", env = "SANZI_USER")]
        user: String,
    },
    #[command(flatten)]
    Act(acts::Act),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DecisionName {
    #[value(alias = "批准")]
    Approve,
    #[value(alias = "退回")]
    Return,
}

fn steps(pack: &Pack) -> Result<Steps, SupervisionError> {
    let mut faults = Vec::new();
    let laws = Laws::load(pack, &mut faults);
    match faults.is_empty() {
        true => Steps::load(pack, &laws),
        false => Err(SupervisionError::Pack(faults)),
    }
}

/// Whoever reads, with the steps and the calendar.
struct Reading {
    store: Store,
    steps: Steps,
    desk: Desk,
    actor: Actor,
}

impl Reading {
    async fn open(pack: &Pack, db: &DbArg, actor: Actor) -> Result<Reading, Failure> {
        let store = Store::open(&db.db).await?;
        Ok(Reading {
            steps: steps(pack)?,
            desk: Desk::open(&store, pack).await?,
            store,
            actor,
        })
    }

    fn all_lines(&self, project: &Project) -> Vec<Line<'_>> {
        checklist(&self.steps, &self.desk, project, session::now().date())
    }

    /// A project is finished when all of its steps are, whoever sees which.
    fn standing(&self, project: &Project) -> &'static str {
        standing(project, &self.all_lines(project))
    }

    /// The steps that this person sees.
    fn lines(&self, project: &Project) -> Vec<Line<'_>> {
        let mut lines = self.all_lines(project);
        if is_company(self.actor.role) {
            lines.retain(|l| l.step.shown);
        }
        lines
    }

    fn sees(&self, project: &Project) -> bool {
        project.readable(&self.actor, &self.steps)
    }
}

pub async fn run(args: PlanArgs, rules: &Option<std::path::PathBuf>) -> Result<Outcome, Failure> {
    let pack = session::pack(rules)?;
    match args.command {
        PlanCommand::List {
            db,
            year,
            reader,
            output,
        } => {
            let reading = Reading::open(&pack, &db, reader.actor()?).await?;
            let mut all = Project::all(reading.store.db()).await?;
            all.retain(|p| reading.sees(p) && year.is_none_or(|y| y == p.plan.year));
            print!("{}", listed(&reading, &all, output.format)?);
        }
        PlanCommand::Show {
            number,
            db,
            reader,
            output,
        } => {
            let reading = Reading::open(&pack, &db, reader.actor()?).await?;
            let found = Project::find(reading.store.db(), &number).await?;
            let found = found.filter(|p| reading.sees(p));
            let found = found.ok_or(SupervisionError::Unknown(number))?;
            print!("{}", shown(&reading, &found, output.format)?);
        }
        PlanCommand::Decide {
            number,
            decision,
            db,
            reason,
            user,
        } => {
            let actor = actor(&user, Role::StreetReviewer, &[])?;
            let store = Store::open(&db.db).await?;
            let (decision, done) = match decision {
                DecisionName::Approve => (Decision::Approve, "已批准"),
                DecisionName::Return => (Decision::Return, "已退回修改"),
            };
            let acting = Acting {
                actor: &actor,
                at: session::now(),
                seen: None,
            };
            act::decide(&store, acting, &number, decision, reason.as_deref()).await?;
            println!("项目 {} {done}", number.trim());
        }
        PlanCommand::Act(act) => println!("{}", acts::carry_out(act, &pack, &steps(&pack)?).await?),
    }
    Ok(Outcome::Done)
}

fn as_json(reading: &Reading, project: &Project, lines: &[Line<'_>]) -> serde_json::Value {
    let plan = &project.plan;
    let (done, all) = progress(lines);
    let outside = is_company(reading.actor.role);
    json!({
        "number": project.number, "year": plan.year, "title": plan.title, "kind": plan.kind.code(),
        "organisations": project.own(&reading.actor), "period": plan.period,
        "rules": (!outside).then_some(&plan.rules), "basis": (!outside).then_some(&plan.basis),
        "team": plan.team, "start": plan.start, "end": plan.end,
        "standing": reading.standing(project), "steps_done": done, "steps": all,
        "overdue": lines.iter().filter(|l| l.overdue).count(), "seen": project.seen(),
    })
}

fn listed(reading: &Reading, all: &[Project], format: Format) -> Result<String, Failure> {
    let headers = [
        "编号", "项目", "类型", "单位", "进点", "结束", "状态", "进度", "逾期",
    ];
    let cells = |project: &Project| -> Vec<String> {
        let lines = reading.lines(project);
        let (done, steps) = progress(&lines);
        let plan = &project.plan;
        vec![
            project.number.clone(),
            plan.title.clone(),
            plan.kind.label().to_owned(),
            project.own(&reading.actor).join("、"),
            plan.start.to_string(),
            plan.end.to_string(),
            reading.standing(project).to_owned(),
            format!("{done}/{steps} 步"),
            lines.iter().filter(|l| l.overdue).count().to_string(),
        ]
    };
    match format {
        Format::Json => {
            let all = all.iter().map(|p| as_json(reading, p, &reading.lines(p)));
            let all: Vec<_> = all.collect();
            let text = serde_json::to_string_pretty(&all).map_err(Failure::unwritable)?;
            Ok(text + "\n")
        }
        Format::Csv => csv_text(&headers, all.iter().map(cells)),
        Format::Table if all.is_empty() => Ok("没有符合条件的项目\n".to_owned()),
        Format::Table => {
            let columns = headers.map(|h| match h {
                "进度" | "逾期" => (h, Align::Right),
                _ => (h, Align::Left),
            });
            let rows: Vec<Vec<String>> = all.iter().map(cells).collect();
            Ok(format!(
                "{}共 {} 个项目\n",
                layout(&columns, &rows),
                rows.len()
            ))
        }
    }
}

fn shown(reading: &Reading, project: &Project, format: Format) -> Result<String, Failure> {
    let lines = reading.lines(project);
    let headers = ["序", "步骤", "文书", "状态", "日期", "期限", "备注"];
    let cells = |line: &Line<'_>| -> Vec<String> {
        let mut remarks = Vec::new();
        if line.overdue {
            remarks.push("逾期");
        }
        if line.provisional && !line.settled() {
            remarks.push("暂定");
        }
        if line.proposed_time() && !line.settled() {
            remarks.push("建议时限");
        }
        let day = |day: Option<chrono::NaiveDate>| day.map_or(String::new(), |d| d.to_string());
        vec![
            line.step.number.to_string(),
            line.step.title.clone(),
            line.step.document.clone(),
            line.status_label().to_owned(),
            day(line.on),
            day(line.due),
            remarks.join("、"),
        ]
    };
    match format {
        Format::Json => {
            let mut value = as_json(reading, project, &lines);
            let steps = lines.iter().map(|l| {
                json!({
                    "code": l.step.code, "number": l.step.number, "title": l.step.title,
                    "document": l.step.document, "status": l.status, "on": l.on, "due": l.due,
                    "proposed_time": l.proposed_time(), "overdue": l.overdue,
                })
            });
            value["checklist"] = steps.collect();
            let text = serde_json::to_string_pretty(&value).map_err(Failure::unwritable)?;
            Ok(text + "\n")
        }
        Format::Csv => csv_text(&headers, lines.iter().map(cells)),
        Format::Table => {
            let plan = &project.plan;
            let (done, all) = progress(&lines);
            let mut text = format!(
                "{}  {}({})  {}  {done}/{all} 步\n单位 {}  审计期间 {}  {} 至 {}\n审计组 {}\n",
                project.number,
                plan.title,
                plan.kind.label(),
                reading.standing(project),
                project.own(&reading.actor).join("、"),
                plan.period,
                plan.start,
                plan.end,
                plan.team.join("、"),
            );
            if !is_company(reading.actor.role) {
                text.push_str(&format!(
                    "规则 {}  依据 {}\n",
                    plan.rules_in_words(),
                    plan.basis
                ));
            }
            text.push('\n');
            let columns = headers.map(|h| match h {
                "序" => (h, Align::Right),
                _ => (h, Align::Left),
            });
            let rows: Vec<Vec<String>> = lines.iter().map(cells).collect();
            text.push_str(&layout(&columns, &rows));
            Ok(text)
        }
    }
}
