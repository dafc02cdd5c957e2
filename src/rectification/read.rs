//! A workbook that comes back → what was filled in, told by comparing each row with what is on record.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::problems;
use super::sheet::KINDS;
use super::{
    BOOKED, COLUMNS, DUE, KIND, LEAD, Line, MEASURE, NUMBER, PROGRESS, PROGRESS_ON, RECOVERED,
    SEEN, TARGET, UNRECOVERABLE,
};
use crate::import::codes::Code;
use crate::import::table::{Container, Grid, Row};
use crate::import::{cell, workbook};
use crate::model::{Money, Problem};
use crate::review::event::{Amounts, MeasureKind, Payload, Plan};

/// What a row puts on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub number: String,
    /// The last event that whoever filled it in knew of.
    pub seen: i64,
    /// Row of the workbook, from 1.
    pub row: u32,
    /// At least one.
    pub payloads: Vec<Payload>,
}

/// What was filled in; rows without anything new are left out. `lines` are those that the person may read.
///
/// # Errors
/// Every problem of the workbook; then nothing of it is to be taken.
pub fn read(file: &str, bytes: &[u8], lines: &[Line]) -> Result<Vec<Change>, Vec<Problem>> {
    let sheets = workbook::read_xlsx(bytes).map_err(|refusal| vec![refusal.of(file)])?;
    let found = sheets.iter().find_map(|s| Table::of(file, &s.grid));
    let Some(table) = found else {
        let message = "文件里没有整改台账的表头";
        return Err(vec![problems::at(
            &problems::NO_SHEET,
            file,
            (None, None),
            message,
            "",
        )]);
    };
    let by_number: BTreeMap<&str, &Line> = lines.iter().map(|l| (l.number.as_str(), l)).collect();
    let (mut changes, mut problems, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for row in table.rows() {
        let number = table.text(&row, NUMBER);
        let mut reader = RowReader {
            table: &table,
            row,
            problems: &mut problems,
        };
        if !seen.insert(number.to_owned()) {
            reader.say(&problems::TWICE, NUMBER, "同一编号有两行", number);
            continue;
        }
        match by_number.get(number) {
            Some(line) => changes.extend(reader.change(line)),
            None => reader.say(
                &problems::UNKNOWN,
                NUMBER,
                "台账里没有这个编号,或不归您",
                number,
            ),
        }
    }
    match problems.is_empty() {
        true => Ok(changes),
        false => Err(problems),
    }
}

/// A sheet whose header was found.
struct Table<'a> {
    file: &'a str,
    grid: &'a Grid,
    /// Index of the header among the rows.
    header: usize,
    /// Where each column of ours stands.
    places: BTreeMap<&'static str, usize>,
}

impl<'a> Table<'a> {
    fn of(file: &'a str, grid: &'a Grid) -> Option<Table<'a>> {
        for (header, row) in grid.rows().enumerate().take(10) {
            let places: BTreeMap<&'static str, usize> = COLUMNS
                .iter()
                .filter_map(|c| {
                    let at = row.cells().position(|text| text == c.name)?;
                    Some((c.name, at))
                })
                .collect();
            let all = COLUMNS.iter().filter(|c| c.input).map(|c| c.name);
            if all
                .chain([NUMBER, SEEN])
                .all(|name| places.contains_key(name))
            {
                return Some(Table {
                    file,
                    grid,
                    header,
                    places,
                });
            }
        }
        None
    }

    /// The rows below the header that hold anything.
    fn rows(&self) -> impl Iterator<Item = Row<'a>> {
        self.grid.rows().skip(self.header + 1)
    }

    fn text(&self, row: &Row<'a>, column: &'static str) -> &'a str {
        self.places.get(column).map_or("", |at| row.cell(*at))
    }
}

struct RowReader<'t, 'a> {
    table: &'t Table<'a>,
    row: Row<'a>,
    problems: &'t mut Vec<Problem>,
}

impl<'a> RowReader<'_, 'a> {
    fn say(&mut self, code: &'static Code, column: &'static str, message: &str, found: &str) {
        let row = Some(self.row.number);
        let problem = problems::at(code, self.table.file, (row, Some(column)), message, found);
        self.problems.push(problem);
    }

    fn text(&self, column: &'static str) -> &'a str {
        self.table.text(&self.row, column)
    }

    /// What the row says beyond what is on record.
    fn change(&mut self, line: &Line) -> Option<Change> {
        let version = self.text(SEEN);
        let seen = version.parse::<i64>().ok();
        if seen.is_none() {
            self.say(&problems::UNREADABLE, SEEN, "版本不是导出时的数字", version);
        }
        let payloads = [self.plan(line), self.amounts(line), self.progress()];
        let payloads: Vec<Payload> = payloads.into_iter().flatten().collect();
        let seen = seen.filter(|_| !payloads.is_empty())?;
        Some(Change {
            number: line.number.clone(),
            seen,
            row: self.row.number,
            payloads,
        })
    }

    fn day(&mut self, column: &'static str) -> Option<NaiveDate> {
        let text = self.text(column);
        let day = cell::date(text, Container::Workbook);
        if day.is_none() && !text.is_empty() {
            self.say(&problems::UNREADABLE, column, "不是日期", text);
        }
        day
    }

    fn kind(&mut self) -> Option<MeasureKind> {
        let text = self.text(KIND);
        let kind = KINDS.into_iter().find(|k| k.label() == text);
        if kind.is_none() && !text.is_empty() {
            self.say(&problems::UNREADABLE, KIND, "没有这种类型", text);
        }
        kind
    }

    fn plan(&mut self, line: &Line) -> Option<Payload> {
        let columns = [MEASURE, KIND, LEAD, DUE, TARGET];
        let texts = columns.map(|c| self.text(c));
        if line.plan.is_none() && texts.iter().all(|t| t.is_empty()) {
            return None;
        }
        let (kind, due) = (self.kind(), self.day(DUE));
        for (column, text) in columns.into_iter().zip(texts) {
            if text.is_empty() {
                self.say(&problems::INCOMPLETE, column, "措施没有写全", "");
            }
        }
        let plan = Plan {
            measure: texts[0].to_owned(),
            kind: kind?,
            lead: texts[2].to_owned(),
            due: due?,
            target: texts[4].to_owned(),
        };
        let new = line.plan.as_ref() != Some(&plan);
        new.then_some(Payload::Planned(plan))
    }

    /// Nothing filled in counts as nought where something else is.
    fn money(&mut self, column: &'static str) -> Option<Money> {
        match self.text(column) {
            "" => Some(Money::ZERO),
            text => match Money::parse(text) {
                Ok(money) => Some(money),
                Err(error) => {
                    self.say(&problems::UNREADABLE, column, &error.to_string(), text);
                    None
                }
            },
        }
    }

    fn amounts(&mut self, line: &Line) -> Option<Payload> {
        let columns = [RECOVERED, BOOKED, UNRECOVERABLE];
        let empty = columns.iter().all(|c| self.text(c).is_empty());
        if empty {
            if line.amounts.is_some() {
                let message = "登记过的金额不能清空,没有的写 0";
                self.say(&problems::INCOMPLETE, RECOVERED, message, "");
            }
            return None;
        }
        let [recovered, booked, unrecoverable] = columns.map(|c| self.money(c));
        let amounts = Amounts {
            recovered: recovered?,
            booked: booked?,
            unrecoverable: unrecoverable?,
        };
        (line.amounts != Some(amounts)).then_some(Payload::Amounts(amounts))
    }

    fn progress(&mut self) -> Option<Payload> {
        let text = self.text(PROGRESS);
        let on = self.day(PROGRESS_ON);
        match (on, text.is_empty()) {
            (None, true) if self.text(PROGRESS_ON).is_empty() => None,
            (Some(on), false) => Some(Payload::Progress {
                on,
                text: text.to_owned(),
            }),
            (_, true) => {
                self.say(&problems::INCOMPLETE, PROGRESS, "有日期而没有进展", "");
                None
            }
            (None, false) => {
                if self.text(PROGRESS_ON).is_empty() {
                    self.say(&problems::INCOMPLETE, PROGRESS_ON, "新进展没有日期", "");
                }
                None
            }
        }
    }
}
