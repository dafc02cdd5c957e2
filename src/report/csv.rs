//! `findings.csv`: one row per finding, strongest first, for spreadsheets and scripts. `suppressed.csv`: the findings set
//! aside, in a file of their own, so that whoever adds up the first does not count them.
//! UTF-8 with BOM and CRLF, as Excel in Chinese expects; RFC 4180 quotes.

use std::borrow::Cow;

use super::{Report, ReportError, json, words};
use crate::audit::outcome::{Finding, SuppressedFinding};
use crate::model::spreadsheet::disarmed;

pub const HEADERS: [&str; 12] = [
    "编号",
    "规则编号",
    "类型",
    "严重程度",
    "单位编码",
    "对象",
    "关键字",
    "金额",
    "日期",
    "状态",
    "说明",
    "证据",
];

/// Columns of `suppressed.csv` behind those of `findings.csv`.
pub const WHY: [&str; 6] = [
    "理由",
    "依据文件",
    "有效期至",
    "经办人",
    "批准人",
    "压制时间",
];

/// Place of 状态 among the columns.
const STATE: usize = 9;

/// The bytes of `findings.csv`.
pub fn render(report: &Report<'_>) -> Result<Vec<u8>, ReportError> {
    let rows = report.run.findings.iter().map(record);
    file(&HEADERS, rows)
}

/// The bytes of `suppressed.csv`.
pub fn render_suppressed(report: &Report<'_>) -> Result<Vec<u8>, ReportError> {
    let headers = [HEADERS.as_slice(), &WHY].concat();
    file(&headers, report.run.suppressed.iter().map(suppressed))
}

fn file<'a, R: IntoIterator<Item = Cow<'a, str>>>(
    headers: &[&str],
    rows: impl Iterator<Item = Result<R, ReportError>>,
) -> Result<Vec<u8>, ReportError> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(headers)?;
    for row in rows {
        for cell in row? {
            writer.write_field(cell.as_bytes())?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer
        .into_inner()
        .map_err(|e| ReportError::Csv(e.into_error().into()))
}

fn suppressed(s: &SuppressedFinding) -> Result<Vec<Cow<'_, str>>, ReportError> {
    let why = &s.suppression;
    let mut row = record(&s.finding)?.to_vec();
    row[STATE] = words::SUPPRESSED.into();
    row.extend([
        disarmed(&why.reason),
        disarmed(&why.document),
        Cow::Owned(why.until.to_string()),
        disarmed(&why.by),
        disarmed(&why.approved_by),
        Cow::Owned(why.at.to_string()),
    ]);
    Ok(row)
}

fn record(finding: &Finding) -> Result<[Cow<'_, str>; 12], ReportError> {
    let number = |text: Option<String>| Cow::Owned(text.unwrap_or_default());
    Ok([
        disarmed(&finding.number),
        disarmed(&finding.rule),
        disarmed(finding.kind.label()),
        disarmed(finding.severity.label()),
        disarmed(&finding.organisation),
        disarmed(words::subject(&finding.subject)),
        Cow::Owned(disarmed(&finding.key_text()).into_owned()),
        number(finding.amount.map(|a| a.to_string())),
        number(finding.occurred_on.map(|d| d.to_string())),
        disarmed(finding.state.label()),
        disarmed(&finding.message),
        Cow::Owned(serde_json::to_string(&json::proof(finding))?),
    ])
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// What people wrote.
    Text(String),
    /// A number or date of ours.
    Figure(String),
}

/// Any table in the same form: texts disarmed, figures as they are.
///
/// # Errors
/// [`ReportError::Csv`] when rows are not as wide as the headers.
pub fn table(headers: &[&str], rows: &[Vec<Cell>]) -> Result<Vec<u8>, ReportError> {
    let rows = rows.iter().map(|row| {
        Ok(row.iter().map(|cell| match cell {
            Cell::Text(text) => disarmed(text),
            Cell::Figure(figure) => Cow::Borrowed(figure.as_str()),
        }))
    });
    file(headers, rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Money;
    use crate::report::sample;

    #[test]
    fn formulas_are_disarmed_but_numbers_are_not() {
        let mut run = sample::run();
        run.findings.truncate(1);
        run.findings[0].amount = Some(Money(-1_050));
        run.findings[0].message = "=HYPERLINK(\"x\")".into();
        let bytes = render(&Report::new(&run, sample::generated_at())).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(",-10.50,"), "{text}");
        assert!(text.contains("\"'=HYPERLINK(\"\"x\"\")\""), "{text}");
    }

    #[test]
    fn any_table_is_written_alike() {
        let row = vec![Cell::Text("=1".into()), Cell::Figure("-1.00".into())];
        let text = String::from_utf8(table(&["名", "额"], &[row]).unwrap()).unwrap();
        assert_eq!(text, "\u{feff}名,额\r\n'=1,-1.00\r\n");
        assert!(table(&["名"], &[vec![Cell::Figure("1".into()); 2]]).is_err());
    }

    #[test]
    fn form_is_what_excel_expects() {
        let run = sample::run();
        let bytes = render(&Report::new(&run, sample::generated_at())).unwrap();
        let text = std::str::from_utf8(&bytes).unwrap();
        let first =
            "\u{feff}编号,规则编号,类型,严重程度,单位编码,对象,关键字,金额,日期,状态,说明,证据\r\n";
        assert!(text.starts_with(first));
        assert!(text.ends_with("\r\n"));
        let mut reader = csv::Reader::from_reader(&bytes[3..]);
        for (row, finding) in reader.records().map(Result::unwrap).zip(&run.findings) {
            assert_eq!(&row[0], finding.number);
            let proof: serde_json::Value = serde_json::from_str(&row[11]).unwrap();
            assert_eq!(
                proof["voucher_lines"].as_array().unwrap().len(),
                finding.voucher_lines.len()
            );
        }
    }
}
