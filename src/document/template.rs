//! A street's own letterhead: a .docx in which `{{名称}}` stands where a value goes. Word splits what is typed into runs as it likes, so a
//! placeholder may lie across several; its value goes into the first of them and keeps that run's looks.
//!
//! A table row that names values of one table (`{{凭证分录.摘要}}`) is repeated for each of its rows.

use std::path::Path;

use super::values::{self, Row, Values};
use super::{DocumentError, package};

/// The template filled; with the names in it that have no value.
///
/// # Errors
/// [`DocumentError::Template`] when the file is no .docx or names what there is not; all such names at once.
pub fn fill_template(
    path: &Path,
    values: &Values,
) -> Result<(Vec<u8>, Vec<String>), DocumentError> {
    let wrong = |e: std::io::Error| wrong(path, e.to_string());
    let size = std::fs::metadata(path).map_err(wrong)?.len();
    if size > package::LIMIT {
        return Err(too_large(path));
    }
    fill_letterhead(path, &std::fs::read(path).map_err(wrong)?, values)
}

/// As [`fill_template`], of a file that is at hand; `name` is for messages.
///
/// # Errors
/// As [`fill_template`].
pub fn fill_letterhead(
    name: &Path,
    bytes: &[u8],
    values: &Values,
) -> Result<(Vec<u8>, Vec<String>), DocumentError> {
    let wrong = |reason: String| wrong(name, reason);
    if bytes.len() as u64 > package::LIMIT {
        return Err(too_large(name));
    }
    let mut parts = package::parts(bytes).map_err(|e| wrong(format!("不是 .docx 文件({e})")))?;
    if !parts.iter().any(|(name, _)| name == "word/document.xml") {
        return Err(wrong("不是 .docx 文件(缺 word/document.xml)".into()));
    }
    let (mut blank, mut unknown) = (Vec::new(), Vec::new());
    for (name, content) in &mut parts {
        if !is_text(name) {
            continue;
        }
        let xml = std::str::from_utf8(content).map_err(|_| wrong(format!("{name} 不是 UTF-8")))?;
        let mut filler = Filler {
            values,
            blank: &mut blank,
            unknown: &mut unknown,
        };
        let filled = filler.part(xml);
        *content = filled.into_bytes();
    }
    if unknown.is_empty() {
        Ok((package::write(&parts)?, blank))
    } else {
        Err(wrong(format!(
            "有不认识的名称:{}。可用的名称见 sanzi document list --names",
            unknown.join("、")
        )))
    }
}

fn wrong(path: &Path, reason: String) -> DocumentError {
    DocumentError::Template {
        path: path.to_owned(),
        reason,
    }
}

fn too_large(path: &Path) -> DocumentError {
    wrong(path, "文件过大".into())
}

/// Parts that hold what is printed.
fn is_text(name: &str) -> bool {
    let Some(file) = name.strip_prefix("word/") else {
        return false;
    };
    let printed = ["document", "header", "footer", "footnotes", "endnotes"];
    file.ends_with(".xml") && printed.iter().any(|p| file.starts_with(p))
}

struct Filler<'a> {
    values: &'a Values,
    blank: &'a mut Vec<String>,
    unknown: &'a mut Vec<String>,
}

impl Filler<'_> {
    fn part(&mut self, xml: &str) -> String {
        let joined = join_split_placeholders(xml);
        let repeated = self.repeat_rows(&joined);
        self.replace(&repeated, None)
    }

    /// Each innermost `<w:tr>` that names a table, once for each of its rows; none are left when there are none.
    fn repeat_rows(&mut self, xml: &str) -> String {
        let mut out = String::with_capacity(xml.len());
        let mut rest = xml;
        while let Some(end) = rest.find("</w:tr>") {
            let end = end + "</w:tr>".len();
            let begin = ["<w:tr>", "<w:tr "]
                .iter()
                .filter_map(|tag| rest[..end].rfind(tag))
                .max();
            let (before, row) = rest[..end].split_at(begin.unwrap_or(end));
            out.push_str(before);
            match table_of(row) {
                Some(table) => {
                    for values in self.values.rows(table).to_vec() {
                        out.push_str(&self.replace(row, Some((table, &values))));
                    }
                }
                None => out.push_str(row),
            }
            rest = &rest[end..];
        }
        out.push_str(rest);
        out
    }

    fn replace(&mut self, xml: &str, row: Option<(&str, &Row)>) -> String {
        let mut out = String::with_capacity(xml.len());
        let mut rest = xml;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, tail)) = after.split_once("}}") else {
                break;
            };
            out.push_str(before);
            out.push_str(&self.value(name.trim(), row));
            rest = tail;
        }
        out.push_str(rest);
        out
    }

    fn value(&mut self, name: &str, row: Option<(&str, &Row)>) -> String {
        if let Some((table, row)) = row
            && let Some(column) = name.strip_prefix(table).and_then(|n| n.strip_prefix('.'))
            && let Some(value) = row.get(column)
        {
            return escaped(value);
        }
        match self.values.get(name) {
            Some(value) => escaped(value),
            None => {
                let known = values::is_name(super::Per::Finding, name);
                let list = if known {
                    &mut *self.blank
                } else {
                    &mut *self.unknown
                };
                if !list.iter().any(|n| n == name) {
                    list.push(name.to_owned());
                }
                String::new()
            }
        }
    }
}

/// The table whose values a row of the template names.
fn table_of(row: &str) -> Option<&'static str> {
    let named = |table: &&str| row.contains(&format!("{{{{{table}."));
    values::TABLE_NAMES.iter().copied().find(|t| named(t))
}

/// A value as XML; line ends become breaks.
fn escaped(value: &str) -> String {
    let plain = quick_xml::escape::escape(value);
    plain.replace('\n', "</w:t><w:br/><w:t xml:space=\"preserve\">")
}

/// Takes out the tags that lie inside a placeholder and puts them behind it.
fn join_split_placeholders(xml: &str) -> String {
    let mut out = String::with_capacity(xml.len());
    let mut rest = xml;
    while let Some(open) = opening(rest) {
        let Some(length) = placeholder(&rest[open..]) else {
            out.push_str(&rest[..=open]);
            rest = &rest[open + 1..];
            continue;
        };
        out.push_str(&rest[..open]);
        let (text, tags) = parted(&rest[open..open + length]);
        out.push_str(&text);
        out.push_str(&tags);
        rest = &rest[open + length..];
    }
    out.push_str(rest);
    out
}

/// Where the next `{` of the printed text is.
fn opening(xml: &str) -> Option<usize> {
    let mut in_tag = false;
    xml.char_indices().find_map(|(at, c)| {
        match c {
            '<' => in_tag = true,
            '>' => in_tag = false,
            '{' if !in_tag => return Some(at),
            _ => {}
        }
        None
    })
}

/// The longest name that a template may hold, in characters of text.
const LONGEST: usize = 40;

/// How many bytes, tags included, the placeholder takes that begins here.
fn placeholder(xml: &str) -> Option<usize> {
    let (mut text, mut in_tag) = (String::new(), false);
    for (at, c) in xml.char_indices() {
        match c {
            '<' => in_tag = true,
            '>' => in_tag = false,
            c if !in_tag => {
                text.push(c);
                let begins = "{{".starts_with(text.as_str()) || text.starts_with("{{");
                if !begins || text.chars().count() > LONGEST {
                    return None;
                }
                if text.ends_with("}}") {
                    return Some(at + c.len_utf8());
                }
            }
            _ => {}
        }
    }
    None
}

/// Text and tags of a stretch, apart.
fn parted(xml: &str) -> (String, String) {
    let (mut text, mut tags, mut in_tag) = (String::new(), String::new(), false);
    for c in xml.chars() {
        in_tag |= c == '<';
        if in_tag {
            tags.push(c)
        } else {
            text.push(c)
        }
        in_tag &= c != '>';
    }
    (text, tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(xml: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.docx");
        let parts = [("word/document.xml".to_owned(), xml.as_bytes().to_vec())];
        std::fs::write(&path, package::write(&parts).unwrap()).unwrap();
        (folder, path)
    }

    fn values() -> Values {
        let mut values = Values::default();
        values.set("被审计单位", "甲<乙>公司");
        values.set("事实", "一\n二");
        values
    }

    fn filled(xml: &str) -> (String, Vec<String>) {
        let (_folder, path) = template(xml);
        let (bytes, blank) = fill_template(&path, &values()).unwrap();
        (package::part(&bytes, "word/document.xml").unwrap(), blank)
    }

    #[test]
    fn a_placeholder_may_lie_across_runs() {
        let (xml, blank) = filled(
            "<w:r><w:t>致{</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>{被审计</w:t></w:r><w:r><w:t>单位}}:{{文号}}</w:t></w:r>",
        );
        assert!(
            xml.starts_with("<w:r><w:t>致甲&lt;乙&gt;公司</w:t>"),
            "{xml}"
        );
        assert!(xml.ends_with(":</w:t></w:r>"), "{xml}");
        assert_eq!(blank, ["文号"]);
    }

    #[test]
    fn lines_become_breaks_and_other_braces_stay() {
        let (xml, _) = filled("<w:t>{{事实}}{a} {</w:t>");
        assert_eq!(
            xml,
            "<w:t>一</w:t><w:br/><w:t xml:space=\"preserve\">二{a} {</w:t>"
        );
    }

    #[test]
    fn a_row_that_names_a_table_is_repeated() {
        let (xml, _) = filled(
            "<w:tbl><w:tr><w:t>头</w:t></w:tr><w:tr w:x=\"1\"><w:t>{{疑点.编号}}</w:t></w:tr></w:tbl>",
        );
        assert_eq!(
            xml, "<w:tbl><w:tr><w:t>头</w:t></w:tr></w:tbl>",
            "no rows, no line"
        );
    }

    #[test]
    fn unknown_names_are_refused_all_at_once() {
        let (_folder, path) = template("<w:t>{{甲乙}}{{丙}}</w:t>");
        let error = fill_template(&path, &values()).unwrap_err();
        let said = error.to_string();
        assert!(
            said.starts_with("文书-1004") && said.contains("甲乙、丙"),
            "{said}"
        );
        let (_folder, path) = template("");
        std::fs::write(&path, "no zip").unwrap();
        let said = fill_template(&path, &values()).unwrap_err().to_string();
        assert!(said.starts_with("文书-1004"), "{said}");
    }
}
