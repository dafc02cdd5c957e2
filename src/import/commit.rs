//! Writing a checked hand-in: one transaction for the whole of it, in whole or not at all, and a second time without effect.
//! Companies may be handed over one by one, as they are read; each is either written whole or refused whole.

use std::collections::HashSet;

use chrono::NaiveDateTime;
use sea_orm::ConnectionTrait;

use super::handin::{CompanyHandIn, HandIn, RegisterTable};
use super::stated::derive::ORIGIN;
use crate::ledger::{LedgerError, post, read, void};
use crate::model::{HeldReason, HeldVoucher, Place, Problem, Severity, Voucher, VoucherId};
use crate::store::bulk::{BulkInsert, text};
use crate::store::registers::{self, Origin, Saved};
use crate::store::{Store, StoreError, Transaction, batch, held};

/// What to do with a book that has defective vouchers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defects {
    /// The book is refused; the other companies of the hand-in come in.
    Refuse,
    /// Its sound vouchers are posted, the defective ones kept outside the books.
    Quarantine,
}

/// What writing did for one company.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompanyReceipt {
    pub organisation: String,
    /// The book has errors and was not let in; nothing of this company was written.
    pub refused: bool,
    pub posted: post::Posted,
    /// Vouchers posted before and handed in voided now: taken back.
    pub voided: Vec<VoucherId>,
    /// Vouchers newly kept outside the books.
    pub held: u64,
    pub registers: Saved,
    /// Vouchers that belong to a locked month and were therefore kept outside.
    pub locked: Vec<Problem>,
}

/// What writing a hand-in did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// None when there was nothing new to write.
    pub batch: Option<i64>,
    pub street: Saved,
    pub companies: Vec<CompanyReceipt>,
}

impl Receipt {
    fn wrote_something(&self) -> bool {
        let rows = |s: &Saved| s.added + s.changed > 0;
        rows(&self.street)
            || self.companies.iter().any(|c| {
                let taken_back = c.voided.len() as u64;
                c.posted.added + c.posted.revised + taken_back + c.held > 0 || rows(&c.registers)
            })
    }
}

/// What is written, when and by whom.
#[derive(Debug, Clone, Copy)]
pub struct Entering<'a> {
    /// What was named on the command line.
    pub label: &'a str,
    pub defects: Defects,
    pub now: NaiveDateTime,
    pub by: Option<&'a str>,
}

/// Writes a hand-in in one transaction. When nothing in it is new the transaction is rolled back and no batch remains.
///
/// # Errors
/// [`LedgerError`] when the store fails or a new voucher belongs to a locked month (with [`Defects::Refuse`]); nothing is
/// written then.
pub async fn commit(
    store: &Store,
    hand_in: &HandIn,
    defects: Defects,
    now: NaiveDateTime,
    mut progress: impl FnMut(&str),
) -> Result<Receipt, LedgerError> {
    let entering = Entering {
        label: &hand_in.label,
        defects,
        now,
        by: None,
    };
    enter(store, hand_in, entering, &mut progress).await
}

/// [`commit`] with who hands in, and what the batch is called.
///
/// # Errors
/// Those of [`commit`].
pub async fn enter(
    store: &Store,
    hand_in: &HandIn,
    entering: Entering<'_>,
    mut progress: impl FnMut(&str),
) -> Result<Receipt, LedgerError> {
    let mut writer = Writer::begin(store, entering).await?;
    for company in &hand_in.companies {
        progress(&company.organisation);
        writer.company(company).await?;
    }
    writer.finish(hand_in).await
}

/// A hand-in being written. Dropped without [`Writer::finish`], nothing of it stays.
pub struct Writer {
    transaction: Transaction,
    batch_id: i64,
    defects: Defects,
    companies: Vec<CompanyReceipt>,
}

impl Writer {
    /// Opens the transaction and the batch.
    ///
    /// # Errors
    /// [`LedgerError::Store`].
    pub async fn begin(store: &Store, entering: Entering<'_>) -> Result<Writer, LedgerError> {
        let transaction = store.begin().await?;
        let batch_id =
            batch::open_by(&transaction, entering.label, entering.now, entering.by).await?;
        Ok(Writer {
            transaction,
            batch_id,
            defects: entering.defects,
            companies: Vec::new(),
        })
    }

    /// Writes a company's book and registers.
    ///
    /// # Errors
    /// [`LedgerError`]; the writer is then good for nothing more.
    pub async fn company(&mut self, company: &CompanyHandIn) -> Result<(), LedgerError> {
        let (transaction, batch_id) = (&self.transaction, self.batch_id);
        let receipt = commit_company(transaction, batch_id, company, self.defects).await?;
        self.companies.push(receipt);
        Ok(())
    }

    /// Writes what belongs to no company and the account of the whole, and commits. `hand_in` must hold the companies
    /// that were written; the receipt has them in its order.
    ///
    /// # Errors
    /// [`LedgerError::Store`].
    pub async fn finish(self, hand_in: &HandIn) -> Result<Receipt, LedgerError> {
        let (transaction, batch_id) = (self.transaction, self.batch_id);
        let mut receipt = Receipt {
            batch: Some(batch_id),
            companies: self.companies,
            ..Receipt::default()
        };
        let place = |r: &CompanyReceipt| {
            let companies = &mut hand_in.companies.iter();
            companies.position(|c| *c.organisation == *r.organisation)
        };
        receipt.companies.sort_by_key(place);
        for table in &hand_in.street {
            add(
                &mut receipt.street,
                save_register(&transaction, batch_id, "", table).await?,
            );
        }
        if !receipt.wrote_something() {
            transaction.rollback().await?;
            receipt.batch = None;
            return Ok(receipt);
        }
        write_files(&transaction, batch_id, hand_in).await?;
        write_problems(&transaction, batch_id, hand_in, &receipt).await?;
        transaction.commit().await?;
        Ok(receipt)
    }
}

async fn commit_company(
    transaction: &Transaction,
    batch_id: i64,
    company: &CompanyHandIn,
    defects: Defects,
) -> Result<CompanyReceipt, LedgerError> {
    let organisation = &*company.organisation;
    let mut receipt = CompanyReceipt {
        organisation: organisation.to_owned(),
        ..CompanyReceipt::default()
    };
    if company.has_errors() && defects == Defects::Refuse {
        receipt.refused = true;
        return Ok(receipt);
    }
    let mut sound: Vec<&Voucher> = company.openings.iter().chain(&company.vouchers).collect();
    drop_derived(transaction, organisation, &mut sound).await?;
    let mut held_vouchers = company.held.clone();
    if defects == Defects::Quarantine {
        let blocked = post::blocked_by_lock(transaction, organisation, &sound).await?;
        for voucher in sound.iter().filter(|v| blocked.contains(&v.id)) {
            let problem = locked_problem(voucher);
            receipt.locked.push(problem.clone());
            held_vouchers.push(HeldVoucher {
                reason: HeldReason::Defective,
                date_text: voucher.date.to_string().into(),
                voucher: (*voucher).clone(),
                problems: vec![problem],
            });
        }
        sound.retain(|v| !blocked.contains(&v.id));
    }
    let mut voided = voided(company, &sound);
    if defects == Defects::Quarantine {
        let blocked = void::blocked_by_lock(transaction, organisation, &voided).await?;
        let locked = voided.extract_if(.., |v| blocked.contains(&v.id));
        receipt.locked.extend(locked.map(locked_problem));
    }
    let charts = company.charts();
    receipt.posted = post::post_under(transaction, batch_id, organisation, charts, &sound).await?;
    receipt.voided = void::void(transaction, batch_id, organisation, &voided).await?;
    receipt.held = held::save(
        transaction,
        batch_id,
        organisation,
        &held_vouchers,
        sound.iter().map(|v| &v.id),
    )
    .await?;
    for table in company.registers.iter().filter(|t| is_kept(t)) {
        add(
            &mut receipt.registers,
            save_register(transaction, batch_id, organisation, table).await?,
        );
    }
    Ok(receipt)
}

/// Vouchers handed in voided. A number that is voided and used again in one hand-in is the voucher that counts.
fn voided<'c>(company: &'c CompanyHandIn, sound: &[&Voucher]) -> Vec<&'c Voucher> {
    let void = company.held.iter().filter(|h| h.reason == HeldReason::Void);
    let mut void: Vec<&Voucher> = void.map(|h| &h.voucher).collect();
    if !void.is_empty() {
        let used: HashSet<&VoucherId> = sound.iter().map(|v| &v.id).collect();
        void.retain(|v| !used.contains(&v.id));
    }
    void
}

/// What the ledger already opens with is better than an opening read off a 科目余额表: it knows the counterparties.
async fn drop_derived(
    transaction: &Transaction,
    organisation: &str,
    sound: &mut Vec<&Voucher>,
) -> Result<(), LedgerError> {
    let derived = |v: &&Voucher| v.id.is_opening() && v.origin.as_deref() == Some(ORIGIN);
    let Some(year) = sound.iter().find(|v| derived(v)).map(|v| v.id.period.year) else {
        return Ok(());
    };
    if read::is_opened(transaction, organisation, year, ORIGIN).await? {
        sound.retain(|v| !derived(v));
    }
    Ok(())
}

/// Accounts live in the chart and opening balances in the chain; all other tables are kept as they are.
fn is_kept(table: &RegisterTable) -> bool {
    crate::model::catalogue()
        .registers()
        .any(|t| t.name == table.table.name && t.name != "account")
}

fn locked_problem(voucher: &Voucher) -> Problem {
    Problem {
        code: "账本-2003".into(),
        severity: Severity::Error,
        place: Place {
            file: voucher.source.file.to_string(),
            sheet: voucher.source.sheet.as_deref().map(str::to_owned),
            row: Some(voucher.source.row),
            column: None,
        },
        message: format!("凭证 {} 属于已结账的期间 {}", voucher.id, voucher.id.period),
        found: String::new(),
        advice: "请改记入未结期间,或先按程序反结账".into(),
    }
}

fn add(total: &mut Saved, saved: Saved) {
    total.added += saved.added;
    total.changed += saved.changed;
    total.unchanged += saved.unchanged;
}

async fn save_register(
    transaction: &Transaction,
    batch_id: i64,
    owner: &str,
    table: &RegisterTable,
) -> Result<Saved, StoreError> {
    let origin = Origin {
        batch_id,
        owner,
        file: &table.file,
        sheet: table.sheet.as_deref(),
    };
    registers::save(transaction, table.table, origin, &table.rows).await
}

async fn write_files<C: ConnectionTrait>(
    connection: &C,
    batch_id: i64,
    hand_in: &HandIn,
) -> Result<(), StoreError> {
    let columns = [
        "batch_id",
        "ordinal",
        "organisation",
        "file",
        "sheet",
        "layout",
        "encoding",
        "digest",
        "rows",
        "heads",
        "taken",
        "refused",
        "set_aside",
    ];
    let mut files = BulkInsert::new(connection, "batch_file", &columns, "");
    for (ordinal, file) in (0i64..).zip(&hand_in.files) {
        files
            .push([
                batch_id.into(),
                ordinal.into(),
                text(file.organisation.as_deref()),
                file.place.file.clone().into(),
                text(file.place.sheet.as_deref()),
                file.layout.clone().into(),
                file.encoding.clone().into(),
                file.digest.clone().into(),
                i64::from(file.rows).into(),
                i64::from(file.heads).into(),
                i64::from(file.taken).into(),
                i64::from(file.refused).into(),
                (file.set_aside.len() as i64).into(),
            ])
            .await?;
    }
    files.finish().await?;
    let mut rows = BulkInsert::new(
        connection,
        "batch_set_aside",
        &["batch_id", "file_ordinal", "row", "kind", "text"],
        "",
    );
    for (ordinal, file) in (0i64..).zip(&hand_in.files) {
        for aside in &file.set_aside {
            rows.push([
                batch_id.into(),
                ordinal.into(),
                i64::from(aside.row).into(),
                aside.kind.clone().into(),
                aside.text.clone().into(),
            ])
            .await?;
        }
    }
    rows.finish().await?;
    Ok(())
}

async fn write_problems<C: ConnectionTrait>(
    connection: &C,
    batch_id: i64,
    hand_in: &HandIn,
    receipt: &Receipt,
) -> Result<(), StoreError> {
    let columns = [
        "batch_id",
        "organisation",
        "code",
        "severity",
        "file",
        "sheet",
        "row",
        "column",
        "message",
        "found",
        "advice",
    ];
    let mut insert = BulkInsert::new(connection, "problem", &columns, "");
    let street = hand_in.problems.iter().map(|p| (None, p));
    let companies = hand_in
        .companies
        .iter()
        .flat_map(|c| c.problems.iter().map(move |p| (Some(&*c.organisation), p)));
    let locked = receipt.companies.iter().flat_map(|c| {
        c.locked
            .iter()
            .map(move |p| (Some(c.organisation.as_str()), p))
    });
    for (organisation, problem) in street.chain(companies).chain(locked) {
        let severity = match problem.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        insert
            .push([
                batch_id.into(),
                text(organisation),
                problem.code.to_string().into(),
                severity.into(),
                problem.place.file.clone().into(),
                text(problem.place.sheet.as_deref()),
                problem.place.row.map(i64::from).into(),
                text(problem.place.column.as_deref()),
                problem.message.clone().into(),
                problem.found.clone().into(),
                problem.advice.to_string().into(),
            ])
            .await?;
    }
    insert.finish().await?;
    Ok(())
}
