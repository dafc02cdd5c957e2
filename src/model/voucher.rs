//! Vouchers and their entries, as handed in and checked.

use std::fmt;

use arcstr::ArcStr;

use chrono::{NaiveDate, NaiveDateTime};

use super::{Money, Period, Problem};

/// A short text shared by many rows (account code, party, word): cloning it copies a pointer. One pointer wide, where `Arc<str>` is
/// two: an entry holds eleven.
pub type Text = ArcStr;

/// The identity of a voucher within its organisation: what stands on the paper. Shown as `2024-03-记-0012`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VoucherId {
    pub period: Period,
    /// 凭证字: 记, 收, 付, 转 …; `期初` marks the opening balances of a year.
    pub word: Text,
    /// Number without leading zeros; text, because `1/2` is legal for a voucher split over several sheets.
    pub number: Text,
}

/// The word under which the opening balances of a year stand in the chain. They are dated 1 January.
pub const OPENING_WORD: &str = "期初";

/// The origin of a revision that takes a voucher back because its batch was undone. No hand-in may use it.
pub const UNDO_ORIGIN: &str = "undo";

impl VoucherId {
    /// Normalises the number: leading zeros of a plain number go, so that `0012` and `12` are one voucher.
    pub fn new(period: Period, word: Text, number: &str) -> VoucherId {
        VoucherId {
            period,
            word,
            number: VoucherId::plain_number(number).into(),
        }
    }

    /// A number as it stands in an identity.
    pub fn plain_number(number: &str) -> &str {
        let trimmed = number.trim();
        let short = trimmed.trim_start_matches('0');
        let plain = !trimmed.is_empty() && trimmed.bytes().all(|b| b.is_ascii_digit());
        match (plain, short.is_empty()) {
            (true, true) => "0",
            (true, false) => short,
            _ => trimmed,
        }
    }

    pub fn is_opening(&self) -> bool {
        &*self.word == OPENING_WORD
    }

    /// Reads `2024-03-记-0012`.
    pub fn parse(text: &str) -> Option<VoucherId> {
        let mut parts = text.splitn(4, '-');
        let (year, month, word, number) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        Some(VoucherId::new(
            Period::new(year.parse().ok()?, month.parse().ok()?)?,
            word.into(),
            number,
        ))
    }
}

impl fmt::Display for VoucherId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{:0>4}", self.period, self.word, self.number)
    }
}

/// The place that a number takes among those of its word: 7 of `7`, and of its parts `7-1/2`, `7 1/2` and `7(1/2)`; `1/2` is a part of 1.
/// `None`: it is no number.
pub fn serial(number: &str) -> Option<u64> {
    let whole = match number.split_once('/') {
        Some((head, _)) => head.split(|c: char| !c.is_ascii_digit()).next()?,
        None => number,
    };
    whole.parse().ok()
}

/// Where a voucher or an entry stood in what was handed in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Source {
    /// Path relative to the hand-in folder.
    pub file: Text,
    pub sheet: Option<Text>,
    /// First row, from 1.
    pub row: u32,
}

impl Source {
    /// For vouchers that no file holds: the command that made them.
    pub fn command(name: &str) -> Source {
        Source {
            file: name.into(),
            ..Source::default()
        }
    }
}

/// One entry (分录). Exactly one of debit and credit is not zero; red-ink reversals are negative on their own side.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// Line within the voucher, from 1, in file order.
    pub line: u32,
    pub summary: Option<Text>,
    pub account: Text,
    /// Account name as handed in, which may differ from the chart's.
    pub account_name: Option<Text>,
    pub debit: Money,
    pub credit: Money,
    pub counterparty: Option<Text>,
    pub contract_no: Option<Text>,
    pub asset_no: Option<Text>,
    pub project: Option<Text>,
    pub fund: Option<Text>,
    pub invoice_no: Option<Text>,
    pub receipt_no: Option<Text>,
    pub bank_txn_no: Option<Text>,
    /// cash, transfer, cheque, other, or the word handed in.
    pub settlement: Option<Text>,
    /// Row in the source file, from 1.
    pub source_row: u32,
}

/// A voucher: head and entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voucher {
    pub id: VoucherId,
    pub date: NaiveDate,
    pub attachments: Option<u32>,
    pub maker: Option<Text>,
    pub checker: Option<Text>,
    pub poster: Option<Text>,
    pub cashier: Option<Text>,
    pub entered_at: Option<NaiveDateTime>,
    /// Identity of the voucher that this one reverses, as handed in.
    pub reverses: Option<Text>,
    /// manual, system, closing, or the word handed in.
    pub origin: Option<Text>,
    pub source: Source,
    pub entries: Vec<Entry>,
}

impl Voucher {
    /// A voucher of which nothing more is known: nobody signed, nothing attached.
    pub fn new(id: VoucherId, date: NaiveDate, source: Source, entries: Vec<Entry>) -> Voucher {
        Voucher {
            id,
            date,
            attachments: None,
            maker: None,
            checker: None,
            poster: None,
            cashier: None,
            entered_at: None,
            reverses: None,
            origin: None,
            source,
            entries,
        }
    }

    /// The order of a book: date, word, number as a number (`1/2` after `1`), then as text.
    pub fn order(&self) -> (NaiveDate, &str, u64, &str) {
        let text = &*self.id.number;
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let number = text[..digits].parse().unwrap_or(u64::MAX);
        (self.date, &self.id.word, number, text)
    }

    /// Whether it takes back the voucher of its own identity: neither counts in any balance then.
    pub fn is_undo(&self) -> bool {
        self.origin.as_deref() == Some(UNDO_ORIGIN)
    }

    pub fn debit(&self) -> Money {
        self.entries.iter().map(|e| e.debit).sum()
    }

    pub fn credit(&self) -> Money {
        self.entries.iter().map(|e| e.credit).sum()
    }
}

/// Why a voucher is kept outside the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HeldReason {
    /// It breaks an invariant of the ledger: 待纠正.
    Defective,
    /// 作废 in the package: kept for the gap test.
    Void,
}

impl HeldReason {
    pub fn code(self) -> &'static str {
        match self {
            HeldReason::Defective => "defective",
            HeldReason::Void => "void",
        }
    }
}

/// A voucher kept as handed in, outside all balances, visible to the integrity rules.
/// Its date may be missing (an impossible one is in `date_text`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldVoucher {
    pub reason: HeldReason,
    pub date_text: Text,
    /// `voucher.date` is the first day of the period when the date handed in is impossible.
    pub voucher: Voucher,
    pub problems: Vec<Problem>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_voucher_hold_its_number() {
        for (number, holds) in [
            ("7", Some(7)),
            ("7-1/2", Some(7)),
            ("7 1/2", Some(7)),
            ("7（2/2）", Some(7)),
            ("1/2", Some(1)),
            // The second may be a month, or the number of a book.
            ("202401-7", None),
            ("?12", None),
        ] {
            assert_eq!(serial(number), holds, "{number}");
        }
    }

    #[test]
    fn identity_reads_like_paper() {
        let id = VoucherId::new(
            Period {
                year: 2024,
                month: 3,
            },
            "记".into(),
            "0012",
        );
        assert_eq!(id.to_string(), "2024-03-记-0012");
        assert_eq!(VoucherId::parse("2024-03-记-12"), Some(id));
        assert_eq!(
            VoucherId::new(
                Period {
                    year: 2024,
                    month: 3
                },
                "记".into(),
                "1/2"
            )
            .number
            .as_str(),
            "1/2"
        );
    }
}
