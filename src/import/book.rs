//! The pieces that one company handed in, put together to a checked book.

use crate::model::{
    HeldReason, HeldVoucher, Level, Place, Problem, Problems, Severity, Standard, Text, Voucher,
};

use super::chart::{Charts, OwnAccount};
use super::check;
use super::codes;
use super::detect::SeenAccounts;
use super::folder::Reader;
use super::handin::{CompanyHandIn, FileAccount, RegisterTable, SetAside};
use super::journal::{self, Run};
use super::profile::{Match, Profile};
use super::recognise::Reading;
use super::register;
use super::table::Sheet;
use super::{join, opening, stated};

/// Header words of ours that a sheet must hold before not knowing it is an error and not just a note.
const FAMILIAR: usize = 3;

/// What was read from one folder, before it is put together.
pub(super) struct Pieces {
    pub organisation: Option<Text>,
    pub street: Vec<RegisterTable>,
    pub registers: Vec<RegisterTable>,
    pub runs: Vec<Run>,
    pub files: Vec<FileAccount>,
    pub problems: Problems,
}

impl Pieces {
    pub fn new(organisation: Option<Text>) -> Pieces {
        Pieces {
            organisation,
            street: Vec::new(),
            registers: Vec::new(),
            runs: Vec::new(),
            files: Vec::new(),
            problems: Problems::new(),
        }
    }

    /// A file of which nothing could be read.
    pub fn damaged(&mut self, shown: &str, problem: Problem) {
        self.files.push(FileAccount {
            place: Place {
                file: shown.to_owned(),
                ..Place::default()
            },
            organisation: self.organisation.clone(),
            layout: "无法读取".to_owned(),
            encoding: String::new(),
            digest: String::new(),
            rows: 0,
            heads: 0,
            taken: 0,
            set_aside: Vec::new(),
            refused: 0,
        });
        self.problems.push(problem);
    }
}

/// Takes sheets into the pieces of a folder.
pub(super) struct Shelf<'r, 'a> {
    pub reader: &'r Reader<'a>,
    pub pieces: &'r mut Pieces,
}

impl Shelf<'_, '_> {
    pub fn add(&mut self, sheet: &Sheet) {
        match self.reader.recogniser.recognise(sheet) {
            Reading::Table(layout) => {
                let account = self.account(sheet, &layout.table.file);
                let read = register::read(sheet, &layout, self.reader.ids, account);
                self.pieces.files.push(read.account);
                self.pieces.problems.extend(read.problems);
                match layout.table.level {
                    Level::Street => self.pieces.street.push(read.table),
                    Level::Company => self.pieces.registers.push(read.table),
                }
            }
            Reading::Journal(profile, found) => self.journal(sheet, profile, &found),
            Reading::Empty => {
                let account = self.account(sheet, "空表");
                self.pieces.files.push(account);
                let place = sheet.place(None, None);
                self.pieces
                    .problems
                    .push(codes::TABLE_EMPTY.at(place, "表是空的", ""));
            }
            Reading::Unknown { words } => {
                let mut account = self.account(sheet, "未识别");
                account.refused = account.rows;
                self.pieces.files.push(account);
                let code = if words >= FAMILIAR {
                    codes::TABLE_UNKNOWN
                } else {
                    codes::FILE_SKIPPED
                };
                let message = "表头与已知的任何一种账表都对不上";
                let found = sheet.grid.row(0).joined();
                self.pieces
                    .problems
                    .push(code.at(sheet.place(None, None), message, &found));
            }
        }
    }

    fn account(&self, sheet: &Sheet, layout: &str) -> FileAccount {
        FileAccount {
            place: sheet.place(None, None),
            organisation: self.pieces.organisation.clone(),
            layout: layout.to_owned(),
            encoding: sheet.encoding.to_owned(),
            digest: sheet.digest.to_string(),
            rows: sheet.grid.len() as u32,
            heads: 0,
            taken: 0,
            set_aside: Vec::new(),
            refused: 0,
        }
    }

    fn journal(&mut self, sheet: &Sheet, profile: &Profile, found: &Match) {
        let mut account = self.account(sheet, &profile.title);
        account.heads = found.header as u32 + 1;
        let header_row = Some(sheet.grid.row(found.header).number);
        for name in &found.unknown {
            let message = format!("「{name}」这一列没有读取");
            self.pieces.problems.push(codes::COLUMN_UNKNOWN.at(
                sheet.place(header_row, Some(name)),
                message,
                name,
            ));
        }
        for name in &found.missing {
            let message = format!("缺少「{name}」列");
            self.pieces.problems.push(codes::COLUMN_MISSING.at(
                sheet.place(header_row, Some(name)),
                message,
                "",
            ));
        }
        if !found.missing.is_empty() {
            account.refused = account.rows - account.heads;
            self.pieces.files.push(account);
            return;
        }
        let file = self.pieces.files.len();
        let read = journal::read(
            sheet,
            profile,
            &found.columns,
            found.header,
            &self.reader.words,
            file,
        );
        account.set_aside = read.set_aside;
        account.refused = read.refused;
        self.pieces.files.push(account);
        self.pieces.runs.extend(read.runs);
        self.pieces.problems.extend(read.problems);
    }
}

/// Puts a company's pieces together and checks them.
pub(super) fn build(
    pieces: Pieces,
    standard: Option<Standard>,
    charts: &Charts,
) -> (CompanyHandIn, Vec<FileAccount>) {
    let Pieces {
        organisation,
        registers,
        runs,
        mut files,
        mut problems,
        ..
    } = pieces;
    let organisation = organisation.unwrap_or_default();
    problems.extend(register::repeated_keys(&registers));
    let (books, registers): (Vec<_>, Vec<_>) = registers
        .into_iter()
        .partition(|t| ["account", "opening_balance"].contains(&t.table.name.as_str()));
    let (own, openings): (Vec<_>, Vec<_>) = books.iter().partition(|t| t.table.name == "account");
    let openings = opening::vouchers(&openings);
    let seen = seen_accounts(&runs, &openings);
    let folder = Place {
        file: organisation.to_string(),
        ..Place::default()
    };
    let own: Vec<OwnAccount<'_>> = own.iter().flat_map(|t| own_accounts(t)).collect();
    let resolved = charts.resolve(standard, &own, &seen, &folder);
    problems.extend(resolved.problems);
    let chart = resolved.chart;

    let joined = join::join(runs);
    problems.extend(joined.notes);
    for run in &joined.repeated {
        set_aside_repeat(run, &mut files);
    }
    let mut company = CompanyHandIn {
        organisation,
        chart,
        chart_evidence: resolved.evidence,
        openings: Vec::new(),
        vouchers: Vec::with_capacity(joined.vouchers.len()),
        held: Vec::new(),
        registers,
        problems,
    };
    for voucher in openings {
        file_opening(&mut company, voucher);
    }
    for run in joined.vouchers {
        file_run(&mut company, run, &mut files);
    }
    company.vouchers.sort_by(|a, b| order(a).cmp(&order(b)));
    let differences = stated::compare(&company);
    company.problems.extend(differences);
    (company, files)
}

/// Period, date, word, number (numbers by value).
fn order(v: &Voucher) -> (crate::model::Period, chrono::NaiveDate, &str, usize, &str) {
    (
        v.id.period,
        v.date,
        &v.id.word,
        v.id.number.len(),
        &v.id.number,
    )
}

fn seen_accounts(runs: &[Run], openings: &[Voucher]) -> SeenAccounts {
    let mut seen = SeenAccounts::default();
    for entry in runs
        .iter()
        .map(|r| &r.voucher)
        .chain(openings)
        .flat_map(|v| &v.entries)
    {
        let name = seen.entry(entry.account.clone()).or_default();
        if name.is_none() {
            name.clone_from(&entry.account_name);
        }
    }
    seen
}

fn own_accounts(table: &RegisterTable) -> impl Iterator<Item = OwnAccount<'_>> {
    table.rows.iter().map(|row| OwnAccount {
        table: table.table,
        row,
        place: Place {
            file: table.file.to_string(),
            sheet: table.sheet.as_deref().map(str::to_owned),
            row: Some(row.source_row),
            column: None,
        },
    })
}

fn set_aside_repeat(run: &Run, files: &mut [FileAccount]) {
    let Some(file) = files.get_mut(run.file) else {
        return;
    };
    for entry in &run.voucher.entries {
        file.set_aside.push(SetAside {
            row: entry.source_row,
            kind: "重复".to_owned(),
            text: format!("凭证 {} 已经读过,内容相同", run.voucher.id),
        });
    }
    file.set_aside.sort_by_key(|a| a.row);
}

fn file_opening(company: &mut CompanyHandIn, voucher: Voucher) {
    let mut found = Vec::new();
    check::voucher(&voucher, &company.chart, true, &mut found);
    if found.is_empty() {
        company.openings.push(voucher);
    } else {
        company.problems.extend(found.iter().cloned());
        hold(
            company,
            HeldReason::Defective,
            voucher.date.to_string().into(),
            voucher,
            found,
        );
    }
}

fn file_run(company: &mut CompanyHandIn, run: Run, files: &mut [FileAccount]) {
    let Run {
        file,
        voucher,
        date_text,
        void,
        mut problems,
        ..
    } = run;
    let entries = voucher.entries.len() as u32;
    if void {
        let at = check::place(&voucher, voucher.source.row);
        problems = vec![codes::VOUCHER_VOID.at(at, format!("凭证 {} 已作废", voucher.id), "")];
    } else {
        let known = !problems
            .iter()
            .any(|p| p.code == codes::MONEY_BAD.code || p.code == codes::SIDE_BAD.code);
        check::voucher(&voucher, &company.chart, known, &mut problems);
    }
    let account = files.get_mut(file);
    let bad = problems.iter().any(|p| p.severity == Severity::Error);
    company.problems.extend(problems.iter().cloned());
    if void || bad {
        if let Some(account) = account {
            account.refused += entries;
        }
        let reason = if void {
            HeldReason::Void
        } else {
            HeldReason::Defective
        };
        hold(company, reason, date_text, voucher, problems);
    } else {
        if let Some(account) = account {
            account.taken += entries;
        }
        company.vouchers.push(voucher);
    }
}

fn hold(
    company: &mut CompanyHandIn,
    reason: HeldReason,
    date_text: Text,
    voucher: Voucher,
    problems: Vec<Problem>,
) {
    company.held.push(HeldVoucher {
        reason,
        date_text,
        voucher,
        problems,
    });
}
