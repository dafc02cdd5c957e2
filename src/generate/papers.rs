//! Papers of one row each: parties, decisions, tenders, receipts.

use chrono::NaiveDate;

use super::GenerateError;
use super::book::Book;
use super::calendar::plus;
use super::table::{Change, Folder};
use crate::model::Money;

/// A telephone number: below ten those of a company's own people, above them its parties.
pub fn phone(company: u32, n: u64) -> String {
    format!("199{:04}{n:05}", company + 1)
}

/// The other side of contracts and payments, with a telephone of its own.
pub fn party(book: &mut Book, name: &str) -> Result<(), GenerateError> {
    let n = 10 + book.serial();
    let phone = phone(book.index, n);
    party_at(book, name, &phone)
}

/// [`party`] under a given telephone.
pub fn party_at(book: &mut Book, name: &str, phone: &str) -> Result<(), GenerateError> {
    let n = book.serial();
    let digits = book.digits().to_owned();
    book.folder.row(
        "counterparty",
        &[
            ("name", &name),
            ("kind", &"单位"),
            ("id_hash", &format_args!("9142{digits}{n:010}")),
            ("legal_rep", &format_args!("法人{digits}{n:05}")),
            ("phone_hash", &phone),
            ("account_hash", &format_args!("8188{digits}{n:08}")),
        ],
    )
}

/// A decision of a meeting.
pub struct Decision<'a> {
    pub no: &'a str,
    pub level: &'a str,
    pub date: NaiveDate,
    /// Due, present, agreed.
    pub votes: (i64, i64, i64),
    pub matter: &'a str,
    pub kind: &'a str,
    pub subject: &'a str,
}

impl Decision<'_> {
    pub fn write(&self, book: &mut Book) -> Result<(), GenerateError> {
        self.write_but(book, &[])
    }

    /// [`write`](Decision::write) with columns that differ from the ordinary.
    pub fn write_but(&self, book: &mut Book, change: &[Change]) -> Result<(), GenerateError> {
        book.folder.row_but(
            "decision",
            &[
                ("decision_no", &self.no),
                ("level", &self.level),
                ("meeting_date", &self.date),
                ("notice_date", &plus(self.date, -12)),
                ("due", &self.votes.0),
                ("present", &self.votes.1),
                ("agree", &self.votes.2),
                ("matter", &self.matter),
                ("matter_kind", &self.kind),
                ("subject_no", &self.subject),
                ("notice_from", &plus(self.date, 2)),
                ("notice_to", &plus(self.date, 9)),
                (
                    "registered_at",
                    &format_args!("{} 10:00:00", plus(self.date, 1)),
                ),
                ("filed_on", &plus(self.date, 5)),
            ],
            change,
        )
    }
}

/// The board's or council's decision on a contract, all present and in favour.
pub fn contract_decision(
    book: &mut Book,
    contract: &str,
    date: NaiveDate,
    matter: &str,
) -> Result<String, GenerateError> {
    let (level, heads) = if book.village {
        ("理事会", 7)
    } else {
        ("董事会", 5)
    };
    decide(book, contract, date, matter, level, (heads, heads, heads))
}

/// The members' or shareholders' decision on a contract that runs for long, carried by more than two thirds of all.
pub fn owners_decision(
    book: &mut Book,
    contract: &str,
    date: NaiveDate,
    matter: &str,
) -> Result<String, GenerateError> {
    let (level, votes) = if book.village {
        ("成员大会", (120, 108, 99))
    } else {
        ("股东会", (100, 100, 100))
    };
    decide(book, contract, date, matter, level, votes)
}

fn decide(
    book: &mut Book,
    contract: &str,
    date: NaiveDate,
    matter: &str,
    level: &str,
    votes: (i64, i64, i64),
) -> Result<String, GenerateError> {
    let no = format!("JD-{contract}");
    Decision {
        no: &no,
        level,
        date,
        votes,
        matter,
        kind: "合同",
        subject: contract,
    }
    .write(book)?;
    Ok(no)
}

/// The representatives' decision on a contract, in a collective, carried by more than two thirds of all.
pub fn representatives_decision(
    book: &mut Book,
    contract: &str,
    date: NaiveDate,
    matter: &str,
) -> Result<String, GenerateError> {
    decide(book, contract, date, matter, "代表会", (35, 33, 31))
}

/// One signature under a claim, a contract or a voucher.
pub fn approval(
    book: &mut Book,
    subject: &str,
    step: &str,
    approver: &str,
    date: NaiveDate,
) -> Result<(), GenerateError> {
    book.folder.row(
        "approval",
        &[
            ("subject_no", &subject),
            ("step", &step),
            ("approver", &approver),
            ("result", &"同意"),
            ("date", &date),
        ],
    )
}

/// Three bids in a tender, the winner's the lowest. `alike`: the two others gave one telephone.
pub fn bids(
    book: &mut Book,
    contract: &str,
    winner: (&str, i64),
    alike: bool,
) -> Result<(), GenerateError> {
    let digits = book.digits().to_owned();
    for (n, bidder) in [winner.0, "癸某甲建设公司", "癸某乙建设公司"]
        .into_iter()
        .enumerate()
    {
        let line = if alike { n.min(1) } else { n };
        let contact = 90_000 + book.serial() - (n - line) as u64;
        book.folder.row(
            "bid",
            &[
                ("tender_no", &format_args!("ZB-{contract}")),
                ("bidder", &bidder),
                ("legal_rep", &format_args!("投标人{digits}{n}")),
                ("quote", &Money(winner.1 + n as i64 * 170_300)),
                ("deposit_from", &bidder),
                ("phone_hash", &phone(book.index, contact)),
                ("doc_author", &format_args!("标书员{digits}{n}")),
            ],
        )?;
    }
    Ok(())
}

/// A tender of a contract, opened on a day, with floor and winning price in 分.
pub fn tender(
    book: &mut Book,
    contract: &str,
    method: &str,
    opened: NaiveDate,
    floor: i64,
    winner: (&str, i64),
) -> Result<(), GenerateError> {
    book.folder.row(
        "tender",
        &[
            ("tender_no", &format_args!("ZB-{contract}")),
            ("subject_no", &contract),
            ("method", &method),
            ("platform", &"街道交易中心"),
            ("notice_date", &plus(opened, -10)),
            ("open_date", &opened),
            ("floor", &Money(floor)),
            ("winner", &winner.0),
            ("win_price", &Money(winner.1)),
        ],
    )
}

/// A receipt made out to a payer.
#[derive(Debug, Clone)]
pub struct Receipt {
    pub no: String,
    pub date: NaiveDate,
    pub payer: String,
    /// 分.
    pub amount: i64,
    pub channel: &'static str,
    /// Empty: for nothing under a contract.
    pub contract: String,
}

impl Receipt {
    /// Its part in the key of findings about receipts.
    pub fn key(&self) -> String {
        format!("{}|{}", self.no, self.date)
    }

    /// `voucher` is the one that books it, empty where none does.
    pub fn write(&self, folder: &mut Folder, voucher: &str) -> Result<(), GenerateError> {
        use chrono::Datelike;
        folder.row(
            "receipt",
            &[
                ("no", &self.no),
                ("book", &format_args!("B{}", self.date.year())),
                ("date", &self.date),
                ("payer", &self.payer),
                ("amount", &Money(self.amount)),
                ("channel", &self.channel),
                ("contract_no", &self.contract),
                ("void", &"否"),
                ("voucher", &voucher),
            ],
        )
    }
}

/// A claim for travel or the like.
#[derive(Debug, Clone)]
pub struct Claim {
    pub no: String,
    pub claimant: String,
    pub matter: &'static str,
    pub kind: &'static str,
    pub place: &'static str,
    /// First and last day.
    pub span: (NaiveDate, NaiveDate),
    /// 分.
    pub amount: i64,
}

impl Claim {
    /// `voucher` is the one that pays it.
    pub fn write(&self, folder: &mut Folder, voucher: &str) -> Result<(), GenerateError> {
        folder.row(
            "expense_claim",
            &[
                ("no", &self.no),
                ("claimant", &self.claimant),
                ("matter", &self.matter),
                ("kind", &self.kind),
                ("start_date", &self.span.0),
                ("end_date", &self.span.1),
                ("place", &self.place),
                ("persons", &1),
                ("amount", &Money(self.amount)),
                ("voucher", &voucher),
            ],
        )
    }
}

/// An invoice of a seller to the company. `checked`: what the tax office's check said.
pub struct Invoice<'a> {
    pub no: &'a str,
    pub date: NaiveDate,
    pub seller: &'a str,
    pub buyer: &'a str,
    /// 分.
    pub amount: i64,
    pub checked: &'a str,
}

impl Invoice<'_> {
    pub fn write(&self, book: &mut Book) -> Result<(), GenerateError> {
        book.folder.row(
            "invoice",
            &[
                ("no", &self.no),
                ("date", &self.date),
                ("seller", &self.seller),
                ("buyer", &self.buyer),
                ("amount", &Money(self.amount)),
                ("verified", &self.checked),
            ],
        )
    }
}

/// A number for an invoice; no two numbers of a book follow one another.
pub fn invoice_no(book: &mut Book) -> String {
    let serial = book.serial();
    format!("{}{:09}", &book.code[1..], serial * 3)
}
