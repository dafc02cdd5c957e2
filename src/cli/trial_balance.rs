//! `sanzi trial-balance`: 科目余额表.

use super::args::{Format, TrialBalanceArgs};
use super::output::{Failure, Outcome};
use super::table::{Align, csv_text, layout};
use crate::ledger::trial_balance::{Row, TrialBalance, trial_balance};
use crate::model::Money;
use crate::store::Store;

const HEADERS: [&str; 8] = [
    "科目编码",
    "科目名称",
    "期初借方",
    "期初贷方",
    "本期借方",
    "本期贷方",
    "期末借方",
    "期末贷方",
];

pub async fn run(args: TrialBalanceArgs) -> Result<Outcome, Failure> {
    let store = Store::open(&args.book.db.db).await?;
    let mut balance = trial_balance(store.db(), &args.book.org, args.period.range).await?;
    if let Some(level) = args.level {
        balance.rows.retain(|r| r.level <= level);
    }
    match args.output.format {
        Format::Table => print!("{}", as_table(&balance)),
        Format::Csv => print!("{}", as_csv(&balance)?),
        Format::Json => println!("{}", as_json(&balance)),
    }
    Ok(Outcome::Done)
}

fn amounts(row: &Row) -> [Money; 6] {
    [
        row.opening_debit,
        row.opening_credit,
        row.debit,
        row.credit,
        row.closing_debit,
        row.closing_credit,
    ]
}

fn as_table(balance: &TrialBalance) -> String {
    let shown = |m: Money| {
        if m.is_zero() {
            String::new()
        } else {
            m.grouped()
        }
    };
    let mut rows: Vec<Vec<String>> = balance
        .rows
        .iter()
        .map(|row| {
            let indent = "  ".repeat(row.level.saturating_sub(1) as usize);
            let head = [row.account.clone(), format!("{indent}{}", row.name)];
            head.into_iter().chain(amounts(row).map(shown)).collect()
        })
        .collect();
    rows.push(
        ["合计".to_owned(), String::new()]
            .into_iter()
            .chain(balance.totals().map(Money::grouped))
            .collect(),
    );
    let headers: Vec<(&str, Align)> = HEADERS
        .iter()
        .enumerate()
        .map(|(i, h)| (*h, if i < 2 { Align::Left } else { Align::Right }))
        .collect();
    format!(
        "科目余额表  单位 {}  期间 {}  单位:元\n\n{}",
        balance.organisation,
        balance.range,
        layout(&headers, &rows)
    )
}

fn as_csv(balance: &TrialBalance) -> Result<String, Failure> {
    let rows = balance.rows.iter().map(|row| {
        [row.account.clone(), row.name.clone()]
            .into_iter()
            .chain(amounts(row).map(|m| m.to_string()))
    });
    csv_text(&HEADERS, rows)
}

fn as_json(balance: &TrialBalance) -> String {
    let rows: Vec<serde_json::Value> = balance
        .rows
        .iter()
        .map(|row| {
            let mut object = serde_json::Map::new();
            object.insert("account".into(), row.account.clone().into());
            object.insert("name".into(), row.name.clone().into());
            object.insert("level".into(), row.level.into());
            object.insert("is_leaf".into(), row.is_leaf.into());
            let names = [
                "opening_debit",
                "opening_credit",
                "debit",
                "credit",
                "closing_debit",
                "closing_credit",
            ];
            for (name, amount) in names.into_iter().zip(amounts(row)) {
                object.insert(name.into(), amount.to_string().into());
            }
            object.into()
        })
        .collect();
    serde_json::json!({ "organisation": balance.organisation, "period": balance.range.to_string(), "unit": "元", "rows": rows }).to_string()
}
