//! Tables of a bundle for a spreadsheet: UTF-8 with BOM and CRLF, as Excel in Chinese expects; amounts in 元.

use std::collections::BTreeMap;

use super::EvidenceError;
use super::record::VoucherRecord;
use crate::audit::outcome::Finding;
use crate::model::spreadsheet::disarmed;
use crate::model::{Money, Table};
use crate::store::registers::StoredRow;

const HANDED_IN: [&str; 12] = [
    "凭证",
    "分录号",
    "日期",
    "摘要",
    "科目编码",
    "科目名称",
    "借方金额",
    "贷方金额",
    "往来单位",
    "文件",
    "工作表",
    "行",
];

const POSTED: [&str; 22] = [
    "链上位置",
    "版本",
    "凭证",
    "日期",
    "分录号",
    "摘要",
    "科目编码",
    "科目名称",
    "借方金额",
    "贷方金额",
    "往来单位",
    "合同编号",
    "资产编号",
    "制单人",
    "审核人",
    "记账人",
    "出纳",
    "来源",
    "文件",
    "工作表",
    "行",
    "封存值",
];

/// A CSV of these rows.
fn csv_of(headers: &[&str], rows: Vec<Vec<String>>) -> Result<Vec<u8>, EvidenceError> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    writer
        .write_record(headers)
        .map_err(EvidenceError::internal)?;
    for row in rows {
        let cells = row.iter().map(|c| disarmed(c).into_owned());
        writer
            .write_record(cells)
            .map_err(EvidenceError::internal)?;
    }
    writer.into_inner().map_err(EvidenceError::internal)
}

/// The voucher lines that a finding names, as the audit saw them, with their place in what was handed in.
pub fn handed_in(finding: &Finding) -> Result<Vec<u8>, EvidenceError> {
    let row = |l: &crate::audit::outcome::VoucherLine| {
        vec![
            l.voucher.clone(),
            l.line.to_string(),
            l.date.to_string(),
            l.summary.clone(),
            l.account.clone(),
            l.account_name.clone(),
            l.debit.to_string(),
            l.credit.to_string(),
            l.counterparty.clone(),
            l.file.clone(),
            l.sheet.clone(),
            l.row.to_string(),
        ]
    };
    csv_of(&HANDED_IN, finding.voucher_lines.iter().map(row).collect())
}

/// Posted vouchers, a row per line, every revision.
pub fn posted(vouchers: &[VoucherRecord]) -> Result<Vec<u8>, EvidenceError> {
    let mut rows = Vec::new();
    for v in vouchers {
        let name = v.voucher().map(|v| v.id.to_string()).unwrap_or_default();
        let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
        for e in &v.entries {
            rows.push(vec![
                v.position.to_string(),
                v.revision.to_string(),
                name.clone(),
                v.date.to_string(),
                e.line.to_string(),
                or_empty(&e.summary),
                e.account.clone(),
                or_empty(&e.account_name),
                Money(e.debit).to_string(),
                Money(e.credit).to_string(),
                or_empty(&e.counterparty),
                or_empty(&e.contract_no),
                or_empty(&e.asset_no),
                or_empty(&v.maker),
                or_empty(&v.checker),
                or_empty(&v.poster),
                or_empty(&v.cashier),
                or_empty(&v.origin),
                v.file.clone(),
                or_empty(&v.sheet),
                e.source_row.to_string(),
                v.hash.clone(),
            ]);
        }
    }
    csv_of(&POSTED, rows)
}

/// Register rows, a CSV per table, with their place in what was handed in: file name → bytes.
pub fn registers(
    rows: &[(&'static Table, StoredRow)],
) -> Result<Vec<(String, Vec<u8>)>, EvidenceError> {
    let mut tables: BTreeMap<&str, (&Table, Vec<Vec<String>>)> = BTreeMap::new();
    for (table, stored) in rows {
        let cells = stored.row.values.iter().zip(&table.columns);
        let mut row: Vec<String> = cells.map(|(v, c)| v.display(&c.kind)).collect();
        row.extend([
            stored.source_file.to_string(),
            stored
                .source_sheet
                .as_deref()
                .unwrap_or_default()
                .to_owned(),
            stored.row.source_row.to_string(),
        ]);
        let (_, rows) = tables.entry(&table.name).or_insert((table, Vec::new()));
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    let mut files = Vec::new();
    for (name, (table, rows)) in tables {
        let own = table.columns.iter().map(|c| {
            let first = c.headers.first();
            first.map_or(c.name.as_str(), String::as_str)
        });
        let headers: Vec<&str> = own.chain(["来源文件", "来源工作表", "来源行"]).collect();
        files.push((format!("{name}.csv"), csv_of(&headers, rows)?));
    }
    Ok(files)
}
