//! `findings.csv`: one row per finding, strongest first, for spreadsheets and scripts.
//! UTF-8 with BOM and CRLF, as Excel in Chinese expects; RFC 4180 quotes.

use std::borrow::Cow;

use super::{Report, ReportError, json, words};
use crate::audit::outcome::Finding;

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

/// The bytes of `findings.csv`.
pub fn render(report: &Report<'_>) -> Result<Vec<u8>, ReportError> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(HEADERS)?;
    for finding in &report.run.findings {
        writer.write_record(record(finding)?.iter().map(|c| c.as_bytes()))?;
    }
    writer
        .into_inner()
        .map_err(|e| ReportError::Csv(e.into_error().into()))
}

fn record(finding: &Finding) -> Result<[Cow<'_, str>; 12], ReportError> {
    let number = |text: Option<String>| Cow::Owned(text.unwrap_or_default());
    Ok([
        guarded(&finding.number),
        guarded(&finding.rule),
        guarded(finding.kind.label()),
        guarded(finding.severity.label()),
        guarded(&finding.organisation),
        guarded(words::subject(&finding.subject)),
        Cow::Owned(guarded(&finding.key_text()).into_owned()),
        number(finding.amount.map(|a| a.to_string())),
        number(finding.occurred_on.map(|d| d.to_string())),
        guarded(finding.state.label()),
        guarded(&finding.message),
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
pub fn table(
    headers: &[&str],
    rows: impl IntoIterator<Item = Vec<Cell>>,
) -> Result<Vec<u8>, ReportError> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(headers)?;
    for row in rows {
        let cells = row.iter().map(|cell| match cell {
            Cell::Text(text) => guarded(text),
            Cell::Figure(figure) => Cow::Borrowed(figure.as_str()),
        });
        writer.write_record(cells.map(|c| c.into_owned()))?;
    }
    writer
        .into_inner()
        .map_err(|e| ReportError::Csv(e.into_error().into()))
}

/// A text that a spreadsheet would take for a formula gets a leading `'`.
fn guarded(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Money;
    use crate::report::sample;

    #[test]
    fn formulas_are_disarmed_but_numbers_are_not() {
        for text in ["=1+1", "+1", "-1", "@a", "\tx", "\rx"] {
            assert_eq!(guarded(text), format!("'{text}"));
        }
        assert_eq!(guarded("a=1"), "a=1");
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
        let text = String::from_utf8(table(&["名", "额"], [row]).unwrap()).unwrap();
        assert_eq!(text, "\u{feff}名,额\r\n'=1,-1.00\r\n");
        assert!(table(&["名"], [Vec::new()]).is_err());
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
