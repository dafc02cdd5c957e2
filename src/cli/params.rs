//! `sanzi params`: what the street has still to decide, the values in force, a value recorded, its history.

mod args;
mod rows;

use std::path::PathBuf;

use chrono::NaiveDate;

pub use args::ParamsArgs;
use args::ParamsCommand;
use rows::{HISTORY, QUESTIONS, VALUES, history_rows, print_table, question_rows, value_rows};

use super::args::Format;
use super::output::{Failure, Outcome};
use super::session;
use crate::audit::params::{InForce, Setting, Trial, in_force, resolve};
use crate::audit::rule::RulePack;
use crate::audit::rule::questions::questions;
use crate::audit::settings::{self, Decision, Written};
use crate::report::words;

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
            print_table(&HISTORY, history_rows(&pack, &recorded), output.format)?;
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
                overlay: false,
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
