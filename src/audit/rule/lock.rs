//! `audit/pack.lock`: each rule and mart with its version and the digest of its content, so that none changes under the
//! version that a report has printed.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::digest;
use super::load::{RuleError, RulePack, fault};
use crate::pack::Pack;

/// The lock's path within the pack.
pub const FILE: &str = "audit/pack.lock";

const UNVERSIONED: &str = "规则-1002";
const NOT_LOCKED: &str = "规则-1003";
const NO_ENTRY: &str = "规则-1004";
const NO_VERSION: &str = "规则-1005";
const RELOCK: &str = "运行 sanzi rules lock --rules 规则包文件夹";

/// Code and sentence.
type Complaint = (&'static str, String);

const HEAD: &str =
    "# 每条规则、每个视图一行:种类 名称 版本 内容摘要。由 sanzi rules lock 写成,请勿手改。\n";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Rule,
    Mart,
}

impl Part {
    fn code(self) -> &'static str {
        match self {
            Part::Rule => "rule",
            Part::Mart => "mart",
        }
    }
}

/// Shown in sentences: `规则 C-001`.
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::Rule => "规则",
            Part::Mart => "视图",
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Content {
    version: u32,
    digest: String,
}

type Contents = BTreeMap<(Part, String), Content>;

/// A new lock, and what it changes.
#[derive(Debug, PartialEq, Eq)]
pub struct Renewal {
    pub text: String,
    pub added: usize,
    pub changed: usize,
    pub removed: usize,
}

/// Where the pack and its lock differ, one fault each; of rules only those with the given ids, if any are given.
pub fn check(texts: &Pack, pack: &RulePack, ids: &[&str]) -> Vec<RuleError> {
    let Some(text) = texts.text(FILE) else {
        return vec![coded(
            NOT_LOCKED,
            FILE,
            None,
            format!("规则包没有锁定文件:请{RELOCK}"),
        )];
    };
    let (locked, mut faults) = read(&text);
    let (now, unread) = contents(texts, pack);
    faults.extend(unread);
    for ((part, name), content) in &now {
        let complaint = match locked.get(&(*part, name.clone())) {
            None => Some((
                NOT_LOCKED,
                format!("{part} {name} 不在 {FILE} 中:请{RELOCK}"),
            )),
            Some(before) => differs(*part, name, before, content),
        };
        faults.extend(complaint.map(|(code, m)| coded(code, &path(pack, *part, name), None, m)));
    }
    // What cannot be read is not gone.
    for (part, name) in locked.keys().filter(|_| pack.faults.is_empty()) {
        if path(pack, *part, name).is_empty() {
            let message =
                format!("{part} {name} 已不在规则包中:误删的,请恢复文件;不再要的,{RELOCK}");
            faults.push(coded(
                NOT_LOCKED,
                FILE,
                line_of(&text, *part, name),
                message,
            ));
        }
    }
    if !ids.is_empty() {
        let chosen = |f: &RuleError| {
            pack.rules
                .iter()
                .any(|r| r.path == f.file && ids.contains(&r.id()))
        };
        faults.retain(chosen);
    }
    faults
}

/// The lock as it should be now.
///
/// # Errors
/// The rules and marts whose content changed under the version that is locked; files that cannot be read.
pub fn renew(texts: &Pack, pack: &RulePack) -> Result<Renewal, Vec<RuleError>> {
    let (locked, mut faults) = read(&texts.text(FILE).unwrap_or_default());
    let (now, unread) = contents(texts, pack);
    faults.extend(unread);
    faults.extend(pack.faults.iter().cloned());
    let unversioned = now.iter().filter_map(|((part, name), content)| {
        let before = locked.get(&(*part, name.clone()))?;
        let (code, message) = unversioned(*part, name, before, content)?;
        Some(coded(code, &path(pack, *part, name), None, message))
    });
    faults.extend(unversioned);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut text = HEAD.to_owned();
    for ((part, name), content) in &now {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{} {name} {} {}",
            part.code(),
            content.version,
            content.digest
        );
    }
    let kept = |key| locked.get(key);
    Ok(Renewal {
        text,
        added: now.keys().filter(|key| kept(key).is_none()).count(),
        changed: now
            .iter()
            .filter(|(key, c)| kept(key).is_some_and(|k| k != *c))
            .count(),
        removed: locked.keys().filter(|key| !now.contains_key(key)).count(),
    })
}

/// A difference between what is locked and what is there.
fn differs(part: Part, name: &str, before: &Content, now: &Content) -> Option<Complaint> {
    unversioned(part, name, before, now).or_else(|| {
        (before != now).then(|| {
            let message = format!(
                "{part} {name} 已是第{}版,{FILE} 中还是第{}版:请{RELOCK}",
                now.version, before.version
            );
            (NOT_LOCKED, message)
        })
    })
}

/// A change that needs a higher version than the locked one.
fn unversioned(part: Part, name: &str, before: &Content, now: &Content) -> Option<Complaint> {
    if now.version < before.version {
        let message = format!(
            "{part} {name} 的版本 {} 低于 {FILE} 中的 {}:版本只增不减,请改为 {} 以上",
            now.version, before.version, before.version
        );
        return Some((UNVERSIONED, message));
    }
    (now.version == before.version && now.digest != before.digest).then(|| {
        let message = format!(
            "{part} {name} 的内容变了,版本仍是 {}:请把版本改为 {},再{RELOCK}",
            now.version,
            now.version.saturating_add(1)
        );
        (UNVERSIONED, message)
    })
}

/// What is there now; files that have no digest or no version are faults.
fn contents(texts: &Pack, pack: &RulePack) -> (Contents, Vec<RuleError>) {
    let (mut contents, mut faults) = (Contents::new(), Vec::new());
    for rule in &pack.rules {
        let text = texts.text(&rule.path).unwrap_or_default();
        match digest::of_rule(&text) {
            Ok(digest) => {
                let content = Content {
                    version: rule.file.version,
                    digest,
                };
                contents.insert((Part::Rule, rule.id().to_owned()), content);
            }
            Err(message) => faults.push(fault(&rule.path, None, &message)),
        }
    }
    for mart in &pack.marts {
        let Some(version) = mart_version(&mart.sql) else {
            let message = format!(
                "视图 {} 没有写明版本:请在文件开头的注释里写一行 -- version 1",
                mart.name
            );
            faults.push(coded(NO_VERSION, &mart.path, None, message));
            continue;
        };
        match digest::of_sql(&mart.sql) {
            Ok(digest) => {
                contents.insert((Part::Mart, mart.name.clone()), Content { version, digest });
            }
            Err(message) => faults.push(fault(&mart.path, None, &message)),
        }
    }
    (contents, faults)
}

/// The version of a mart: `-- version 3` in the comment that it begins with.
fn mart_version(sql: &str) -> Option<u32> {
    let head = sql
        .lines()
        .map(str::trim)
        .take_while(|l| l.starts_with("--"));
    head.filter_map(|l| l.strip_prefix("-- version "))
        .find_map(|n| n.trim().parse().ok())
}

/// The entries of a lock; lines that cannot be read are faults.
fn read(text: &str) -> (Contents, Vec<RuleError>) {
    let (mut contents, mut faults) = (Contents::new(), Vec::new());
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let entry = read_line(line).filter(|(key, _)| !contents.contains_key(key));
        match entry {
            Some((key, content)) => {
                contents.insert(key, content);
            }
            None => {
                let message = format!(
                    "「{line}」不是锁定文件的行,或与前面的行重复:请恢复这个文件;或删去这一行,再{RELOCK}"
                );
                faults.push(coded(NO_ENTRY, FILE, Some(number + 1), message));
            }
        }
    }
    (contents, faults)
}

fn read_line(line: &str) -> Option<((Part, String), Content)> {
    let mut words = line.split_whitespace();
    let part = match words.next()? {
        "rule" => Part::Rule,
        "mart" => Part::Mart,
        _ => return None,
    };
    let name = words.next()?.to_owned();
    let version = words.next()?.parse().ok()?;
    let digest = words.next()?.to_owned();
    words
        .next()
        .is_none()
        .then_some(((part, name), Content { version, digest }))
}

fn coded(code: &'static str, file: &str, line: Option<usize>, message: String) -> RuleError {
    RuleError {
        code: Some(code),
        ..fault(file, line, &message)
    }
}

fn line_of(text: &str, part: Part, name: &str) -> Option<usize> {
    let head = format!("{} {name} ", part.code());
    text.lines()
        .position(|l| l.starts_with(&head))
        .map(|n| n + 1)
}

fn path(pack: &RulePack, part: Part, name: &str) -> String {
    let path = match part {
        Part::Rule => pack.rule(name).map(|r| &r.path),
        Part::Mart => pack.mart(name).map(|m| &m.path),
    };
    path.cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::rule::sample::RULE;

    const RULE_PATH: &str = "audit/contract/X-001_x.toml";
    const MART_PATH: &str = "marts/10_big.sql";
    const MART: &str = "-- version 1\n-- Big ones.\nSELECT organisation FROM contract\n";

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [(RULE_PATH, RULE), (MART_PATH, MART)] {
            write(&folder, path, text);
        }
        folder
    }

    fn write(folder: &tempfile::TempDir, path: &str, text: &str) {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read_pack(folder: &tempfile::TempDir) -> (Pack, RulePack) {
        let texts = Pack::from_dir(folder.path()).unwrap();
        let mut pack = RulePack::load(&texts);
        // A folder of one rule has no laws and no calendar; that is not what is tested here.
        pack.faults
            .retain(|f| f.file.starts_with("audit/") || f.file.starts_with("marts/"));
        (texts, pack)
    }

    fn complaints(folder: &tempfile::TempDir) -> Vec<String> {
        let (texts, pack) = read_pack(folder);
        check(&texts, &pack, &[])
            .into_iter()
            .map(|f| f.to_string())
            .collect()
    }

    fn lock(folder: &tempfile::TempDir) -> Result<Renewal, Vec<RuleError>> {
        let (texts, pack) = read_pack(folder);
        let renewal = renew(&texts, &pack)?;
        write(folder, FILE, &renewal.text);
        Ok(renewal)
    }

    #[test]
    fn a_change_needs_a_version_and_then_a_new_lock() {
        let folder = folder();
        assert!(
            complaints(&folder)[0].starts_with("规则-1003"),
            "no lock yet"
        );
        assert_eq!(lock(&folder).unwrap().added, 2);
        assert_eq!(complaints(&folder), Vec::<String>::new());
        let changed = RULE.replace("> p.limit", ">= p.limit");
        write(&folder, RULE_PATH, &changed);
        let found = complaints(&folder);
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with(&format!("规则-1002 {RULE_PATH}:规则 X-001")),
            "{found:?}"
        );
        assert!(found[0].contains("请把版本改为 2"), "{found:?}");
        assert_eq!(
            lock(&folder).unwrap_err().len(),
            1,
            "the lock does not take it in"
        );
        write(
            &folder,
            RULE_PATH,
            &changed.replace("version = 1", "version = 2"),
        );
        assert!(
            complaints(&folder)[0].starts_with("规则-1003"),
            "the lock is old"
        );
        assert_eq!(lock(&folder).unwrap().changed, 1);
        assert_eq!(complaints(&folder), Vec::<String>::new());
        write(&folder, RULE_PATH, RULE);
        assert!(complaints(&folder)[0].contains("版本只增不减"));
        assert!(lock(&folder).is_err());
    }

    #[test]
    fn what_is_new_or_gone_is_named() {
        let folder = folder();
        lock(&folder).unwrap();
        write(
            &folder,
            "audit/contract/X-002_x.toml",
            &RULE.replace("X-001", "X-002"),
        );
        std::fs::remove_file(folder.path().join(MART_PATH)).unwrap();
        let found = complaints(&folder);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("规则 X-002 不在"), "{found:?}");
        assert!(
            found[1].starts_with("规则-1003 audit/pack.lock 第3行")
                && found[1].contains("视图 big 已不在"),
            "{found:?}"
        );
        let renewal = lock(&folder).unwrap();
        assert_eq!((renewal.added, renewal.changed, renewal.removed), (1, 0, 1));
    }

    #[test]
    fn a_rule_that_cannot_be_read_is_not_gone() {
        let folder = folder();
        lock(&folder).unwrap();
        write(&folder, RULE_PATH, "id = ");
        assert_eq!(complaints(&folder), Vec::<String>::new());
        assert!(lock(&folder).is_err(), "it stays in the lock");
    }

    #[test]
    fn marts_carry_their_version() {
        let folder = folder();
        lock(&folder).unwrap();
        write(&folder, MART_PATH, &MART.replace("contract", "asset"));
        assert!(complaints(&folder)[0].starts_with("规则-1002 marts/10_big.sql:视图 big"));
        write(&folder, MART_PATH, &MART.replace("-- version 1\n", ""));
        assert!(
            complaints(&folder)
                .iter()
                .any(|c| c.starts_with("规则-1005"))
        );
        assert_eq!(mart_version("SELECT 1 -- version 2"), None);
    }

    #[test]
    fn lines_that_are_no_entries_are_named() {
        let folder = folder();
        lock(&folder).unwrap();
        let text = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        let again = text.lines().nth(1).unwrap();
        write(&folder, FILE, &format!("{text}{again}\nrule X 1\n"));
        let found = complaints(&folder);
        assert_eq!(
            found.iter().filter(|c| c.starts_with("规则-1004")).count(),
            2,
            "{found:?}"
        );
    }
}
