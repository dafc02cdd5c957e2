//! Forms of `ledger_rules/documents/*.toml`: read, and checked against the names that [`super::values`] can give.

use serde::Deserialize;

use super::DocumentError;
use super::blocks::Align;
use super::values;
use crate::pack::Pack;

/// What one document of a form is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// One finding: 取证单, 底稿.
    Finding,
    /// One organisation with its findings: 审计报告, 问题清单.
    Organisation,
}

/// A form as its file says it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    pub id: String,
    pub title: String,
    /// One sentence: what it is for.
    pub purpose: String,
    pub per: Per,
    #[serde(default)]
    pub landscape: bool,
    pub block: Vec<FormBlock>,
}

/// One block; exactly one of `heading`, `text`, `fields`, `table`, `sign`, `page_break` says which kind it is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FormBlock {
    pub heading: Option<String>,
    pub text: Option<String>,
    pub fields: Option<Vec<[String; 2]>>,
    /// Pairs to a row of `fields`.
    pub columns: Option<usize>,
    /// Name of the rows.
    pub table: Option<String>,
    /// Of `table`: heading, cell, parts of the width.
    pub cells: Vec<FormColumn>,
    /// Of `table`: printed when there are no rows.
    pub empty: Option<String>,
    pub sign: Option<Vec<String>>,
    pub page_break: Option<bool>,
}

/// A column of a table in a form.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormColumn {
    pub heading: String,
    pub cell: String,
    pub share: u32,
    #[serde(default)]
    pub right: bool,
}

impl Form {
    /// What people have to say for it, in its order, each once.
    pub fn given(&self) -> Vec<&'static str> {
        let mut given = Vec::new();
        let texts = self.block.iter().flat_map(FormBlock::texts);
        for name in texts.flat_map(|text| names(text)) {
            let known = values::GIVEN.iter().find(|g| **g == name);
            let told = self.per == Per::Finding && values::OF_FINDING.contains(&name);
            given.extend(known.filter(|g| !told && !given.contains(*g)));
        }
        given
    }
}

impl FormBlock {
    /// Every text in it that may name values, but the cells of a table.
    fn texts(&self) -> impl Iterator<Item = &String> {
        let plain = self.heading.iter().chain(&self.text);
        let pairs = self.fields.iter().flatten().flatten();
        plain.chain(self.sign.iter().flatten()).chain(pairs)
    }
}

impl FormColumn {
    pub(super) fn align(&self) -> Align {
        if self.right {
            Align::Right
        } else {
            Align::Left
        }
    }
}

/// All forms of a pack, in the order of their files.
///
/// # Errors
/// [`DocumentError::Form`] with every problem of the first file that has any.
pub fn forms(pack: &Pack) -> Result<Vec<Form>, DocumentError> {
    let paths = pack.files("documents/");
    paths
        .iter()
        .filter(|p| p.ends_with(".toml"))
        .map(|path| read(pack, path))
        .collect()
}

/// The form with this id or title.
///
/// # Errors
/// [`DocumentError::UnknownForm`]; those of [`forms`].
pub fn form(pack: &Pack, id: &str) -> Result<Form, DocumentError> {
    let forms = forms(pack)?;
    let known = || {
        forms
            .iter()
            .map(|f| format!("{} {}", f.id, f.title))
            .collect::<Vec<_>>()
            .join("、")
    };
    let found = forms.iter().find(|f| f.id == id || f.title == id);
    found.cloned().ok_or_else(|| DocumentError::UnknownForm {
        id: id.to_owned(),
        known: known(),
    })
}

fn read(pack: &Pack, path: &str) -> Result<Form, DocumentError> {
    let wrong = |problems| DocumentError::Form {
        file: path.to_owned(),
        problems,
    };
    let text = pack.text(path).unwrap_or_default();
    let form: Form = toml::from_str(&text).map_err(|e| wrong(vec![e.to_string()]))?;
    let problems = check(&form);
    if problems.is_empty() {
        Ok(form)
    } else {
        Err(wrong(problems))
    }
}

fn check(form: &Form) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, block) in (1..).zip(&form.block) {
        let mut say = |what: String| problems.push(format!("  第 {number} 块:{what}"));
        let kinds = [
            block.heading.is_some(),
            block.text.is_some(),
            block.fields.is_some(),
            block.table.is_some(),
            block.sign.is_some(),
            block.page_break.is_some(),
        ];
        if kinds.iter().filter(|k| **k).count() != 1 {
            say("应当只有 heading、text、fields、table、sign、page_break 之一".into());
        }
        if let Some(rows) = &block.table
            && values::row_names(rows).is_none()
        {
            say(format!(
                "没有表「{rows}」,可用:{}",
                values::TABLE_NAMES.join("、")
            ));
        }
        if block.table.is_some()
            && (block.cells.is_empty() || block.cells.iter().any(|c| c.share == 0))
        {
            say("table 须有 cells,每列 share 须大于 0".into());
        }
        for name in unknown_names(form.per, block) {
            say(format!("没有名称「{name}」"));
        }
    }
    problems
}

/// The names of a block that nothing gives a value.
fn unknown_names(per: Per, block: &FormBlock) -> Vec<String> {
    let row_names = block
        .table
        .as_deref()
        .and_then(values::row_names)
        .unwrap_or(&[]);
    let plain = block.texts().map(|text| (text, &[][..]));
    let cells = block.cells.iter().map(|c| (&c.cell, row_names));
    let mut unknown = Vec::new();
    for (text, row_names) in plain.chain(cells) {
        for name in names(text) {
            if !values::is_name(per, name) && !row_names.contains(&name) {
                unknown.push(name.to_owned());
            }
        }
    }
    unknown
}

/// The names between braces, in order.
pub(super) fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> String {
        let form: Form = toml::from_str(text).unwrap();
        check(&form).join("\n")
    }

    #[test]
    fn what_people_must_say_is_told_in_the_order_of_the_form() {
        let notice = form(&Pack::embedded(), "notice").unwrap();
        let given = notice.given();
        assert_eq!(given[..3], ["文号", "审计依据", "实施日期"]);
        assert!(!given.contains(&"被审计单位"), "{given:?}");
    }

    #[test]
    fn shipped_forms_are_sound() {
        let forms = forms(&Pack::embedded()).unwrap();
        assert!(forms.len() >= 9, "{}", forms.len());
        let mut ids: Vec<&str> = forms.iter().map(|f| f.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), forms.len());
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let said = problems(
            r#"
            id = "x"
            title = "甲"
            purpose = "乙"
            per = "organisation"
            [[block]]
            text = "{无此名}"
            heading = "两种"
            [[block]]
            table = "无此表"
            cells = [{ heading = "甲", cell = "{事实}", share = 0 }]
            [[block]]
            text = "{事实}"
            "#,
        );
        for part in [
            "第 1 块:应当只有",
            "「无此名」",
            "「无此表」",
            "share",
            "第 3 块:没有名称「事实」",
        ] {
            assert!(said.contains(part), "{part} is missing in {said}");
        }
    }
}
