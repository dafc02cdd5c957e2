//! Files → pieces: every sheet is recognised and read, with an account of its rows. What the pieces mean together is
//! decided by those who ask for them.

use std::fs;
use std::path::PathBuf;

use crate::model::{Place, Problem, Problems, Text};

use super::bytes::{digest, is_archive, is_table_file, sheets};
use super::codes;
use super::formats::build::{Archives, Built, Extracted};
use super::handin::{FileAccount, RegisterTable};
use super::header::WIDEST;
use super::journal::{self, JournalSheet, Run};
use super::layout;
use super::matching::Match;
use super::profile::Profile;
use super::recognise::Reading;
use super::register;
use super::table::Sheet;
use super::{Context, Progress};

/// A file of a hand-in: its path relative to the hand-in folder, and on disk.
#[derive(Debug, Clone)]
pub struct Listed {
    pub name: String,
    pub path: PathBuf,
}

/// Everything read from a set of files.
#[derive(Debug, Default)]
pub struct Pieces {
    /// One per sheet; the pieces below point into it.
    pub accounts: Vec<FileAccount>,
    pub registers: Vec<(usize, RegisterTable)>,
    pub runs: Vec<Run>,
    pub problems: Problems,
}

/// How many header words a sheet must hold to be taken for an account table that we fail to recognise.
const FAMILIAR_WORDS: usize = 3;

/// Reads files in the order given.
pub fn read(files: &[Listed], organisation: Option<&Text>, context: &Context<'_>) -> Pieces {
    let mut pieces = Pieces::default();
    let familiar = |text: &str| context.recogniser.familiar(text);
    let archives = context.formats.archives(files, &familiar);
    for file in files {
        context.progress(|p: &dyn Progress| p.file(&file.name));
        pieces.file(file, organisation, &archives, context);
    }
    pieces
}

impl Pieces {
    fn file(
        &mut self,
        file: &Listed,
        organisation: Option<&Text>,
        archives: &Archives,
        context: &Context<'_>,
    ) {
        let at = || Place {
            file: file.name.clone(),
            ..Place::default()
        };
        if !is_table_file(&file.name) {
            let message = match is_archive(&file.name) {
                true => "是压缩包,没有打开;请先解压,再交里面的文件",
                false => "不是表格文件",
            };
            self.problems
                .push(codes::FILE_SKIPPED.at(at(), message, ""));
            return;
        }
        let (digest, read) = match context.formats.read_tree(file, archives, context.ids) {
            Some((digest, built)) => {
                let read = built.map(|built| self.built(built, organisation, context));
                (digest, read)
            }
            None if self.long(file, organisation, context) => return,
            None => match fs::read(&file.path) {
                Ok(bytes) => {
                    let digest = digest(&bytes);
                    let read = self.whole(file, bytes, &digest, organisation, archives, context);
                    (digest, read)
                }
                Err(error) => {
                    let message = format!("文件读不出来:{error}");
                    self.problems
                        .push(codes::FILE_DAMAGED.at(at(), message, ""));
                    return;
                }
            },
        };
        match read {
            Ok(()) => {}
            Err(problem) => {
                self.accounts.push(FileAccount {
                    place: at(),
                    organisation: organisation.cloned(),
                    layout: "无法读取".to_owned(),
                    digest: digest.to_string(),
                    ..FileAccount::default()
                });
                self.problems.push(*problem);
            }
        }
    }

    /// A file whose bytes are all there.
    fn whole(
        &mut self,
        file: &Listed,
        bytes: Vec<u8>,
        digest: &Text,
        organisation: Option<&Text>,
        archives: &Archives,
        context: &Context<'_>,
    ) -> Result<(), Box<Problem>> {
        let formats = &context.formats;
        let bytes = match formats.read(&file.name, bytes, digest) {
            Ok(built) => return built.map(|built| self.built(built, organisation, context)),
            Err(bytes) => bytes,
        };
        let familiar = |text: &str| context.recogniser.familiar(text);
        let sheets = sheets(&file.name, bytes, digest.clone(), &familiar)?;
        let several = sheets.len() > 1;
        for sheet in sheets {
            match formats.text_set(&sheet, archives) {
                Some(built) => self.built(built?, organisation, context),
                // Workbooks come with empty sheets; an empty file is worth a note.
                None if several && sheet.grid.is_empty() => {}
                None => self.sheet(&sheet.into(), organisation, context),
            }
        }
        Ok(())
    }

    /// The tables that a data interface came to.
    fn built(&mut self, built: Built, organisation: Option<&Text>, context: &Context<'_>) {
        self.problems.extend(built.problems);
        for table in &built.tables {
            self.sheet(table, organisation, context);
        }
    }

    fn sheet(&mut self, table: &Extracted, organisation: Option<&Text>, context: &Context<'_>) {
        let sheet = &table.sheet;
        let rows = u32::try_from(sheet.grid.len()).unwrap_or(u32::MAX);
        let index = self.accounts.len();
        let mut account = FileAccount {
            place: sheet.place(None, None),
            organisation: organisation.cloned(),
            encoding: sheet.encoding.to_owned(),
            digest: sheet.digest.to_string(),
            rows,
            ..FileAccount::default()
        };
        if rows == 0 && table.explaining as usize + table.aside.len() > 0 {
            account.place.sheet = None;
            self.accounts.push(account);
        } else {
            self.recognised(sheet, account, context);
        }
        // Whatever the rows came to, records beside them are accounted for too.
        let account = &mut self.accounts[index];
        if !table.layout.is_empty() {
            account.layout.clone_from(&table.layout);
        }
        account.heads += table.explaining;
        account.rows += table.explaining + table.aside.len() as u32;
        account.set_aside.extend(table.aside.iter().cloned());
        context.progress(|p: &dyn Progress| p.rows(u64::from(rows)));
    }

    fn recognised(&mut self, sheet: &Sheet, mut account: FileAccount, context: &Context<'_>) {
        let rows = account.rows;
        if let Some(row) = sheet.grid.rows().find(|row| row.len() > WIDEST) {
            account.layout = "未识别".to_owned();
            account.refused = rows;
            self.accounts.push(account);
            let message = format!("有 {} 列,超过 {WIDEST} 列,不像是账表", row.len());
            let place = sheet.place(Some(row.number), None);
            self.problems.push(codes::FILE_HUGE.at(place, message, ""));
            return;
        }
        match context.recogniser.recognise(sheet) {
            Reading::Table(layout) => {
                account.layout.clone_from(&layout.table.file);
                let read = register::read(sheet, &layout, context.ids, account);
                self.registers.push((self.accounts.len(), read.table));
                self.problems.extend(read.problems);
                self.accounts.push(read.account);
            }
            Reading::Layout(profile, found) => {
                account.layout.clone_from(&profile.title);
                self.layout(sheet, profile, &found, account, context);
            }
            Reading::Empty => {
                account.layout = "空表".to_owned();
                let message = "没有任何内容";
                self.problems
                    .push(codes::TABLE_EMPTY.at(sheet.place(None, None), message, ""));
                self.accounts.push(account);
            }
            Reading::Unknown { words } => {
                account.layout = "未识别".to_owned();
                account.refused = rows;
                let place = sheet.place(None, None);
                let first = sheet.grid.row(0).joined();
                self.problems.push(if words >= FAMILIAR_WORDS {
                    let message = match context.recogniser.nearest(sheet) {
                        None => "像是账表,但认不出是哪一种".to_owned(),
                        Some((title, missing)) => {
                            format!("像是账表,但认不出是哪一种;最接近「{title}」,缺少「{missing}」")
                        }
                    };
                    codes::TABLE_UNKNOWN.at(place, message, &first)
                } else {
                    codes::FILE_SKIPPED.at(place, "表头里没有认识的列名", &first)
                });
                self.accounts.push(account);
            }
        }
    }

    fn layout(
        &mut self,
        sheet: &Sheet,
        profile: &Profile,
        found: &Match,
        mut account: FileAccount,
        context: &Context<'_>,
    ) {
        account.heads = u32::try_from(found.header + 1).unwrap_or(u32::MAX);
        self.header_problems(sheet, profile, found);
        let data = account.rows - account.heads;
        if !found.missing.is_empty() {
            account.refused = data;
            self.accounts.push(account);
            return;
        }
        if data == 0 {
            let message = "没有数据行";
            let place = sheet.place(None, None);
            self.problems
                .push(codes::TABLE_EMPTY.at(place, message, ""));
        }
        let index = self.accounts.len();
        if let Some(read) = layout::read(sheet, profile, found, context) {
            account.taken = u32::try_from(read.table.rows.len()).unwrap_or(u32::MAX);
            account.set_aside = read.set_aside;
            account.refused = read.refused;
            self.problems.extend(read.problems);
            self.registers.push((index, read.table));
        } else {
            let read = journal::read(sheet, profile, found, &context.words, index);
            self.journal(read, &mut account);
        }
        self.accounts.push(account);
    }

    pub(super) fn journal(&mut self, read: JournalSheet, account: &mut FileAccount) {
        account.set_aside = read.set_aside;
        account.refused = read.refused;
        self.problems.extend(read.problems);
        match self.runs.is_empty() {
            true => self.runs = read.runs,
            false => self.runs.extend(read.runs),
        }
    }

    /// Columns that are missing and columns that are not known.
    pub(super) fn header_problems(&mut self, sheet: &Sheet, profile: &Profile, found: &Match) {
        let header_row = Some(sheet.grid.row(found.header).number);
        for name in &found.unknown {
            let message = format!("{}没有「{name}」这一列", profile.title);
            let place = sheet.place(header_row, Some(name));
            self.problems
                .push(codes::COLUMN_UNKNOWN.at(place, message, name));
        }
        for name in &found.missing {
            let message = format!("{}缺少「{name}」列", profile.title);
            let place = sheet.place(header_row, Some(name));
            self.problems
                .push(codes::COLUMN_MISSING.at(place, message, ""));
        }
    }
}
