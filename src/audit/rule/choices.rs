//! What a parameter may be: codes for the rule, each with the word that people read and write. Written in the rule itself, or
//! those of a column of the hand-in folder, so that there is one vocabulary from the file to the threshold.

use serde::Deserialize;

use crate::audit::params::Word;
use crate::model::{ColumnType, catalogue};

/// `["零招待=zero", "年度限额=cap"]`, or the column that has them: `"decision.level"`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Choices {
    pub words: Vec<Word>,
    /// Other words stand for themselves.
    pub open: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Column(String),
    Words(Vec<String>),
}

impl TryFrom<Written> for Choices {
    type Error = String;

    fn try_from(written: Written) -> Result<Choices, String> {
        match written {
            Written::Column(column) => {
                Choices::of_column(&column).ok_or(format!("「{column}」不是有选项的列"))
            }
            Written::Words(pairs) => {
                let word = |pair: &String| {
                    let (shown, code) = pair.split_once('=')?;
                    Some(Word::new(shown.trim(), code.trim()))
                };
                let words: Option<Vec<Word>> = pairs.iter().map(word).collect();
                words
                    .filter(|w| !w.is_empty())
                    .map(|words| Choices { words, open: false })
                    .ok_or_else(|| "选项应写成 [\"中文=代码\", …]".to_owned())
            }
        }
    }
}

impl Choices {
    fn of_column(name: &str) -> Option<Choices> {
        let (table, column) = name.split_once('.')?;
        match &catalogue().table(table)?.column(column)?.kind {
            ColumnType::Enum { values, open } => Some(Choices {
                words: values.iter().map(|(zh, en)| Word::new(zh, en)).collect(),
                open: *open,
            }),
            _ => None,
        }
    }

    /// The choice that a word or a code names. The error completes a sentence: `…不是可选的词`.
    pub fn find(&self, text: &str) -> Result<Word, String> {
        let named = |w: &&Word| w.shown == text || w.code == text;
        match self.words.iter().find(named) {
            Some(word) => Ok(word.clone()),
            None if self.open && !text.is_empty() => Ok(Word::plain(text)),
            None => {
                let known: Vec<&str> = self.words.iter().map(|w| w.shown.as_str()).collect();
                Err(format!("「{text}」不是可选的词,可选:{}", known.join("、")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(toml: &str) -> Result<Choices, String> {
        #[derive(Deserialize)]
        struct Holder {
            choices: Choices,
        }
        let read = toml::from_str::<Holder>(&format!("choices = {toml}"));
        read.map(|h| h.choices).map_err(|e| e.message().to_owned())
    }

    #[test]
    fn words_and_codes_name_the_same() {
        let levels = written("\"decision.level\"").unwrap();
        assert_eq!(levels.find("董事会").unwrap().code, "directors");
        assert_eq!(levels.find("directors").unwrap().shown, "董事会");
        let refused = levels.find("董事").unwrap_err();
        assert!(refused.starts_with("「董事」不是可选的词,可选:党组织、董事会"));
        let duties = written("\"staff_role.duty\"").unwrap();
        assert_eq!(duties.find("稽核").unwrap(), Word::plain("稽核"));
        let modes = written("[\"零招待=zero\", \"年度限额=cap\"]").unwrap();
        assert_eq!(modes.find("零招待").unwrap().code, "zero");
    }

    #[test]
    fn what_gives_no_choices_is_refused() {
        for bad in ["\"decision.matter\"", "\"decision\"", "[\"零招待\"]", "[]"] {
            assert!(written(bad).is_err(), "{bad}");
        }
    }
}
