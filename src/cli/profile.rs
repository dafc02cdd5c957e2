//! `sanzi profile`: layouts listed, checked, and tried on a file without a database.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::import::as_text;
use super::output::{Failure, Outcome};
use super::session;
use super::table::{Align, layout};
use crate::import::handin::{CompanyHandIn, HandIn, RegisterTable};
use crate::import::profile::Profile;
use crate::import::{self, ReadOptions};
use crate::model::{Column, ColumnType, Money, Severity, Value, Voucher};
use crate::pack::Pack;

/// Vouchers that a trial shows.
const SHOWN: usize = 5;

#[derive(Debug, Args)]
pub struct ProfileArgs {
    #[command(subcommand)]
    pub command: ProfileCommand,
}

#[derive(Debug, Subcommand)]
pub enum ProfileCommand {
    /// 列出规则包里的全部格式
    List,
    /// 检查格式文件写得对不对
    Check {
        #[arg(value_name = "格式文件", required = true)]
        files: Vec<PathBuf>,
    },
    /// 用一个格式试读一个文件:头几张凭证、合计、问题、没有读入的行;不需要数据库
    Test {
        /// 格式文件,或规则包里的格式名
        #[arg(value_name = "格式")]
        profile: PathBuf,
        /// 要读的文件
        #[arg(value_name = "文件")]
        file: PathBuf,
    },
}

pub fn run(args: ProfileArgs, rules: &Option<PathBuf>) -> Result<Outcome, Failure> {
    let pack = session::pack(rules)?;
    match args.command {
        ProfileCommand::List => print!("{}", list(&pack)?),
        ProfileCommand::Check { files } => {
            for file in files {
                session::profile_text(&file)?;
                println!("{} 可以用", file.display());
            }
        }
        ProfileCommand::Test { profile, file } => return test(&pack, &profile, &file),
    }
    Ok(Outcome::Done)
}

fn broken(reason: String) -> Failure {
    Failure::Input(import::ImportError::Rules(reason).to_string())
}

fn list(pack: &Pack) -> Result<String, Failure> {
    let (profiles, _) = Profile::load(pack).map_err(broken)?;
    let rows: Vec<Vec<String>> = profiles
        .iter()
        .map(|p| {
            let own = if p.preferred { "优先" } else { "" };
            vec![
                p.id.clone(),
                p.title.clone(),
                p.kind.label().to_owned(),
                own.to_owned(),
            ]
        })
        .collect();
    let headers = ["格式名", "名称", "内容", ""].map(|h| (h, Align::Left));
    Ok(layout(&headers, &rows))
}

/// Reads the file with the one profile going before all others.
fn test(pack: &Pack, profile: &Path, file: &Path) -> Result<Outcome, Failure> {
    let shipped = pack.text(&format!("profiles/{}.toml", profile.display()));
    let text = match shipped {
        Some(text) if !profile.exists() => text.into_owned(),
        _ => session::profile_text(profile)?,
    };
    let preferred = match Profile::parse(&text).map_err(broken)?.preferred {
        true => text,
        false => format!("preferred = true\n{text}"),
    };
    let pack = pack.clone().with("profiles/试读.toml", preferred);
    let ids = session::id_hasher()?;
    let options = ReadOptions {
        org: Some("试读".to_owned()),
        rules: &pack,
        ids: &ids,
        known: Default::default(),
        progress: None,
    };
    let hand_in = import::read(file, &options).map_err(|e| Failure::Input(e.to_string()))?;
    print!("{}", as_text(&hand_in, None));
    for company in &hand_in.companies {
        for table in company.registers.iter().filter(|t| !t.rows.is_empty()) {
            print!("{}", rows(table));
        }
        let openings: String = company.openings.iter().map(one).collect();
        print!("{openings}");
        if !company.vouchers.is_empty() {
            print!("{}", vouchers(company));
        }
    }
    Ok(match has_errors(&hand_in) {
        true => Outcome::BadInput,
        false => Outcome::Done,
    })
}

fn has_errors(hand_in: &HandIn) -> bool {
    let street = hand_in.problems.iter();
    let companies = hand_in.companies.iter().flat_map(|c| &c.problems);
    street
        .chain(companies)
        .any(|p| p.severity == Severity::Error)
}

/// The first rows as they would be kept, without columns that are empty in all of them.
fn rows(table: &RegisterTable) -> String {
    let shown = &table.rows[..SHOWN.min(table.rows.len())];
    let columns = table.table.columns.iter().enumerate();
    let filled = |at: usize| shown.iter().any(|row| !row.values[at].is_null());
    let columns: Vec<(usize, &Column)> = columns.filter(|(at, _)| filled(*at)).collect();
    let headers: Vec<(&str, Align)> = columns
        .iter()
        .map(|(_, column)| {
            let align = match column.kind {
                ColumnType::Money | ColumnType::Int => Align::Right,
                _ => Align::Left,
            };
            (column.headers[0].as_str(), align)
        })
        .collect();
    let cells: Vec<Vec<String>> = shown
        .iter()
        .map(|row| {
            let cells = columns.iter();
            cells
                .map(|(at, column)| shown_cell(&row.values[*at], column))
                .collect()
        })
        .collect();
    format!(
        "\n{}:共 {} 行,头 {} 行:\n\n{}",
        table.table.file,
        table.rows.len(),
        shown.len(),
        layout(&headers, &cells)
    )
}

fn shown_cell(value: &Value, column: &Column) -> String {
    match (value, &column.kind) {
        (Value::Int(fen), ColumnType::Money) => Money(*fen).grouped(),
        // A keyed hash says nothing to people; its last four digits do.
        (Value::Text(id), ColumnType::Id) => {
            format!("****{}", id.rsplit(':').next().unwrap_or_default())
        }
        (value, kind) => value.hand_in(kind),
    }
}

/// The first vouchers as they would be posted, and the totals of all.
fn vouchers(company: &CompanyHandIn) -> String {
    let mut out = format!("\n头 {} 张凭证:\n", SHOWN.min(company.vouchers.len()));
    for voucher in company.vouchers.iter().take(SHOWN) {
        out.push_str(&one(voucher));
    }
    let sum = |of: fn(&Voucher) -> Money| -> i128 {
        company.vouchers.iter().map(|v| i128::from(of(v).0)).sum()
    };
    let shown =
        |fen: i128| i64::try_from(fen).map_or_else(|_| fen.to_string(), |f| Money(f).grouped());
    out.push_str(&format!(
        "\n合计:凭证 {} 张,借方 {},贷方 {}\n",
        company.vouchers.len(),
        shown(sum(Voucher::debit)),
        shown(sum(Voucher::credit))
    ));
    out
}

fn one(voucher: &Voucher) -> String {
    let people = [
        ("制单", &voucher.maker),
        ("审核", &voucher.checker),
        ("记账", &voucher.poster),
        ("出纳", &voucher.cashier),
    ];
    let people: Vec<String> = people
        .iter()
        .filter_map(|(duty, name)| Some(format!("{duty} {}", name.as_deref()?)))
        .collect();
    let mut out = format!(
        "\n  {}  {}  {}\n",
        voucher.id,
        voucher.date,
        people.join(" ")
    );
    let rows: Vec<Vec<String>> = voucher
        .entries
        .iter()
        .map(|e| {
            let amount = |m: Money| {
                if m.is_zero() {
                    String::new()
                } else {
                    m.grouped()
                }
            };
            let text = |t: &Option<crate::model::Text>| t.as_deref().unwrap_or("").to_owned();
            vec![
                format!("    {}", text(&e.summary)),
                e.account.to_string(),
                text(&e.account_name),
                amount(e.debit),
                amount(e.credit),
                text(&e.counterparty),
            ]
        })
        .collect();
    let headers = [
        ("    摘要", Align::Left),
        ("科目", Align::Left),
        ("科目名称", Align::Left),
        ("借方", Align::Right),
        ("贷方", Align::Right),
        ("往来单位", Align::Left),
    ];
    out.push_str(&layout(&headers, &rows));
    out
}
