//! Journal rows → runs of lines that belong to one voucher. A run ends where the head changes, at a blank row and at a
//! row that is no entry: a head is carried down inside a voucher, never across.

use chrono::NaiveDate;

use crate::model::{Interner, Period, Problem, Problems, Source, Text, Voucher, VoucherId};

use super::codes::{self, Code};
use super::entry;
use super::field::{Columns, Field};
use super::handin::SetAside;
use super::head::{Head, Titles};
use super::kind::Kind;
use super::matching::Match;
use super::profile::Profile;
use super::table::{Row, Sheet};
use super::totals::{TotalRow, Totals};
use super::words::{Role, RowWords};

/// Consecutive lines with one head. Several of them may turn out to be one voucher.
#[derive(Debug)]
pub struct Run {
    /// Which file account the rows belong to.
    pub file: usize,
    /// The book named on the lines, where a file holds several.
    pub book: Option<Text>,
    /// The voucher with a date, even if the one handed in is impossible ([`Run::bad_date`]). Of a head without lines, one
    /// entry holds the voucher's totals.
    pub voucher: Voucher,
    pub date_text: Text,
    pub bad_date: bool,
    pub void: bool,
    /// From a list of voucher heads.
    pub head_only: bool,
    /// 分录号 as handed in, for entries that came out of order.
    pub line_numbers: Vec<Option<u32>>,
    pub problems: Vec<Problem>,
}

/// What was read from one journal sheet.
#[derive(Debug, Default)]
pub struct JournalSheet {
    pub runs: Vec<Run>,
    pub set_aside: Vec<SetAside>,
    /// Rows that belong to no voucher.
    pub refused: u32,
    pub problems: Problems,
}

/// Reads the rows below the header.
pub fn read(
    sheet: &Sheet,
    profile: &Profile,
    found: &Match,
    words: &RowWords,
    file: usize,
) -> JournalSheet {
    let mut reader = Reader::new(sheet, profile, found, words, file);
    for index in found.header + 1..sheet.grid.len() {
        reader.row(&sheet.grid.row(index));
    }
    reader.finish()
}

/// Takes the rows of a journal one by one.
pub(super) struct Reader<'s> {
    pub(super) sheet: &'s Sheet,
    pub(super) profile: &'s Profile,
    pub(super) titles: Titles,
    pub(super) columns: Columns<'s>,
    pub(super) words: &'s RowWords,
    file: usize,
    pub(super) texts: Interner,
    pub(super) totals: Totals,
    pub(super) settlements: &'static [(String, String)],
    pub(super) origins: &'static [(String, String)],
    /// Whether the last run may be continued by a line without head.
    open: bool,
    /// The last date text and what it is: consecutive lines share it.
    pub(super) date: (Text, Option<NaiveDate>),
    pub(super) last_period: Option<Period>,
    fills_number: bool,
    last_row: u32,
    /// Rows above the header, which some packages print again on every page.
    above: Vec<String>,
    /// What the row before is, when it is a total.
    total: Option<(String, Role)>,
    pub(super) out: JournalSheet,
}

impl<'s> Reader<'s> {
    /// `sheet` holds the header at least.
    pub(super) fn new(
        sheet: &'s Sheet,
        profile: &'s Profile,
        found: &'s Match,
        words: &'s RowWords,
        file: usize,
    ) -> Reader<'s> {
        Reader {
            sheet,
            profile,
            titles: Titles::of(&found.places),
            columns: Columns::of(&found.places),
            words,
            file,
            texts: Interner::default(),
            totals: Totals::default(),
            settlements: entry::words("settlement"),
            origins: entry::words("source"),
            open: false,
            date: (Text::default(), None),
            last_period: None,
            fills_number: profile.fills("number") || profile.fills("voucher"),
            last_row: sheet.grid.row(found.header).number,
            above: sheet
                .grid
                .rows()
                .take(found.header)
                .map(|row| row.joined())
                .collect(),
            total: None,
            out: JournalSheet::default(),
        }
    }

    /// Takes the next row below the header.
    pub(super) fn row(&mut self, row: &Row<'_>) {
        if row.number > self.last_row + 1 {
            self.open = false;
        }
        self.last_row = row.number;
        let around = self.may_be_no_entry(row) || self.is_around(row);
        match around && self.set_aside(row) {
            true => self.open = false,
            false => {
                self.total = None;
                self.line(row);
            }
        }
    }

    pub(super) fn finish(self) -> JournalSheet {
        let Reader {
            mut out, totals, ..
        } = self;
        out.problems.extend(totals.problems);
        out
    }
}

impl Reader<'_> {
    pub(super) fn get<'a>(&self, row: &Row<'a>, field: Field) -> &'a str {
        self.columns.get(row, field)
    }

    pub(super) fn problem(
        &self,
        code: &'static Code,
        row: u32,
        field: Field,
        message: &str,
        found: &str,
    ) -> Problem {
        let place = self.sheet.place(Some(row), self.columns.header(field));
        code.at(place, message, found)
    }

    fn lists_heads(&self) -> bool {
        self.profile.kind == Kind::Heads
    }

    fn names_account(&self, row: &Row<'_>) -> bool {
        let fields = [Field::Account, Field::AccountFull];
        fields.iter().any(|&f| !self.get(row, f).is_empty())
    }

    /// Totals and the like name no account, and in a list of heads no number.
    fn may_be_no_entry(&self, row: &Row<'_>) -> bool {
        let numbers = [Field::Voucher, Field::Number];
        !self.names_account(row)
            && (!self.lists_heads() || numbers.iter().all(|&f| self.get(row, f).is_empty()))
    }

    /// What a page prints around its lines may reach into the account's column: the header again, its foot.
    fn is_around(&self, row: &Row<'_>) -> bool {
        let says_nothing = |field: &Field| {
            let text = self.get(row, *field);
            text.is_empty() || self.words.role(text).is_some()
        };
        let coded = |field: &Field| {
            self.get(row, *field)
                .starts_with(|c: char| c.is_ascii_digit())
        };
        let accounts = [Field::Account, Field::AccountFull];
        let head_and_amounts = [
            Field::Date,
            Field::Voucher,
            Field::Number,
            Field::Debit,
            Field::Credit,
            Field::Amount,
        ];
        !accounts.iter().any(coded)
            && (head_and_amounts.iter().all(says_nothing) || self.columns.places.is_header(row))
    }

    /// Recognises a row that is no entry: a total, a remark, or what is printed again on every page.
    fn set_aside(&mut self, row: &Row<'_>) -> bool {
        let (kind, role) = match row.cells().find_map(|cell| self.words.role(cell)) {
            Some((kind, role)) => (kind.to_owned(), role),
            None if self.columns.places.is_header(row) => ("表头".to_owned(), Role::Other),
            None if self.above.contains(&row.joined()) => ("标题".to_owned(), Role::Other),
            None => match self.total.take().filter(|_| self.is_other_side(row)) {
                Some(total) => total,
                None => return false,
            },
        };
        self.total = (role != Role::Other).then(|| (kind.clone(), role));
        if role != Role::Other {
            let amounts = TotalRow {
                debit: self.get(row, Field::Debit),
                credit: self.get(row, Field::Credit),
                amount: self.get(row, Field::Amount),
                side: self.profile.side(self.get(row, Field::Direction)),
            };
            let place = self.sheet.place(Some(row.number), None);
            self.totals
                .check(&amounts, &kind, role, place, self.profile);
        }
        self.out.set_aside.push(SetAside {
            row: row.number,
            kind,
            text: row.joined(),
        });
        true
    }

    /// Only a side and an amount: below a total in a cell that spans both, the total of the other side.
    fn is_other_side(&self, row: &Row<'_>) -> bool {
        let amounts = [Field::Debit, Field::Credit, Field::Amount];
        let amounts = amounts.map(|field| self.get(row, field));
        let side = self.get(row, Field::Direction);
        let is_known = |cell: &str| cell.is_empty() || cell == side || amounts.contains(&cell);
        amounts.iter().any(|amount| !amount.is_empty()) && row.cells().all(is_known)
    }

    fn line(&mut self, row: &Row<'_>) {
        let head = self.head(row);
        let has_number = !head.number.is_empty() || !head.sound;
        let continues = self.open && self.continues(&head, has_number, row);
        if !continues {
            let nameless = !has_number && head.date.is_empty();
            let bare = !self.lists_heads() && !self.names_account(row);
            if nameless || (bare && !has_number) {
                self.open = false;
                self.refuse(row);
                return;
            }
            self.begin(row, &head, has_number);
        }
        if self.lists_heads() {
            self.head_line(row);
        } else {
            self.entry(row);
        }
        self.open = !self.lists_heads();
    }

    fn refuse(&mut self, row: &Row<'_>) {
        self.out.refused += 1;
        let message = "没有日期和凭证号,也不接在任何凭证之后";
        let place = self.sheet.place(Some(row.number), None);
        let problem = codes::HEAD_MISSING.at(place, message, &row.joined());
        self.out.problems.push(problem);
    }

    /// Whether a line belongs to the run before it.
    fn continues(&self, head: &Head<'_>, has_number: bool, row: &Row<'_>) -> bool {
        let Some(run) = self.out.runs.last() else {
            return false;
        };
        let book = self.get(row, Field::Book);
        if !book.is_empty() && run.book.as_deref() != Some(book) {
            return false;
        }
        let same_date = head.date.is_empty() || *head.date == *run.date_text;
        if !has_number {
            return self.fills_number && same_date;
        }
        let id = &run.voucher.id;
        let word = self.word(&head.word);
        let restarts = match (self.line_number(row), run.line_numbers.last()) {
            (Some(line), Some(Some(last))) => line == 1 && *last >= 1,
            _ => false,
        };
        let same_number = *id.number == *VoucherId::plain_number(&head.number);
        same_date && !restarts && same_number && *id.word == *word
    }

    fn word<'w>(&'w self, word: &'w str) -> &'w str {
        match word {
            "" => self.profile.default_word.as_deref().unwrap_or(""),
            word => word,
        }
    }

    pub(super) fn line_number(&self, row: &Row<'_>) -> Option<u32> {
        self.get(row, Field::Line)
            .trim_end_matches(".0")
            .parse()
            .ok()
    }

    /// Starts a run at a line with a head.
    fn begin(&mut self, row: &Row<'_>, head: &Head<'_>, has_number: bool) {
        let mut problems = Vec::new();
        let date = self.date(&head.date);
        let period = self.period(row, head, date, &mut problems);
        let word = self.word(&head.word).to_owned();
        self.name_problem(row, head, has_number, &word, &mut problems);
        if date.is_none() {
            problems.push(self.date_problem(row, head));
        }
        // A voucher without number keeps its own place.
        let number = match &*head.number {
            "" => format!("?{}", row.number),
            number => number.to_owned(),
        };
        let id = VoucherId::new(period, self.texts.text(&word), &number);
        let date_text = self.texts.text(&head.date);
        let book = match self.get(row, Field::Book) {
            "" => self.columns.places.fixed("book").unwrap_or_default(),
            book => book,
        };
        let source = Source {
            file: self.sheet.file.clone(),
            sheet: self.sheet.sheet.clone(),
            row: row.number,
        };
        self.out.runs.push(Run {
            file: self.file,
            book: self.texts.filled(book),
            voucher: Voucher::new(
                id,
                date.unwrap_or(period.first_day()),
                source,
                Vec::with_capacity(2),
            ),
            date_text,
            bad_date: date.is_none(),
            void: false,
            head_only: self.lists_heads(),
            line_numbers: Vec::with_capacity(2),
            problems,
        });
    }

    /// What is wrong with word and number.
    fn name_problem(
        &self,
        row: &Row<'_>,
        head: &Head<'_>,
        has_number: bool,
        word: &str,
        problems: &mut Vec<Problem>,
    ) {
        let field = match self.columns.has(Field::Voucher) {
            true => Field::Voucher,
            false => Field::Number,
        };
        let (field, message, found) = match (head.number.is_empty(), has_number) {
            (true, true) => (field, "凭证字号里找不到号码", self.get(row, field)),
            (true, false) => (field, "没有凭证号", self.get(row, field)),
            (false, _) if word.is_empty() => (Field::Word, "没有凭证字", ""),
            _ => return,
        };
        problems.push(self.problem(codes::NUMBER_MISSING, row.number, field, message, found));
    }
}
