//! `sanzi ledger`: 明细账.

use super::args::{Format, LedgerArgs};
use super::output::{Failure, Outcome};
use super::table::{Align, csv_text, layout};
use crate::ledger::account_ledger::{AccountLedger, account_ledger};
use crate::model::Money;
use crate::store::Store;

pub async fn run(args: LedgerArgs) -> Result<Outcome, Failure> {
    let store = Store::open(&args.book.db.db).await?;
    let ledger =
        account_ledger(store.db(), &args.book.org, &args.account, args.period.range).await?;
    match args.output.format {
        Format::Table => print!("{}", as_table(&ledger)),
        Format::Csv => print!("{}", as_csv(&ledger)?),
        Format::Json => println!("{}", as_json(&ledger)),
    }
    Ok(Outcome::Done)
}

/// 借, 贷 or 平, and the amount on that side.
fn side(balance: Money) -> (&'static str, Money) {
    match balance.0 {
        0 => ("平", Money::ZERO),
        n if n > 0 => ("借", balance),
        _ => ("贷", -balance),
    }
}

fn as_table(ledger: &AccountLedger) -> String {
    let shown = |m: Money| {
        if m.is_zero() {
            String::new()
        } else {
            m.grouped()
        }
    };
    let edge = |label: &str, balance: Money| {
        let (word, amount) = side(balance);
        vec![
            String::new(),
            String::new(),
            label.to_owned(),
            String::new(),
            String::new(),
            String::new(),
            word.to_owned(),
            amount.grouped(),
        ]
    };
    let mut rows = vec![edge("期初余额", ledger.opening)];
    for line in &ledger.lines {
        let (word, amount) = side(line.balance);
        rows.push(vec![
            line.date.to_string(),
            line.voucher.clone(),
            line.summary.replace(['\r', '\n'], " "),
            line.counterparty.clone(),
            shown(line.debit),
            shown(line.credit),
            word.to_owned(),
            amount.grouped(),
        ]);
    }
    rows.push(edge("期末余额", ledger.closing));
    let headers = [
        ("日期", Align::Left),
        ("凭证", Align::Left),
        ("摘要", Align::Left),
        ("往来单位", Align::Left),
        ("借方", Align::Right),
        ("贷方", Align::Right),
        ("方向", Align::Left),
        ("余额", Align::Right),
    ];
    format!(
        "明细账  单位 {}  科目 {} {}  期间 {}\n\n{}",
        ledger.organisation,
        ledger.account,
        ledger.name,
        ledger.range,
        layout(&headers, &rows)
    )
}

fn as_csv(ledger: &AccountLedger) -> Result<String, Failure> {
    let headers = [
        "日期",
        "凭证",
        "行",
        "科目编码",
        "摘要",
        "往来单位",
        "借方",
        "贷方",
        "方向",
        "余额",
        "来源文件",
        "来源行",
    ];
    let rows = ledger.lines.iter().map(|line| {
        let (word, amount) = side(line.balance);
        [
            line.date.to_string(),
            line.voucher.clone(),
            line.line.to_string(),
            line.account.clone(),
            line.summary.clone(),
            line.counterparty.clone(),
            line.debit.to_string(),
            line.credit.to_string(),
            word.to_owned(),
            amount.to_string(),
            line.source_file.clone(),
            line.source_row.to_string(),
        ]
    });
    csv_text(&headers, rows)
}

fn as_json(ledger: &AccountLedger) -> String {
    let lines: Vec<serde_json::Value> = ledger
        .lines
        .iter()
        .map(|line| {
            serde_json::json!({
                "date": line.date.to_string(), "voucher": line.voucher, "line": line.line, "account": line.account,
                "summary": line.summary, "counterparty": line.counterparty, "debit": line.debit.to_string(),
                "credit": line.credit.to_string(), "balance": line.balance.to_string(),
                "source": { "file": line.source_file, "row": line.source_row },
            })
        })
        .collect();
    serde_json::json!({
        "organisation": ledger.organisation, "account": ledger.account, "name": ledger.name, "period": ledger.range.to_string(),
        "opening": ledger.opening.to_string(), "closing": ledger.closing.to_string(), "unit": "元", "lines": lines,
    })
    .to_string()
}
