//! `sanzi import list` and `sanzi import undo`.

use super::args::{Format, ImportCommand};
use super::output::{Failure, Outcome};
use super::session;
use super::table::{Align, csv_text, layout};
use crate::ledger::undo::{self, Undo, Undone};
use crate::store::Store;
use crate::store::batch::{self, State, Summary};

const HEADERS: [(&str, Align); 9] = [
    ("批次", Align::Right),
    ("时间", Align::Left),
    ("经办人", Align::Left),
    ("内容", Align::Left),
    ("文件", Align::Right),
    ("行数", Align::Right),
    ("凭证", Align::Right),
    ("单位", Align::Left),
    ("状态", Align::Left),
];

pub async fn run(command: &ImportCommand) -> Result<Outcome, Failure> {
    match command {
        ImportCommand::List { db, output } => {
            let store = Store::open(&db.db).await?;
            let batches = batch::list(store.db()).await?;
            match output.format {
                Format::Table if batches.is_empty() => println!("库中还没有批次"),
                Format::Table => print!("{}", layout(&HEADERS, &rows(&batches))),
                Format::Csv => print!("{}", as_csv(&batches)?),
                Format::Json => println!("{}", as_json(&batches)),
            }
        }
        ImportCommand::Undo {
            batch,
            db,
            by,
            reason,
        } => {
            let store = Store::open(&db.db).await?;
            let undo = Undo {
                batch_id: *batch,
                by,
                reason,
                at: session::now(),
            };
            let undone = undo::undo(&store, &undo).await?;
            print!("{}", as_text(*batch, &undone));
        }
    }
    Ok(Outcome::Done)
}

fn rows(batches: &[Summary]) -> Vec<Vec<String>> {
    batches
        .iter()
        .map(|b| {
            vec![
                b.id.to_string(),
                b.at.to_string(),
                b.by.clone().unwrap_or_default(),
                b.label.clone(),
                b.files.to_string(),
                b.rows.to_string(),
                b.vouchers.to_string(),
                b.organisations.join("、"),
                state(&b.state),
            ]
        })
        .collect()
}

fn state(state: &State) -> String {
    match state {
        State::Standing => "有效".to_owned(),
        State::Undo { of } => format!("撤销了批次 {of}"),
        State::Undone {
            undone_in,
            at,
            by,
            reason,
        } => format!("已撤销:{at} {by},原因:{reason}(批次 {undone_in})"),
    }
}

fn as_csv(batches: &[Summary]) -> Result<String, Failure> {
    csv_text(&HEADERS.map(|(title, _)| title), rows(batches))
}

fn as_json(batches: &[Summary]) -> serde_json::Value {
    let all = batches.iter().map(|b| {
        let state = match &b.state {
            State::Standing => serde_json::json!({ "state": "standing" }),
            State::Undo { of } => serde_json::json!({ "state": "undo", "of": of }),
            State::Undone {
                undone_in,
                at,
                by,
                reason,
            } => {
                serde_json::json!({ "state": "undone", "undone_in": undone_in, "at": at, "by": by, "reason": reason })
            }
        };
        serde_json::json!({
            "batch": b.id, "at": b.at, "by": b.by, "label": b.label, "files": b.files, "rows": b.rows,
            "vouchers": b.vouchers, "organisations": b.organisations, "state": state,
        })
    });
    all.collect()
}

fn as_text(batch: i64, undone: &Undone) -> String {
    let mut out = format!("已撤销批次 {batch}(记为批次 {})\n", undone.recorded_in);
    for book in &undone.books {
        out.push_str(&format!(
            "  {}  冲回凭证 {} 张,恢复为以前版本 {} 张\n",
            book.organisation, book.reversed, book.restored
        ));
    }
    let (removed, restored) = undone.registers;
    out.push_str(&format!("  台账:撤下 {removed} 行,恢复 {restored} 行\n"));
    let (removed, restored) = undone.held;
    if removed + restored > 0 {
        out.push_str(&format!(
            "  待纠正、作废凭证:撤下 {removed} 张,恢复 {restored} 张\n"
        ));
    }
    if !undone.later.is_empty() {
        let later: Vec<String> = undone.later.iter().map(i64::to_string).collect();
        out.push_str(&format!(
            "  注意:这些单位后来还有批次 {};其中与本批次相同的内容当时没有重复写入,需要的话请重新导入那些文件\n",
            later.join("、")
        ));
    }
    out.push_str("  同样的文件可以重新导入\n");
    out
}
