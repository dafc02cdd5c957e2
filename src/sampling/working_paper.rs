//! 抽样底稿.csv: one row an item, with two columns for the auditor to fill. UTF-8 with BOM and CRLF, as Excel expects;
//! read back in whatever encoding it was saved.

use super::SamplingError;
use super::evaluate::Examined;
use super::model::{Sample, side_label};
use crate::import::text::decode;
use crate::model::Money;
use crate::model::spreadsheet::disarmed;

/// The name of the file in a sample's folder.
pub const FILE: &str = "抽样底稿.csv";

const AUDITED: &str = "审定金额";

const HEADERS: [&str; 13] = [
    "序号",
    "层",
    "凭证",
    "行",
    "日期",
    "科目编码",
    "科目名称",
    "摘要",
    "往来单位",
    "方向",
    "账面金额",
    AUDITED,
    "说明",
];

/// The bytes of the empty working paper.
///
/// # Errors
/// What the CSV writer says; nothing that a user does leads there.
pub fn render(sample: &Sample) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(HEADERS)?;
    for drawn in &sample.items {
        let item = &drawn.item;
        let stratum = sample.strata.get(drawn.stratum);
        let line = item.line.map(|l| l.to_string()).unwrap_or_default();
        let texts = [
            &stratum.map(|s| s.label.clone()).unwrap_or_default(),
            &item.voucher,
            &line,
            &item.date.to_string(),
            &item.account,
            &item.account_name,
            &item.summary,
            &item.counterparty,
            side_label(sample.filter.side),
        ];
        let mut record = vec![drawn.number.to_string()];
        record.extend(texts.map(|t| disarmed(t).into_owned()));
        record.extend([item.amount.to_string(), String::new(), String::new()]);
        writer.write_record(record)?;
    }
    writer.into_inner().map_err(|e| e.into_error().into())
}

/// The filled working paper, in the order of the sample's items.
///
/// # Errors
/// [`SamplingError::Altered`], [`SamplingError::Unfilled`] and [`SamplingError::NotMoney`]; for bytes that are no text or no
/// CSV the former too.
pub fn read(sample: &Sample, bytes: Vec<u8>) -> Result<Vec<Examined>, SamplingError> {
    let decoded = decode(bytes, &|text| text.contains(AUDITED));
    let text = decoded.map_err(|_| altered("文字编码认不出,请另存为 UTF-8 或 GBK 的 CSV"))?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.text.trim_start_matches('\u{feff}').as_bytes());
    let heads = reader
        .headers()
        .map_err(|e| altered(&e.to_string()))?
        .clone();
    let columns = Columns::find(&heads)?;
    let mut out: Vec<Option<Examined>> = vec![None; sample.items.len()];
    let mut unfilled = Vec::new();
    for (row, record) in (2..).zip(reader.records()) {
        let record = record.map_err(|e| altered(&e.to_string()))?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let at = columns.place(sample, &record, row)?;
        if out[at].is_some() {
            return Err(altered(&format!("序号 {} 出现两次", at + 1)));
        }
        let audited = columns.audited(&record, row)?;
        if audited.is_none() {
            unfilled.push((at + 1).to_string());
        }
        out[at] = Some(Examined {
            number: at + 1,
            audited: audited.unwrap_or_default(),
            note: record
                .get(columns.note)
                .unwrap_or_default()
                .trim()
                .to_owned(),
        });
    }
    let missing = out.iter().position(Option::is_none);
    if let Some(at) = missing {
        return Err(altered(&format!("没有序号 {} 的行", at + 1)));
    }
    if !unfilled.is_empty() {
        let (count, shown) = (unfilled.len(), unfilled.len().min(20));
        let more = if count > shown { "……" } else { "" };
        return Err(SamplingError::Unfilled(format!(
            "{count} 行没有审定金额,序号 {}{more}",
            unfilled[..shown].join("、")
        )));
    }
    Ok(out.into_iter().flatten().collect())
}

fn altered(reason: &str) -> SamplingError {
    SamplingError::Altered(reason.to_owned())
}

/// Where the columns stand now: a person may have moved them.
struct Columns {
    number: usize,
    voucher: usize,
    line: usize,
    book: usize,
    audited: usize,
    note: usize,
}

impl Columns {
    fn find(heads: &csv::StringRecord) -> Result<Columns, SamplingError> {
        let at = |name: &str| {
            let found = heads.iter().position(|h| h.trim() == name);
            found.ok_or_else(|| altered(&format!("没有「{name}」一列")))
        };
        Ok(Columns {
            number: at("序号")?,
            voucher: at("凭证")?,
            line: at("行")?,
            book: at("账面金额")?,
            audited: at(AUDITED)?,
            note: at("说明")?,
        })
    }

    /// Which item a row is of: number, voucher, line and book amount must all be its.
    fn place(
        &self,
        sample: &Sample,
        record: &csv::StringRecord,
        row: usize,
    ) -> Result<usize, SamplingError> {
        let cell = |at: usize| record.get(at).unwrap_or_default().trim();
        let number: Option<usize> = cell(self.number).parse().ok();
        let at = number.and_then(|n| n.checked_sub(1));
        let Some((at, drawn)) = at.and_then(|at| Some((at, sample.items.get(at)?))) else {
            let found = cell(self.number);
            return Err(altered(&format!("第 {row} 行的序号「{found}」不在样本内")));
        };
        let line = drawn.item.line.map(|l| l.to_string()).unwrap_or_default();
        let same = cell(self.voucher) == drawn.item.voucher
            && cell(self.line) == line
            && Money::parse(cell(self.book)) == Ok(drawn.item.amount);
        match same {
            true => Ok(at),
            false => Err(altered(&format!(
                "第 {row} 行与所抽的 {}(账面 {} 元)不符",
                drawn.item.identity(),
                drawn.item.amount
            ))),
        }
    }

    /// None: not filled. A dash is no amount here: nobody knows what it meant.
    fn audited(
        &self,
        record: &csv::StringRecord,
        row: usize,
    ) -> Result<Option<Money>, SamplingError> {
        let found = record.get(self.audited).unwrap_or_default().trim();
        if found.is_empty() {
            return Ok(None);
        }
        let bad = |reason: String| SamplingError::NotMoney {
            row,
            found: found.to_owned(),
            reason,
        };
        if !found.chars().any(char::is_numeric) {
            return Err(bad("没有数字".to_owned()));
        }
        let money = Money::parse(found).map_err(|e| bad(e.to_string()))?;
        Ok(Some(money))
    }
}
