//! Books: batches, charts, vouchers and entries with their chain, vouchers held outside, period locks, balances.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

// 10^13 分: the largest amount that the door lets in (`model::money::MAX_FEN`).
const TABLES: &str = r#"
CREATE TABLE setting (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) {strict}
;
CREATE TABLE batch (
    id {id},
    label TEXT NOT NULL,
    program TEXT NOT NULL,
    received_at {time:received_at} NOT NULL
) {strict}
;
CREATE TABLE batch_file (
    batch_id {int} NOT NULL REFERENCES batch (id),
    ordinal {int} NOT NULL,
    organisation TEXT,
    file TEXT NOT NULL,
    sheet TEXT,
    layout TEXT NOT NULL,
    encoding TEXT NOT NULL,
    digest TEXT NOT NULL,
    "rows" {int} NOT NULL,
    heads {int} NOT NULL,
    taken {int} NOT NULL,
    refused {int} NOT NULL,
    set_aside {int} NOT NULL,
    CHECK ("rows" = heads + taken + refused + set_aside),
    PRIMARY KEY (batch_id, ordinal)
) {strict}
;
CREATE TABLE batch_set_aside (
    batch_id {int} NOT NULL REFERENCES batch (id),
    file_ordinal {int} NOT NULL,
    "row" {int} NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (batch_id, file_ordinal, "row")
) {strict}
;
CREATE TABLE problem (
    id {id},
    batch_id {int} NOT NULL REFERENCES batch (id),
    organisation TEXT,
    code TEXT NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('note', 'warning', 'error')),
    file TEXT NOT NULL,
    sheet TEXT,
    "row" {int},
    "column" TEXT,
    message TEXT NOT NULL,
    found TEXT NOT NULL,
    advice TEXT NOT NULL
) {strict}
;
CREATE TABLE book (
    organisation TEXT PRIMARY KEY NOT NULL CHECK (organisation <> ''),
    standard TEXT NOT NULL CHECK (standard IN ('village_2023', 'village_2004', 'small_enterprise', 'enterprise')),
    standard_evidence TEXT NOT NULL,
    length {int} NOT NULL CHECK (length >= 0),
    head {blob} NOT NULL
) {strict}
;
CREATE TABLE account (
    organisation TEXT NOT NULL REFERENCES book (organisation),
    code TEXT NOT NULL CHECK (code <> ''),
    name TEXT NOT NULL,
    normal_side TEXT NOT NULL CHECK (normal_side IN ('debit', 'credit', 'either')),
    parent TEXT,
    is_leaf {flag:is_leaf} NOT NULL,
    category TEXT NOT NULL,
    tag TEXT,
    active_from {date:active_from},
    active_to {date:active_to},
    PRIMARY KEY (organisation, code)
) {clustered}
;
CREATE TABLE voucher (
    organisation TEXT NOT NULL REFERENCES book (organisation),
    position {int} NOT NULL CHECK (position > 0),
    lines {int} NOT NULL,
    year {int} NOT NULL CHECK (year BETWEEN 1900 AND 2999),
    month {int} NOT NULL CHECK (month BETWEEN 1 AND 12),
    word TEXT NOT NULL,
    number TEXT NOT NULL CHECK (number <> ''),
    revision {int} NOT NULL CHECK (revision > 0),
    date {date:date} NOT NULL,
    attachments {int},
    maker TEXT,
    checker TEXT,
    poster TEXT,
    cashier TEXT,
    entered_at {time:entered_at},
    reverses TEXT,
    origin TEXT,
    source_file TEXT NOT NULL,
    source_sheet TEXT,
    source_row {int} NOT NULL,
    content {blob} NOT NULL,
    format {int} NOT NULL CHECK (format = 1),
    previous_hash {blob} NOT NULL,
    hash {blob} NOT NULL,
    PRIMARY KEY (organisation, position),
    UNIQUE (organisation, position, lines),
    UNIQUE (organisation, year, month, word, number, revision)
) {clustered}
;
CREATE TABLE entry (
    organisation TEXT NOT NULL,
    position {int} NOT NULL,
    line {int} NOT NULL,
    lines {int} NOT NULL,
    summary TEXT,
    account TEXT NOT NULL,
    account_name TEXT,
    debit {int} NOT NULL CHECK (debit BETWEEN -10000000000000 AND 10000000000000),
    credit {int} NOT NULL CHECK (credit BETWEEN -10000000000000 AND 10000000000000),
    counterparty TEXT,
    contract_no TEXT,
    asset_no TEXT,
    project TEXT,
    fund TEXT,
    invoice_no TEXT,
    receipt_no TEXT,
    bank_txn_no TEXT,
    settlement TEXT,
    source_row {int} NOT NULL,
    CHECK ((debit = 0) <> (credit = 0)),
    CHECK (line BETWEEN 1 AND lines),
    PRIMARY KEY (organisation, position, line),
    FOREIGN KEY (organisation, position, lines) REFERENCES voucher (organisation, position, lines),
    FOREIGN KEY (organisation, account) REFERENCES account (organisation, code)
) {clustered}
;
CREATE TABLE batch_posting (
    batch_id {int} NOT NULL REFERENCES batch (id),
    organisation TEXT NOT NULL REFERENCES book (organisation),
    first_position {int} NOT NULL,
    last_position {int} NOT NULL CHECK (last_position >= first_position),
    PRIMARY KEY (batch_id, organisation, first_position)
) {strict}
;
CREATE TABLE account_balance (
    organisation TEXT NOT NULL REFERENCES book (organisation),
    year {int} NOT NULL,
    month {int} NOT NULL CHECK (month BETWEEN 0 AND 12),
    account TEXT NOT NULL,
    debit {int} NOT NULL,
    credit {int} NOT NULL,
    PRIMARY KEY (organisation, year, month, account)
) {clustered}
;
CREATE TABLE period_lock (
    organisation TEXT NOT NULL REFERENCES book (organisation),
    year {int} NOT NULL,
    month {int} NOT NULL CHECK (month BETWEEN 1 AND 12),
    locked_at {time:locked_at} NOT NULL,
    locked_by TEXT NOT NULL,
    PRIMARY KEY (organisation, year, month)
) {strict}
;
CREATE TABLE held_voucher (
    id {id},
    batch_id {int} NOT NULL REFERENCES batch (id),
    settled_in {int} REFERENCES batch (id),
    organisation TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (reason IN ('defective', 'void')),
    digest TEXT NOT NULL,
    year {int} NOT NULL,
    month {int} NOT NULL,
    word TEXT NOT NULL,
    number TEXT NOT NULL,
    date_text TEXT NOT NULL,
    codes TEXT NOT NULL,
    message TEXT NOT NULL,
    maker TEXT,
    checker TEXT,
    poster TEXT,
    cashier TEXT,
    source_file TEXT NOT NULL,
    source_sheet TEXT,
    source_row {int} NOT NULL
) {strict}
;
CREATE TABLE held_entry (
    held_id {int} NOT NULL REFERENCES held_voucher (id),
    line {int} NOT NULL,
    summary TEXT,
    account TEXT NOT NULL,
    account_name TEXT,
    debit {int} NOT NULL,
    credit {int} NOT NULL,
    counterparty TEXT,
    source_row {int} NOT NULL,
    PRIMARY KEY (held_id, line)
) {strict}
;
CREATE UNIQUE INDEX held_voucher_open ON held_voucher (organisation, digest) WHERE settled_in IS NULL
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, TABLES).await?;
        for table in ["voucher", "entry", "batch", "batch_posting"] {
            ddl::append_only(manager, table).await?;
        }
        guard_book(manager).await
    }
}

/// A book only grows, by whole vouchers that balance and lie in open months.
///
/// Nothing slips under the seal, without a guard on each row: sealed positions and their lines are dense, an entry names
/// its voucher's number of lines and its own line is at most that, so the keys leave no place for a row more.
async fn guard_book(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let always = if manager.get_database_backend() == DbBackend::Sqlite {
        "1"
    } else {
        "TRUE"
    };
    ddl::refuse(
        manager,
        "book",
        "DELETE",
        always,
        "LEDGER-2002: posted rows are never deleted",
    )
    .await?;
    ddl::refuse(
        manager,
        "book",
        "UPDATE",
        "NEW.length < OLD.length OR NEW.organisation <> OLD.organisation OR (NEW.length = OLD.length AND NEW.head <> OLD.head)",
        "LEDGER-2005: a book only grows",
    )
    .await?;
    ddl::refuse(
        manager,
        "book",
        "UPDATE OF length",
        "NEW.length > OLD.length AND EXISTS (SELECT 1 FROM voucher v JOIN period_lock p \
           ON p.organisation = v.organisation AND p.year = v.year AND p.month = v.month \
         WHERE v.organisation = NEW.organisation AND v.position > OLD.length)",
        "LEDGER-2003: the period is locked",
    )
    .await?;
    ddl::refuse(
        manager,
        "book",
        "UPDATE OF length",
        "NEW.length > OLD.length AND \
         ((SELECT COUNT(*) <> NEW.length - OLD.length OR MAX(v.position) <> NEW.length FROM voucher v \
           WHERE v.organisation = NEW.organisation AND v.position > OLD.length) \
         OR (SELECT COUNT(*) FROM entry e WHERE e.organisation = NEW.organisation AND e.position > OLD.length) <> \
            (SELECT SUM(v.lines) FROM voucher v WHERE v.organisation = NEW.organisation AND v.position > OLD.length) \
         OR EXISTS (SELECT 1 FROM entry e WHERE e.organisation = NEW.organisation AND e.position > OLD.length \
                    GROUP BY e.position HAVING COUNT(*) < 2 OR COUNT(*) <> MAX(e.lines) OR SUM(e.debit) <> SUM(e.credit)))",
        "LEDGER-2006: only whole, balanced vouchers are sealed",
    )
    .await
}
