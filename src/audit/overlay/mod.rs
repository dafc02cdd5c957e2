//! A street's own folder beside the rule pack: parameters, severities and rules switched off, without touching the pack.
//! A mistake in it is an error with its place, never ignored: all of them are told at once, and nothing runs.

mod entry;
mod read;

use std::path::{Path, PathBuf};

use super::finding::digest;
use super::outcome::FindingSeverity;
use super::params::Setting;
use super::rule::{RuleError, RulePack};

/// What the street changed of one rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Values of its parameters, as rows of the 参数 table would be; those of the table come first.
    pub settings: Vec<Setting>,
    pub severity: Option<Severity>,
    /// Why the rule is switched off, and in which file.
    pub disabled: Option<String>,
}

/// A severity in the place of the pack's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Severity {
    pub now: FindingSeverity,
    /// As the pack has it.
    pub was: FindingSeverity,
    /// File and reason.
    pub basis: String,
}

#[derive(Debug, thiserror::Error)]
pub enum OverlayError {
    #[error("规则-1006 街道设定文件夹「{}」读不了:{reason}。请检查 --overlay 指向的文件夹", .path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("规则-1007 街道设定有 {} 处错误,没有采用,也没有运行:\n{}", .0.len(), list(.0))]
    Faulty(Vec<RuleError>),
}

fn list(faults: &[RuleError]) -> String {
    let lines = faults.iter().map(|f| format!("  {f}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The pack as the street wants it.
///
/// # Errors
/// [`OverlayError`]: the folder cannot be read, or anything in its files is not what the pack knows.
pub fn apply(pack: RulePack, folder: &Path) -> Result<RulePack, OverlayError> {
    apply_texts(pack, &texts(folder)?)
}

/// [`apply`] with the files read: names and texts.
fn apply_texts(mut pack: RulePack, texts: &[(String, String)]) -> Result<RulePack, OverlayError> {
    let changes = read::read(&pack, texts).map_err(OverlayError::Faulty)?;
    for (id, change) in changes {
        // Only ids that the pack knows came through.
        if let Some(rule) = pack.rules.iter_mut().find(|r| r.file.id == id) {
            rule.file.severity = change
                .severity
                .as_ref()
                .map_or(rule.file.severity, |s| s.now);
            rule.overlay = change;
        }
    }
    let parts = texts.iter().flat_map(|(name, text)| [name, text]);
    pack.overlay_digest = Some(digest(parts.map(String::as_str)));
    Ok(pack)
}

/// Every `.toml` file of the folder, by name.
fn texts(folder: &Path) -> Result<Vec<(String, String)>, OverlayError> {
    let unreadable = |path: &Path, reason: String| OverlayError::Unreadable {
        path: path.to_owned(),
        reason,
    };
    let said = |e: std::io::Error| unreadable(folder, e.to_string());
    let mut texts = Vec::new();
    for item in std::fs::read_dir(folder).map_err(said)? {
        let path = item.map_err(said)?.path();
        if path.extension().is_some_and(|e| e == "toml") {
            let text = std::fs::read_to_string(&path);
            let text = text.map_err(|e| unreadable(&path, e.to_string()))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
            texts.push((name.into_owned(), text));
        }
    }
    if texts.is_empty() {
        return Err(unreadable(folder, "里面没有 .toml 文件".to_owned()));
    }
    texts.sort();
    Ok(texts)
}

#[cfg(test)]
mod tests;
