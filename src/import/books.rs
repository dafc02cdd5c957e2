//! One file, many books: large packages export the journals of all companies together, with the book's name on every line.
//! The name, or a code in it, tells the 单位; a book that tells none is refused, never put somewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::Known;
use super::codes;
use super::files::Pieces;
use super::handin::RegisterTable;
use super::journal::Run;
use crate::model::plain_name;
use crate::model::{Place, Text, Value};

/// The organisations of 单位, handed in now or before, by name and by code.
#[derive(Debug, Default)]
pub struct Owners {
    names: BTreeMap<String, BTreeSet<Text>>,
    codes: BTreeSet<Text>,
}

impl Owners {
    /// `known`: what was handed in before; an organisation that is handed in now is what is said of it now.
    pub fn of(tables: &[&RegisterTable], known: &Known) -> Owners {
        let mut owners = Owners::default();
        for table in tables.iter().filter(|t| t.table.name == "organisation") {
            let text = |values: &[Value], column: &str| {
                let at = table.table.position(column)?;
                values.get(at)?.text().map(Text::from)
            };
            for row in &table.rows {
                let Some(code) = text(&row.values, "code") else {
                    continue;
                };
                if let Some(name) = text(&row.values, "name") {
                    let codes = owners.names.entry(plain_name(&name)).or_default();
                    codes.insert(code.clone());
                }
                owners.codes.insert(code);
            }
        }
        let before = known.organisations.iter();
        let before: Vec<_> = before.filter(|(c, _)| !owners.codes.contains(c)).collect();
        for (code, name) in before {
            if let Some(name) = name {
                let codes = owners.names.entry(plain_name(name)).or_default();
                codes.insert(code.clone());
            }
            owners.codes.insert(code.clone());
        }
        owners
    }

    /// Whose book it is: by name (`九枫实业有限公司`, `九枫实业有限公司-基准账簿`) or by code (`JF01`, `JF01 九枫实业`).
    pub fn owner(&self, book: &str) -> Option<&Text> {
        let by_name = |name: &str| match self.names.get(&plain_name(name)) {
            Some(codes) if codes.len() == 1 => codes.first(),
            _ => None,
        };
        let separators = ['-', '－', '—', '_', ' ', '\\', '/'];
        let head = book.rsplit_once(separators).map(|(head, _)| head);
        by_name(book).or_else(|| by_name(head?)).or_else(|| {
            let mut parts = book
                .split(separators)
                .filter_map(|part| self.codes.get(part.trim()));
            parts.next()
        })
    }
}

/// The names of the books in the runs.
pub fn names(runs: &[Run]) -> BTreeSet<Text> {
    runs.iter().filter_map(|run| run.book.clone()).collect()
}

/// Takes the runs of named books out of what lies at street level: per owner, pieces of its own. Books without an owner
/// are refused.
pub fn deal(pieces: &mut Pieces, owners: &Owners) -> BTreeMap<Text, Pieces> {
    refuse(pieces, |book| match owners.owner(book) {
        Some(_) => None,
        None => Some(format!("单位表和库里都没有与「{book}」同名或同编码的单位")),
    });
    let named: Vec<Run> = pieces.runs.extract_if(.., |r| r.book.is_some()).collect();
    let mut dealt: BTreeMap<Text, Pieces> = BTreeMap::new();
    let mut accounts: BTreeMap<(usize, Text), usize> = BTreeMap::new();
    for mut run in named {
        let book = run.book.clone().unwrap_or_default();
        let Some(owner) = owners.owner(&book).cloned() else {
            continue;
        };
        let own = dealt.entry(owner.clone()).or_default();
        let whole = &mut pieces.accounts[run.file];
        let index = *accounts.entry((run.file, book.clone())).or_insert_with(|| {
            let mut account = whole.clone();
            account.organisation = Some(owner);
            account.layout = format!("{}·{book}", whole.layout);
            (account.rows, account.heads, account.refused) = (0, 0, 0);
            account.set_aside.clear();
            own.accounts.push(account);
            own.accounts.len() - 1
        });
        let rows = rows_of(&run);
        whole.rows -= rows;
        own.accounts[index].rows += rows;
        run.file = index;
        own.runs.push(run);
    }
    dealt
}

/// Keeps the books of one company: its own by 单位, or the only one that there is if 单位 says nothing of it.
pub fn own(pieces: &mut Pieces, organisation: &str, owners: &Owners) {
    let only = names(&pieces.runs).len() == 1;
    refuse(pieces, |book| match owners.owner(book) {
        Some(owner) if **owner == *organisation => None,
        Some(owner) => Some(format!(
            "「{book}」是 {owner} 的账簿,不是 {organisation} 的"
        )),
        None if only => None,
        None => Some(format!(
            "文件里有几个单位的账簿,不知道「{book}」是不是 {organisation} 的"
        )),
    });
}

/// Refuses the runs of books for which there is a reason, one problem a book and file.
fn refuse(pieces: &mut Pieces, reason: impl Fn(&str) -> Option<String>) {
    let mut refused: BTreeMap<(usize, Text), (String, u32)> = BTreeMap::new();
    let accounts = &mut pieces.accounts;
    pieces.runs.retain(|run| {
        let Some((book, message)) = run.book.as_ref().and_then(|b| Some((b, reason(b)?))) else {
            return true;
        };
        accounts[run.file].refused += rows_of(run);
        refused
            .entry((run.file, book.clone()))
            .or_insert((message, run.voucher.source.row));
        false
    });
    for ((file, book), (message, row)) in refused {
        let place = Place {
            row: Some(row),
            ..pieces.accounts[file].place.clone()
        };
        pieces
            .problems
            .push(codes::BOOK_UNKNOWN.at(place, message, &book));
    }
}

fn rows_of(run: &Run) -> u32 {
    u32::try_from(run.voucher.entries.len()).unwrap_or(u32::MAX)
}

impl Pieces {
    /// Adds pieces of another set of files.
    pub fn append(&mut self, other: Pieces) {
        let shift = self.accounts.len();
        self.accounts.extend(other.accounts);
        self.problems.extend(other.problems);
        let registers = other.registers.into_iter();
        self.registers
            .extend(registers.map(|(file, table)| (file + shift, table)));
        self.runs.extend(other.runs.into_iter().map(|mut run| {
            run.file += shift;
            run
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_belongs_to_whom_its_name_or_code_says() {
        let mut owners = Owners::default();
        for (code, name) in [
            ("C01", "甲枫实业有限公司"),
            ("C02", "乙枫物业(集团)公司"),
            ("C03", "重名"),
            ("C04", "重名"),
        ] {
            owners
                .names
                .entry(plain_name(name))
                .or_default()
                .insert(code.into());
            owners.codes.insert(code.into());
        }
        for (book, owner) in [
            ("甲枫实业有限公司", Some("C01")),
            ("甲枫实业有限公司-基准账簿", Some("C01")),
            ("乙枫物业（集团）公司", Some("C02")),
            ("C02 乙枫", Some("C02")),
            ("C03-重名", Some("C03")),
            ("重名", None),
            ("丙", None),
        ] {
            assert_eq!(owners.owner(book).map(|o| &**o), owner, "{book}");
        }
    }
}
