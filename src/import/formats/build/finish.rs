//! What a file's records came to: its tables, and what was left over.

use std::collections::BTreeMap;

use super::{Builder, Built, Extracted};
use crate::import::codes;
use crate::import::formats::balance;
use crate::import::formats::profile::Kind;
use crate::import::handin::SetAside;
use crate::import::table::{Container, Grid, Sheet};
use crate::model::{Place, Problem};

impl Builder<'_> {
    /// The tables. `unread`: groups that belong to no table of ours, with their number.
    pub fn finish(mut self, unread: &BTreeMap<String, u32>) -> Built {
        let mut built = Built {
            problems: self.unknown_fields(),
            ..Built::default()
        };
        built
            .problems
            .extend(self.totals.differences(&self.place("凭证")));
        built.problems.extend(self.unplaced_items());
        built.problems.extend(self.heads_alone());
        let explaining = self.count(|k| k == Kind::Aux) + self.head_count;
        let accounts = std::mem::take(&mut self.accounts);
        if !accounts.is_empty() {
            built.tables.push(self.extracted("科目", accounts));
        }
        let year = self.archives.year.or(self.balances.voucher_year);
        let balances = std::mem::take(&mut self.balances);
        let made = balance::tables(balances, year, &self.place("科目余额"));
        built.problems.extend(made.problems);
        if made.opening.len() > 1 {
            built.tables.push(self.extracted("期初余额", made.opening));
        }
        if !made.stated.is_empty() || !made.aside.is_empty() {
            let mut table = self.extracted("科目余额", made.stated);
            table.aside = made.aside;
            built.tables.push(table);
        }
        let vouchers = std::mem::take(&mut self.vouchers);
        if !vouchers.is_empty() || explaining > 0 {
            let mut table = self.extracted("凭证", vouchers);
            table.explaining = explaining;
            built.tables.push(table);
        }
        built.tables.extend(self.rest(unread, &built.tables));
        built
    }

    fn count(&self, of: impl Fn(Kind) -> bool) -> u32 {
        let counts = self.counts.iter();
        counts
            .filter(|(section, _)| of(self.profile.sections[**section].kind))
            .map(|(_, n)| n)
            .sum()
    }

    fn sheet(&self, name: &str, grid: Grid) -> Sheet {
        Sheet {
            file: self.origin.file.clone(),
            sheet: Some(name.into()),
            container: Container::Text,
            encoding: self.origin.encoding,
            digest: self.origin.digest.clone(),
            grid,
            merged: Vec::new(),
        }
    }

    fn extracted(&self, name: &str, grid: Grid) -> Extracted {
        Extracted {
            sheet: self.sheet(name, grid),
            layout: format!("{} {name}", self.profile.title),
            explaining: 0,
            aside: Vec::new(),
        }
    }

    /// What explains codes, and what no table of ours takes: counted, so that nobody thinks that it was read.
    fn rest(&self, unread: &BTreeMap<String, u32>, tables: &[Extracted]) -> Option<Extracted> {
        let archives =
            self.count(|k| matches!(k, Kind::Book | Kind::Word | Kind::Party | Kind::Item));
        if archives == 0 && unread.is_empty() && !tables.is_empty() {
            return None;
        }
        let mut rest = self.extracted("编号对照", Grid::default());
        rest.explaining = archives;
        rest.aside = (1..)
            .zip(unread)
            .map(|(row, (name, count))| SetAside {
                row,
                kind: "没有对应的表".to_owned(),
                text: format!("{name} {count} 条"),
            })
            .collect();
        Some(rest)
    }

    /// Heads of vouchers without a single entry: these stand under a name that the profile does not know.
    fn heads_alone(&self) -> Option<Problem> {
        if self.head_count == 0 || !self.vouchers.is_empty() {
            return None;
        }
        let message = format!("{} 张凭证都没有分录,不能记账", self.head_count);
        Some(codes::HEAD_ONLY.at(self.place("凭证"), message, ""))
    }

    fn place(&self, sheet: &str) -> Place {
        Place {
            file: self.origin.file.to_string(),
            sheet: Some(sheet.to_owned()),
            ..Place::default()
        }
    }

    fn unknown_fields(&self) -> Vec<Problem> {
        let problem = |((section, name), row): (&(usize, String), &u32)| {
            let element = &self.profile.sections[*section].elements[0];
            let place = Place {
                file: self.origin.file.to_string(),
                sheet: Some(element.clone()),
                row: Some(*row),
                column: Some(name.clone()),
            };
            let message = format!("{}里没有「{name}」这个字段", self.profile.title);
            codes::COLUMN_UNKNOWN.at(place, message, name)
        };
        self.unknown.iter().map(problem).collect()
    }

    fn unplaced_items(&self) -> Vec<Problem> {
        let problem = |(what, (first, count)): (&String, &(u32, u32))| {
            let place = Place {
                row: Some(*first),
                ..self.place("凭证")
            };
            let message = format!("{count} 条分录的{what}没有对应的列");
            codes::AUX_UNPLACED.at(place, message, "")
        };
        self.unplaced.iter().map(problem).collect()
    }
}
