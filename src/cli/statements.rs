//! `sanzi statements`: 资产负债表, 收益及收益分配表 or 利润表, 收支明细表, 往来账龄.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::args::{BookArgs, parse_range};
use super::output::{Failure, Outcome};
use super::session;
use super::table::{Align, layout};
use crate::model::Money;
use crate::report::statements as files;
use crate::statement::drill::{Drill, drill};
use crate::statement::{Kind, Options, Statement, prepare};
use crate::store::Store;

// How statements are given out. (No doc comment: clap would show it as the command's own description.)
#[derive(Debug, Args)]
pub struct StatementOutput {
    #[arg(
        long,
        value_name = "格式",
        value_enum,
        default_value = "table",
        help = "table 表格、xlsx、html、csv、json"
    )]
    pub format: StatementFormat,
    /// 写到这个文件(xlsx 必须给出)
    #[arg(long, value_name = "文件", required_if_eq("format", "xlsx"))]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct StatementsArgs {
    #[command(flatten)]
    pub book: BookArgs,
    /// 期间:2024-12 或 2024-01..2024-12(同一年度)
    #[arg(long, value_name = "期间", value_parser = parse_range)]
    pub period: crate::model::PeriodRange,
    #[arg(
        long,
        value_name = "报表",
        value_enum,
        help = "只要一张:balance-sheet 资产负债表、income 收益及收益分配表(利润表)、flows 收支明细表、ageing 往来账龄"
    )]
    pub kind: Option<StatementKind>,
    #[command(flatten)]
    pub output: StatementOutput,
    /// 展开一行:列出该行的科目和凭证(须同时给出 --kind)
    #[arg(long, value_name = "行次", requires = "kind")]
    pub drill: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StatementKind {
    #[value(name = "balance-sheet", alias = "资产负债表")]
    BalanceSheet,
    #[value(name = "income", aliases = ["收益及收益分配表", "利润表"])]
    Income,
    #[value(name = "flows", alias = "收支明细表")]
    Flows,
    #[value(name = "ageing", aliases = ["aging", "往来账龄"])]
    Ageing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StatementFormat {
    Table,
    Xlsx,
    Html,
    Csv,
    Json,
}

pub async fn run(args: StatementsArgs, rules: &Option<PathBuf>) -> Result<Outcome, Failure> {
    let pack = session::pack(rules)?;
    let kinds: Vec<Kind> = match args.kind {
        None => Kind::ALL.to_vec(),
        Some(StatementKind::BalanceSheet) => vec![Kind::BalanceSheet],
        Some(StatementKind::Income) => vec![Kind::Income],
        Some(StatementKind::Flows) => vec![Kind::Flows],
        Some(StatementKind::Ageing) => vec![Kind::Ageing],
    };
    let store = Store::open(&args.book.db.db).await?;
    let options = Options {
        organisation: &args.book.org,
        range: args.period,
        kinds: &kinds,
    };
    let statements = prepare(store.db(), &pack, &options).await?;
    if let Some(row) = &args.drill {
        let opened = drill(store.db(), &pack, &statements[0], row).await?;
        let text = match args.output.format {
            StatementFormat::Json => format!("{}\n", files::drill_json(&opened)),
            _ => drill_text(&statements[0], &opened),
        };
        put(args.output.out.as_deref(), text.as_bytes())?;
        return Ok(Outcome::Done);
    }
    print(&statements, &args.output)
}

/// Prints statements in a format; what has a difference ends with 1.
pub fn print(statements: &[Statement], output: &StatementOutput) -> Result<Outcome, Failure> {
    let bytes = match output.format {
        StatementFormat::Table => statements
            .iter()
            .map(as_table)
            .collect::<Vec<_>>()
            .join("\n")
            .into_bytes(),
        StatementFormat::Csv => files::csv(statements)?,
        StatementFormat::Json => format!("{}\n", files::json(statements)).into_bytes(),
        StatementFormat::Html => files::html(statements)?.into_bytes(),
        StatementFormat::Xlsx => files::xlsx(statements, session::now())?,
    };
    put(output.out.as_deref(), &bytes)?;
    let differing: Vec<&Statement> = statements
        .iter()
        .filter(|s| !s.differences.is_empty())
        .collect();
    for statement in &differing {
        eprintln!(
            "报表-2001 {} {} 有差额,见表末“差额”行。请查明未列入报表的科目或不平的期初余额",
            statement.organisation, statement.title
        );
    }
    Ok(if differing.is_empty() {
        Outcome::Done
    } else {
        Outcome::Found
    })
}

/// To the file, or to standard output.
fn put(out: Option<&Path>, bytes: &[u8]) -> Result<(), Failure> {
    use std::io::Write;
    match out {
        Some(path) => {
            files::write_file(path, bytes)?;
            println!("已写入 {}", path.display());
            Ok(())
        }
        None => std::io::stdout()
            .write_all(bytes)
            .map_err(|e| Failure::Internal(format!("内部-1002 无法输出:{e}"))),
    }
}

fn shown(amount: &Option<Money>) -> String {
    amount
        .filter(|m| !m.is_zero())
        .map_or(String::new(), Money::grouped)
}

fn as_table(statement: &Statement) -> String {
    let mut headers = vec![("项目", Align::Left), ("行次", Align::Left)];
    headers.extend(statement.columns.iter().map(|c| (c.as_str(), Align::Right)));
    let rows: Vec<Vec<String>> = statement
        .all_lines()
        .map(|line| {
            let label = format!("{}{}", "  ".repeat(line.indent as usize), line.label);
            [label, line.id.clone()]
                .into_iter()
                .chain(line.amounts.iter().map(shown))
                .collect()
        })
        .collect();
    let mut out = format!(
        "{}  单位 {} {}  {}  单位:元\n\n{}",
        statement.title,
        statement.organisation,
        statement.name,
        statement.dated,
        layout(&headers, &rows)
    );
    for note in &statement.notes {
        out.push_str(&format!("注:{note}\n"));
    }
    out
}

fn drill_text(statement: &Statement, drill: &Drill) -> String {
    let mut out = format!(
        "{} {} {}  单位 {}  {}\n",
        statement.title, drill.id, drill.label, statement.organisation, statement.range
    );
    for (part, entries) in &drill.parts {
        out.push_str(&format!(
            "\n{} {} {}\n",
            part.account, part.name, part.counterparty
        ));
        for (column, amount) in statement.columns.iter().zip(&part.amounts) {
            out.push_str(&format!("  {column} {}\n", amount.grouped()));
        }
        let headers = [
            ("日期", Align::Left),
            ("凭证", Align::Left),
            ("摘要", Align::Left),
            ("借方", Align::Right),
            ("贷方", Align::Right),
            ("来源", Align::Left),
        ];
        let rows: Vec<Vec<String>> = entries
            .iter()
            .map(|e| {
                vec![
                    e.date.to_string(),
                    e.voucher.clone(),
                    e.summary.clone(),
                    shown(&Some(e.debit)),
                    shown(&Some(e.credit)),
                    format!("{} 第{}行", e.source_file, e.source_row),
                ]
            })
            .collect();
        if rows.is_empty() {
            out.push_str("  本期没有分录\n");
        } else {
            out.push_str(&layout(&headers, &rows));
        }
    }
    out
}
