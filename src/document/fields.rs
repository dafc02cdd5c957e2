//! What people say for a document: a CSV or a list on the command line, two columns, name and content.

use std::path::Path;

use super::DocumentError;

/// Rows of `path` (UTF-8 with or without BOM; head `名称,内容`), in its order. Rows without a name are refused, empty contents left out.
///
/// # Errors
/// [`DocumentError::Fields`] with the first row that cannot be used.
pub fn read_fields(path: &Path) -> Result<Vec<(String, String)>, DocumentError> {
    let wrong = |row: usize, reason: String| DocumentError::Fields {
        path: path.to_owned(),
        row,
        reason,
    };
    let bytes = std::fs::read(path).map_err(|e| wrong(0, e.to_string()))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| wrong(0, "不是 UTF-8 编码".into()))?;
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut fields = Vec::new();
    for (row, record) in (1..).zip(reader.records()) {
        let record = record.map_err(|e| wrong(row, e.to_string()))?;
        let (name, content) = (
            record.get(0).unwrap_or_default().trim(),
            record.get(1).unwrap_or_default().trim(),
        );
        let blank = record.iter().all(|c| c.trim().is_empty());
        if blank || (row == 1 && name == "名称") || (content.is_empty() && !name.is_empty()) {
            continue;
        }
        if name.is_empty() {
            return Err(wrong(row, "没有名称".into()));
        }
        if record.iter().skip(2).any(|c| !c.trim().is_empty()) {
            return Err(wrong(row, "多于两列;内容里有逗号时请加双引号".into()));
        }
        fields.push((name.to_owned(), content.to_owned()));
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String)>, DocumentError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.csv");
        std::fs::write(&path, text).unwrap();
        read_fields(&path)
    }

    #[test]
    fn names_and_contents() {
        let fields =
            read("\u{feff}名称,内容\n文号,〔2025〕3号\n组长,\n,\n审计依据,\"甲,乙\"\n").unwrap();
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            fields,
            [pair("文号", "〔2025〕3号"), pair("审计依据", "甲,乙")]
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_row() {
        for (text, row) in [("名称,内容\n,甲\n", 2), ("文号,甲,乙\n", 1)] {
            match read(text).unwrap_err() {
                DocumentError::Fields { row: found, .. } => assert_eq!(found, row),
                other => panic!("{other}"),
            }
        }
    }
}
