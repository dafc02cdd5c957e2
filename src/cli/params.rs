//! `sanzi params`: what the street has still to decide, the values in force, a value recorded, its history.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};

use super::args::{DbArg, Format, OutputArg, parse_date};
use super::output::{Failure, Outcome};
use super::session;
use super::table::{Align, csv_text, layout};
use crate::audit::params::{InForce, Setting, Trial, in_force, resolve};
use crate::audit::rule::questions::{Question, questions};
use crate::audit::rule::{ParamSource, RulePack};
use crate::audit::settings::{self, Decision, Recorded, Written};
use crate::report::words;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ParamsArgs {
    #[command(subcommand)]
    pub command: Option<ParamsCommand>,
    /// 数据库:显示现行的值,不只是默认值
    #[arg(long, value_name = "地址", env = "SANZI_DB")]
    pub db: Option<String>,
    /// 显示对这个单位生效的值及其来源(需 --db;不给出则为全街道的值)
    #[arg(long, value_name = "单位编码", requires = "db")]
    pub org: Option<String>,
    /// 哪一天的值(默认今天)
    #[arg(long, value_name = "日期", value_parser = parse_date)]
    pub at: Option<NaiveDate>,
    #[arg(
        long,
        value_name = "来源",
        value_enum,
        default_value = "placeholder",
        help = "placeholder 占位值(待街道决定)、practice 审计惯例、statute 法定、all 全部"
    )]
    pub source: Source,
    #[command(flatten)]
    pub output: OutputArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Source {
    Placeholder,
    Practice,
    Statute,
    All,
}

impl Source {
    fn meant(self) -> Vec<ParamSource> {
        match self {
            Source::Placeholder => vec![ParamSource::Placeholder],
            Source::Practice => vec![ParamSource::Practice],
            Source::Statute => vec![ParamSource::Statute],
            Source::All => vec![
                ParamSource::Placeholder,
                ParamSource::Practice,
                ParamSource::Statute,
            ],
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum ParamsCommand {
    /// 设定一个参数值:按单位和日期追加到「参数」登记簿,下一次审计即生效;小数至多六位
    Set {
        /// 规则编号.参数名,如 F-003.cash_limit
        #[arg(value_name = "规则.参数", value_parser = parse_name)]
        parameter: (String, String),
        /// 值;多项以 ; 分隔,是非写 是、否
        #[arg(value_name = "值", allow_hyphen_values = true)]
        value: String,
        /// 只对这个单位(不给出则为全街道)
        #[arg(long, value_name = "单位编码")]
        org: Option<String>,
        /// 生效日期
        #[arg(long, value_name = "日期", value_parser = parse_date)]
        from: NaiveDate,
        /// 失效日期(当日仍有效)
        #[arg(long, value_name = "日期", value_parser = parse_date)]
        to: Option<NaiveDate>,
        /// 依据:文件、会议纪要
        #[arg(long, value_name = "依据")]
        basis: String,
        /// 批准人
        #[arg(long, value_name = "姓名")]
        approver: String,
        /// 经办人,记入批次
        #[arg(long, value_name = "姓名", env = "SANZI_USER")]
        by: Option<String>,
        #[command(flatten)]
        db: DbArg,
    },
    /// 参数值的全部记录:何时、何人、依据,被什么取代
    History {
        /// 只看这个参数:规则编号.参数名
        #[arg(value_name = "规则.参数", value_parser = parse_name)]
        parameter: Option<(String, String)>,
        #[command(flatten)]
        db: DbArg,
        #[command(flatten)]
        output: OutputArg,
    },
}

fn parse_name(text: &str) -> Result<(String, String), String> {
    match text.trim().split_once('.') {
        Some((rule, name)) if !rule.is_empty() && !name.is_empty() => {
            Ok((rule.to_owned(), name.to_owned()))
        }
        _ => Err("请写成 规则编号.参数名,如 F-003.cash_limit".to_owned()),
    }
}

pub async fn run(args: ParamsArgs, rules: &Option<PathBuf>) -> Result<Outcome, Failure> {
    let pack = RulePack::load(&session::pack(rules)?);
    match args.command {
        None => list(&pack, &args).await,
        Some(ParamsCommand::History {
            parameter,
            db,
            output,
        }) => {
            let (store, _) = session::open_store(&db.db).await?;
            let of = parameter.as_ref().map(|(r, n)| (r.as_str(), n.as_str()));
            let recorded = settings::history(&store, of).await?;
            print_table(&HISTORY, history_rows(&recorded), output.format)?;
            Ok(Outcome::Done)
        }
        Some(ParamsCommand::Set {
            parameter: (rule, name),
            value,
            org,
            from,
            to,
            basis,
            approver,
            by,
            db,
        }) => {
            let setting = Setting {
                rule,
                name,
                organisation: org,
                value,
                from: Some(from),
                to,
                basis,
                approver,
            };
            set(&pack, &db.db, setting, by.as_deref()).await
        }
    }
}

async fn set(
    pack: &RulePack,
    url: &str,
    setting: Setting,
    by: Option<&str>,
) -> Result<Outcome, Failure> {
    settings::check(pack, &setting)?;
    let (store, _) = session::open_store(url).await?;
    let decision = Decision {
        setting,
        by,
        at: session::now(),
    };
    let written = settings::record(&store, pack, &decision).await?;
    let setting = &decision.setting;
    match written {
        Written::Unchanged => println!("登记簿里已有同样的一行,没有写入"),
        Written::Recorded { batch } => println!("已记入「参数」登记簿(批次 {batch})"),
    }
    let all = settings::load(&store).await?;
    let code = setting.organisation.as_deref();
    let from = setting.from.unwrap_or_default();
    if let Some(now) = value_on(pack, &all, &setting.rule, &setting.name, code, from) {
        let whose = code.map_or("全街道".to_owned(), |c| format!("单位 {c}"));
        println!(
            "{}.{}({whose},{from} 起)= {}{}",
            setting.rule,
            setting.name,
            now.value.shown(),
            next_text(&now)
        );
    }
    let own = own_values(&all, setting);
    if code.is_none() && !own.is_empty() {
        println!(
            "注意:这些单位另有自己的设定,以自己的为准:{}",
            own.join("、")
        );
    }
    Ok(Outcome::Done)
}

/// Organisations with a value of their own of the same parameter.
fn own_values(all: &[Setting], setting: &Setting) -> Vec<String> {
    let same = all
        .iter()
        .filter(|s| s.rule == setting.rule && s.name == setting.name);
    let mut codes: Vec<String> = same.filter_map(|s| s.organisation.clone()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// The value of a parameter on a day; without an organisation the street's.
fn value_on(
    pack: &RulePack,
    all: &[Setting],
    rule: &str,
    name: &str,
    organisation: Option<&str>,
    day: NaiveDate,
) -> Option<InForce> {
    let rule = pack.rule(rule)?;
    let spans = resolve(rule, all, &Trial::new(), organisation.unwrap_or_default());
    in_force(&spans, name, day)
}

fn next_text(now: &InForce) -> String {
    match &now.next {
        Some((day, value)) => format!(";{day} 起为 {}", value.shown()),
        None => String::new(),
    }
}

async fn list(pack: &RulePack, args: &ParamsArgs) -> Result<Outcome, Failure> {
    let mut asked = questions(pack, &args.source.meant());
    asked.sort_by_key(|q| words::family_order(&q.family).0);
    let Some(url) = &args.db else {
        print_table(&QUESTIONS, question_rows(&asked), args.output.format)?;
        if args.output.format == Format::Table {
            let params: usize = asked.iter().map(|q| q.uses.len()).sum();
            println!("共 {params} 个参数,合为 {} 个问题", asked.len());
        }
        return Ok(Outcome::Done);
    };
    let (store, _) = session::open_store(url).await?;
    if let Some(code) = &args.org {
        settings::known_organisation(&store, code).await?;
    }
    let all = settings::load(&store).await?;
    let day = args.at.unwrap_or_else(|| session::now().date());
    let rows = value_rows(pack, &asked, &all, args.org.as_deref(), day);
    let open = rows.iter().filter(|r| r[6].starts_with("占位值")).count();
    let total = rows.len();
    print_table(&VALUES, rows, args.output.format)?;
    if args.output.format == Format::Table {
        let whose = args.org.as_deref().unwrap_or("全街道");
        println!("{whose},{day}:共 {total} 个参数,街道尚未设定的 {open} 个");
    }
    Ok(Outcome::Done)
}

type Column = (&'static str, &'static str, Align);

/// Title, name in JSON, alignment.
const QUESTIONS: [Column; 6] = [
    ("类别", "family", Align::Left),
    ("要决定的事", "label", Align::Left),
    ("默认值", "default", Align::Right),
    ("单位", "unit", Align::Left),
    ("用于", "uses", Align::Left),
    ("说明", "basis", Align::Left),
];

const VALUES: [Column; 9] = [
    ("类别", "family", Align::Left),
    ("参数", "parameter", Align::Left),
    ("含义", "label", Align::Left),
    ("值", "value", Align::Right),
    ("单位", "unit", Align::Left),
    ("自", "since", Align::Left),
    ("来源", "source", Align::Left),
    ("以后", "next", Align::Left),
    ("默认值", "default", Align::Right),
];

const HISTORY: [Column; 11] = [
    ("参数", "parameter", Align::Left),
    ("单位", "organisation", Align::Left),
    ("值", "value", Align::Right),
    ("生效", "valid_from", Align::Left),
    ("失效", "valid_to", Align::Left),
    ("依据", "basis", Align::Left),
    ("批准人", "approver", Align::Left),
    ("记录时间", "at", Align::Left),
    ("经办人", "by", Align::Left),
    ("来源", "source", Align::Left),
    ("状态", "state", Align::Left),
];

fn question_rows(asked: &[Question]) -> Vec<Vec<String>> {
    let row = |q: &Question| {
        let uses: Vec<String> = q.uses.iter().map(|(r, n)| format!("{r}.{n}")).collect();
        vec![
            words::family(&q.family).to_owned(),
            q.label.clone(),
            q.default.clone(),
            q.unit.clone(),
            uses.join("、"),
            q.basis.clone(),
        ]
    };
    asked.iter().map(row).collect()
}

fn value_rows(
    pack: &RulePack,
    asked: &[Question],
    all: &[Setting],
    organisation: Option<&str>,
    day: NaiveDate,
) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for q in asked {
        for (rule, name) in &q.uses {
            let Some(now) = value_on(pack, all, rule, name, organisation, day) else {
                continue;
            };
            let next = now.next.as_ref();
            rows.push(vec![
                words::family(&q.family).to_owned(),
                format!("{rule}.{name}"),
                q.label.clone(),
                now.value.shown(),
                q.unit.clone(),
                now.since.map(|d| d.to_string()).unwrap_or_default(),
                now.origin.shown(),
                next.map(|(d, v)| format!("{d} 起 {}", v.shown()))
                    .unwrap_or_default(),
                q.default.clone(),
            ]);
        }
    }
    rows
}

fn history_rows(recorded: &[Recorded]) -> Vec<Vec<String>> {
    let day = |d: Option<NaiveDate>| d.map(|d| d.to_string()).unwrap_or_default();
    let row = |r: &Recorded| {
        let s = &r.setting;
        let state = match r.replaced {
            None => format!("有效(批次 {})", r.batch),
            Some((batch, at)) if r.undone => format!("{at} 随批次撤销(批次 {batch})"),
            Some((batch, at)) => format!("{at} 被批次 {batch} 取代"),
        };
        vec![
            format!("{}.{}", s.rule, s.name),
            s.organisation
                .clone()
                .unwrap_or_else(|| "全街道".to_owned()),
            s.value.clone(),
            day(s.from),
            day(s.to),
            s.basis.clone(),
            s.approver.clone(),
            r.at.to_string(),
            r.by.clone().unwrap_or_default(),
            r.source.clone(),
            state,
        ]
    };
    recorded.iter().map(row).collect()
}

fn print_table(columns: &[Column], rows: Vec<Vec<String>>, format: Format) -> Result<(), Failure> {
    match format {
        Format::Table => {
            let heads: Vec<(&str, Align)> = columns.iter().map(|(t, _, a)| (*t, *a)).collect();
            print!("{}", layout(&heads, &rows));
        }
        Format::Csv => {
            let heads: Vec<&str> = columns.iter().map(|(t, _, _)| *t).collect();
            print!("{}", csv_text(&heads, rows)?);
        }
        Format::Json => {
            let object = |row: Vec<String>| -> serde_json::Value {
                let cells = columns.iter().zip(row);
                let map: serde_json::Map<String, serde_json::Value> = cells
                    .map(|((_, name, _), cell)| ((*name).to_owned(), cell.into()))
                    .collect();
                map.into()
            };
            let all: serde_json::Value = rows.into_iter().map(object).collect();
            println!("{all}");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_two_parts() {
        let parsed = parse_name("F-003.cash_limit");
        assert_eq!(parsed, Ok(("F-003".into(), "cash_limit".into())));
        for bad in ["F-003", ".x", "F-003.", ""] {
            assert!(parse_name(bad).is_err(), "{bad}");
        }
    }
}
