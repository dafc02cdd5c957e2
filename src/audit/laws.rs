//! The legal bases: which version of which article was in force on the day of an event.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Deserialize;

use super::outcome::Citation;
use super::rule::file::{LawRef, parse_toml_date};
use super::rule::load::{RuleError, fault, line_of, translate};
use crate::pack::Pack;

const PATH: &str = "laws.toml";

/// `laws.toml`: every act and article that rules cite.
#[derive(Debug, Clone, Default)]
pub struct Laws {
    laws: Vec<Law>,
}

#[derive(Debug, Clone, Deserialize)]
struct LawsFile {
    #[serde(default, rename = "law")]
    laws: Vec<Law>,
}

/// One version of an act. Unknown keys are allowed: the file also holds remarks for readers.
#[derive(Debug, Clone, Deserialize)]
struct Law {
    id: String,
    title: String,
    #[serde(default)]
    short: Option<String>,
    #[serde(default)]
    number: Option<String>,
    #[serde(default)]
    gist: Option<String>,
    #[serde(default)]
    checked: Option<String>,
    #[serde(default)]
    in_force_from: Option<toml::value::Datetime>,
    #[serde(default)]
    in_force_to: Option<toml::value::Datetime>,
    #[serde(default, rename = "article")]
    articles: Vec<Article>,
}

#[derive(Debug, Clone, Deserialize)]
struct Article {
    no: String,
    #[serde(default)]
    gist: String,
    #[serde(default)]
    checked: Option<String>,
    /// Its number in the version before and after: `37`, or `合同法#214` in another act.
    #[serde(default)]
    was: Option<String>,
    #[serde(default)]
    now: Option<String>,
    #[serde(default)]
    from: Option<toml::value::Datetime>,
    #[serde(default)]
    to: Option<toml::value::Datetime>,
}

fn day(date: &Option<toml::value::Datetime>) -> Option<NaiveDate> {
    date.as_ref().and_then(parse_toml_date)
}

fn holds(from: Option<NaiveDate>, to: Option<NaiveDate>, on: NaiveDate) -> bool {
    from.is_none_or(|from| from <= on) && to.is_none_or(|to| on <= to)
}

impl Laws {
    pub fn load(pack: &Pack, faults: &mut Vec<RuleError>) -> Laws {
        let text = pack.text(PATH).unwrap_or_default();
        match toml::from_str::<LawsFile>(&text) {
            Ok(file) => Laws { laws: file.laws },
            Err(error) => {
                let line = error.span().map(|span| line_of(&text, span.start));
                faults.push(fault(PATH, line, &translate(error.message())));
                Laws::default()
            }
        }
    }

    /// Whether a reference can be cited at all, on whatever day.
    pub fn knows(&self, reference: &str) -> bool {
        let (id, article) = split(reference);
        self.laws
            .iter()
            .filter(|l| l.id == id)
            .any(|l| article.is_none_or(|no| l.articles.iter().any(|a| a.no == no)))
    }

    pub fn is_empty(&self) -> bool {
        self.laws.is_empty()
    }

    /// The articles that a rule cites for an event on `on`, in the version in force that day. Where no version was in
    /// force that day, nothing is cited: an old event is not judged by a new law.
    pub fn cite(&self, refs: &[LawRef], on: NaiveDate) -> Vec<Citation> {
        let mut seen = BTreeSet::new();
        refs.iter()
            .filter(|r| holds(r.from, r.to, on))
            .filter(|r| seen.insert(r.reference.clone()))
            .filter_map(|r| self.citation(r, on))
            .collect()
    }

    fn citation(&self, law_ref: &LawRef, on: NaiveDate) -> Option<Citation> {
        let reference = law_ref.reference.as_str();
        if !self.knows(reference) {
            // Unknown to laws.toml (a lint of `rules check`): shown as it is, marked uncertain.
            return Some(Citation {
                reference: reference.to_owned(),
                title: reference.to_owned(),
                gist: String::new(),
                checked: "uncertain".to_owned(),
                in_force_from: law_ref.from,
                in_force_to: law_ref.to,
            });
        }
        let mut current = reference.to_owned();
        for _ in 0..=RENUMBERINGS {
            let (id, no) = split(&current);
            let Some(no) = no else {
                return Some(self.in_force(id, on)?.cite_whole(&current));
            };
            let mut versions = self.laws.iter().filter(|l| l.id == id);
            if let Some(found) = versions.find_map(|l| l.cite_article(&current, no, on)) {
                return Some(found);
            }
            match self.renumbered(id, no, on) {
                Some(next) => current = next,
                // The version of the day does not list the article: the act alone is named.
                None => return Some(self.in_force(id, on)?.cite_whole(&current)),
            }
        }
        None
    }

    fn in_force(&self, id: &str, on: NaiveDate) -> Option<&Law> {
        self.laws
            .iter()
            .find(|l| l.id == id && holds(day(&l.in_force_from), day(&l.in_force_to), on))
    }

    /// What the article was called before, or is called after, on the way to the version of the day.
    fn renumbered(&self, id: &str, no: &str, on: NaiveDate) -> Option<String> {
        let versions = self.laws.iter().filter(|l| l.id == id);
        versions
            .flat_map(|law| law.articles.iter().map(move |a| (law, a)))
            .filter(|(_, a)| a.no == no)
            .find_map(|(law, article)| {
                let from = day(&article.from).or(day(&law.in_force_from));
                let link = if from.is_some_and(|from| on < from) {
                    article.was.as_ref()
                } else {
                    article.now.as_ref()
                }?;
                // A bare number stays within the same act.
                Some(if link.contains('#') {
                    link.clone()
                } else {
                    format!("{id}#{link}")
                })
            })
    }
}

/// No act was renumbered more often than this; it also ends a circle of references.
const RENUMBERINGS: usize = 4;

impl Law {
    fn name(&self) -> &str {
        self.short.as_deref().unwrap_or(&self.title)
    }

    fn cite_whole(&self, reference: &str) -> Citation {
        Citation {
            reference: reference.to_owned(),
            title: match &self.number {
                Some(number) => format!("《{}》({number})", self.name()),
                None => format!("《{}》", self.name()),
            },
            gist: self.gist.clone().unwrap_or_default(),
            checked: self.mark(None),
            in_force_from: day(&self.in_force_from),
            in_force_to: day(&self.in_force_to),
        }
    }

    fn cite_article(&self, reference: &str, no: &str, on: NaiveDate) -> Option<Citation> {
        if !holds(day(&self.in_force_from), day(&self.in_force_to), on) {
            return None;
        }
        let article = self
            .articles
            .iter()
            .find(|a| a.no == no && holds(day(&a.from), day(&a.to), on))?;
        Some(Citation {
            reference: reference.to_owned(),
            title: format!("《{}》第{no}条", self.name()),
            gist: article.gist.clone(),
            checked: self.mark(article.checked.as_deref()),
            in_force_from: day(&article.from).or(day(&self.in_force_from)),
            in_force_to: day(&article.to).or(day(&self.in_force_to)),
        })
    }

    /// The article's own mark, else the act's, else `uncertain`.
    fn mark(&self, article: Option<&str>) -> String {
        article
            .or(self.checked.as_deref())
            .unwrap_or("uncertain")
            .to_owned()
    }
}

/// `民法典#705` → (`民法典`, `705`).
fn split(reference: &str) -> (&str, Option<&str>) {
    match reference.split_once('#') {
        Some((id, no)) => (id, Some(no)),
        None => (reference, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAWS: &str = r#"
[[law]]
id = "会计法"
title = "中华人民共和国会计法"
short = "会计法"
in_force_from = 2000-07-01
in_force_to = 2024-06-30
[[law.article]]
no = "37"
gist = "出纳不得兼管稽核"
checked = "read"

[[law]]
id = "会计法"
title = "中华人民共和国会计法"
short = "会计法"
in_force_from = 2024-07-01
[[law.article]]
no = "35"
was = "37"
gist = "出纳不得兼管稽核"
checked = "read"
"#;

    #[test]
    fn the_version_of_the_day_is_cited() {
        let laws = Laws {
            laws: toml::from_str::<LawsFile>(LAWS).unwrap().laws,
        };
        let refs: Vec<LawRef> = ["会计法#35"]
            .map(|r| LawRef {
                reference: r.to_owned(),
                from: None,
                to: None,
            })
            .into();
        let cited = |text: &str| -> Vec<String> {
            let on = crate::model::date::parse_date(text).unwrap();
            laws.cite(&refs, on).into_iter().map(|c| c.title).collect()
        };
        assert_eq!(cited("2024-06-30"), ["《会计法》第37条"]);
        assert_eq!(cited("2024-07-01"), ["《会计法》第35条"]);
        assert!(cited("1999-01-01").is_empty());
        assert!(laws.knows("会计法#37") && !laws.knows("会计法#99"));
        assert!(laws.knows("会计法"));
    }
}
