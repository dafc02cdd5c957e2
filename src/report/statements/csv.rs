//! Statements as CSV: one row per line, all statements under one header, amounts in 元.

use crate::report::ReportError;
use crate::statement::Statement;

/// UTF-8 with byte-order mark, so that Excel reads the Chinese.
///
/// # Errors
/// [`ReportError::Csv`].
pub fn render(statements: &[Statement]) -> Result<Vec<u8>, ReportError> {
    let mut writer = ::csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(vec![0xEF, 0xBB, 0xBF]);
    for statement in statements {
        let head = ["报表", "单位编码", "日期", "行次", "项目"].map(str::to_owned);
        writer.write_record(head.iter().chain(&statement.columns))?;
        for line in statement.all_lines() {
            let head = [
                statement.title.clone(),
                statement.organisation.clone(),
                statement.dated.clone(),
                line.id.clone(),
                line.label.clone(),
            ];
            let amounts = line
                .amounts
                .iter()
                .map(|m| m.map_or(String::new(), |m| m.to_string()));
            writer.write_record(head.into_iter().chain(amounts))?;
        }
    }
    writer
        .into_inner()
        .map_err(|e| ReportError::Csv(e.into_error().into()))
}
