//! The steps of a project as data: `ledger_rules/supervision/steps.toml`, read whole and checked.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use super::SupervisionError;
use crate::audit::laws::Laws;
use crate::audit::rule::RuleError;
use crate::audit::rule::load::{fault, line_of, translate};
use crate::pack::Pack;

const FILE: &str = "supervision/steps.toml";

/// From which day a time runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Anchor {
    Start,
    End,
    /// An earlier step: the day it was done, else the day it is due.
    Step(String),
}

/// When a step is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    pub anchor: Anchor,
    /// Counted back from the anchor.
    pub before: bool,
    pub working_days: u32,
    /// False: a proposal (★) until the street confirms it.
    pub confirmed: bool,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Stable: `notice`.
    pub code: String,
    /// From 1.
    pub number: u32,
    pub title: String,
    pub document: String,
    pub fields: Vec<String>,
    pub clock: Option<Clock>,
    /// `审计法#42`.
    pub law: Vec<String>,
    pub by_approval: bool,
    /// From this step on the organisations know of the project.
    pub notifies: bool,
    /// The organisations' people see it.
    pub shown: bool,
}

/// All steps, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps(pub Vec<Step>);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepsFile {
    step: Vec<StepFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    code: Spanned<String>,
    number: u32,
    title: String,
    document: String,
    fields: Vec<String>,
    due: Option<Spanned<DueFile>>,
    #[serde(default)]
    law: Vec<Spanned<String>>,
    #[serde(default)]
    by_approval: bool,
    #[serde(default)]
    notifies: bool,
    #[serde(default)]
    shown: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DueFile {
    before: Option<String>,
    after: Option<String>,
    working_days: u32,
    confirmed: bool,
}

/// Longest time of a step, so that a slip of the pen does not send a day out of the calendar.
const LONGEST: u32 = 1_000;

impl Steps {
    /// # Errors
    /// [`SupervisionError::Pack`] with every fault.
    pub fn load(pack: &Pack, laws: &Laws) -> Result<Steps, SupervisionError> {
        let read = parse::<StepsFile>(pack, FILE);
        let (text, file) = read.map_err(|e| SupervisionError::Pack(vec![e]))?;
        let mut faults = Vec::new();
        let mut known = BTreeSet::new();
        let mut steps = Vec::new();
        let mut add = |at: usize, message: String| {
            faults.push(fault(FILE, Some(line_of(&text, at)), &message));
        };
        for (index, step) in file.step.into_iter().enumerate() {
            let at = step.code.span().start;
            let code = step.code.into_inner();
            if step.number as usize != index + 1 {
                add(at, format!("步骤「{code}」的序号应为 {}", index + 1));
            }
            for law in &step.law {
                if !laws.knows(law.get_ref()) {
                    let text = format!("laws.toml 里没有「{}」", law.get_ref());
                    add(law.span().start, text);
                }
            }
            let clock = step.due.and_then(|due| {
                let at = due.span().start;
                clock(due.into_inner(), &known)
                    .map_err(|message| add(at, message))
                    .ok()
            });
            if !known.insert(code.clone()) {
                add(at, format!("步骤「{code}」重复"));
            }
            steps.push(Step {
                code,
                number: step.number,
                title: step.title,
                document: step.document,
                fields: step.fields,
                clock,
                law: step.law.into_iter().map(Spanned::into_inner).collect(),
                by_approval: step.by_approval,
                notifies: step.notifies,
                shown: step.shown,
            });
        }
        if steps.iter().filter(|s| s.notifies).count() != 1 {
            add(0, "须有且只有一个步骤写 notifies = true".to_owned());
        }
        match faults.is_empty() {
            true => Ok(Steps(steps)),
            false => Err(SupervisionError::Pack(faults)),
        }
    }

    pub fn step(&self, code: &str) -> Option<&Step> {
        self.0.iter().find(|s| s.code == code)
    }

    /// The code of the step that tells the organisations.
    pub fn notice(&self) -> &str {
        let notice = self.0.iter().find(|s| s.notifies);
        notice.map_or("", |s| &s.code)
    }
}

fn clock(due: DueFile, known: &BTreeSet<String>) -> Result<Clock, String> {
    let (before, from) = match (due.before, due.after) {
        (Some(from), None) => (true, from),
        (None, Some(from)) => (false, from),
        _ => return Err("期限写 before 或 after 其中一个".to_owned()),
    };
    let anchor = match from.as_str() {
        "start" => Anchor::Start,
        "end" => Anchor::End,
        code if known.contains(code) => Anchor::Step(from),
        _ => return Err(format!("「{from}」不是 start、end 或前面的步骤")),
    };
    if due.working_days > LONGEST {
        return Err(format!("工作日不能多于 {LONGEST}"));
    }
    Ok(Clock {
        anchor,
        before,
        working_days: due.working_days,
        confirmed: due.confirmed,
    })
}

/// A file of the pack with its text, or what is wrong with it.
pub(super) fn parse<T: serde::de::DeserializeOwned>(
    pack: &Pack,
    path: &str,
) -> Result<(String, T), RuleError> {
    let missing = || fault(path, None, "缺少这个文件,或不是 UTF-8 文本");
    let text = pack.text(path).ok_or_else(missing)?.into_owned();
    match toml::from_str(&text) {
        Ok(parsed) => Ok((text, parsed)),
        Err(error) => {
            let line = error.span().map(|span| line_of(&text, span.start));
            Err(fault(path, line, &translate(error.message())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pack: &Pack) -> Result<Steps, SupervisionError> {
        Steps::load(pack, &Laws::load(pack, &mut Vec::new()))
    }

    #[test]
    fn fifteen_steps_and_the_notice_is_the_fourth() {
        let steps = read(&Pack::embedded()).unwrap();
        assert_eq!(steps.0.len(), 15);
        assert_eq!(steps.step(steps.notice()).unwrap().number, 4);
        // What a company sees does not hold the street's inner work.
        for inner in [
            "assignment",
            "survey",
            "scheme",
            "run",
            "verify",
            "workpaper",
            "archive",
        ] {
            assert!(!steps.step(inner).unwrap().shown, "{inner}");
        }
    }

    #[test]
    fn every_fault_has_its_line() {
        let text = "[[step]]\ncode = \"a\"\nnumber = 2\ntitle = \"甲\"\ndocument = \"\"\nfields = []\n\
                    due = { after = \"b\", working_days = 1, confirmed = false }\nlaw = [\"审计法#999\"]\n";
        let pack = Pack::embedded().with(FILE, text.to_owned());
        let Err(SupervisionError::Pack(faults)) = read(&pack) else {
            panic!("taken");
        };
        let lines: Vec<_> = faults.iter().map(|f| f.line).collect();
        assert_eq!(lines, [Some(2), Some(8), Some(7), Some(1)], "{faults:?}");
    }
}
