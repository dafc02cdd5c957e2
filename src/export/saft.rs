//! SAF-T Financial, the general ledger: accounts with opening and closing balances, parties, journals by voucher word, and
//! the control totals at the head of the entries.

use std::collections::{BTreeMap, BTreeSet};

use super::book::{self, BookExport};
use super::folder::{Out, Staging};
use super::markup::element;
use super::running::{Line, Running};
use super::{ExportError, Exported};
use crate::import::formats::profile::FormatProfile;
use crate::model::{Entry, Money, PeriodRange, Text, Voucher};

/// A company's file.
pub async fn company(
    export: &BookExport<'_>,
    staging: &Staging,
    exported: &mut Exported,
) -> Result<(), ExportError> {
    let profile =
        FormatProfile::named(export.options.rules, "saft").map_err(ExportError::Profile)?;
    let mut entries = Entries {
        export,
        staging,
        profile: &profile,
        journals: BTreeMap::new(),
        parties: BTreeSet::new(),
        transactions: 0,
        debit: 0,
        credit: 0,
    };
    let span = export.span()?;
    let (mut running, mut begun) = (Running::default(), None);
    for month in export.months.iter().filter(|m| **m <= span.last) {
        let (opening, posted) = export.month(*month).await?;
        running.begin();
        if let Some(opening) = &opening {
            running.open(opening);
        }
        if *month >= span.first {
            let chart = export.history.of(month.year);
            begun.get_or_insert_with(|| running.by_account(chart));
            for voucher in &posted {
                entries.voucher(voucher)?;
            }
        }
        posted.iter().for_each(|v| running.add(v));
    }
    let name = format!("{0}/{0}.saft.xml", export.organisation);
    let mut out = staging.create(&name)?;
    header(export, &span, &mut out)?;
    running.begin();
    let balances = Balances {
        opening: begun.unwrap_or_default(),
        closing: running.by_account(export.history.of(span.last.year)),
    };
    master(export, &balances, &entries.parties, &mut out)?;
    exported.vouchers += entries.transactions;
    exported.files += 1;
    entries.finish(&mut out)?;
    out.write("</AuditFile>\n")?;
    out.finish()
}

/// Balances at the beginning of the first month and after the last.
struct Balances {
    opening: BTreeMap<Text, Line>,
    closing: BTreeMap<Text, Line>,
}

fn header(export: &BookExport<'_>, span: &PeriodRange, out: &mut Out) -> Result<(), ExportError> {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<AuditFile xmlns=\"urn:OECD:StandardAuditFile-Taxation/2.00\">\n<Header>",
    );
    let mut field = |name: &str, value: &str| element(&mut text, name, None, value);
    field("AuditFileVersion", "2.00");
    field("AuditFileCountry", "CN");
    // The same books give the same file: it is dated by what it holds.
    field("AuditFileDateCreated", &span.last.last_day().to_string());
    field("SoftwareCompanyName", "sanzi");
    field("SoftwareID", "sanzi");
    field("SoftwareVersion", env!("CARGO_PKG_VERSION"));
    text.push_str("<Company>");
    let mut field = |name: &str, value: &str| element(&mut text, name, None, value);
    field(
        "RegistrationNumber",
        export.uscc.as_deref().unwrap_or(export.organisation),
    );
    field("Name", &export.name);
    text.push_str("</Company>");
    element(&mut text, "DefaultCurrencyCode", None, "CNY");
    text.push_str("<SelectionCriteria>");
    for (name, value) in [
        ("PeriodStart", span.first.month.to_string()),
        ("PeriodStartYear", span.first.year.to_string()),
        ("PeriodEnd", span.last.month.to_string()),
        ("PeriodEndYear", span.last.year.to_string()),
    ] {
        element(&mut text, name, None, &value);
    }
    text.push_str("</SelectionCriteria>");
    element(&mut text, "TaxAccountingBasis", None, "A");
    text.push_str("</Header>\n");
    out.write(&text)
}

fn master(
    export: &BookExport<'_>,
    balances: &Balances,
    parties: &BTreeSet<Text>,
    out: &mut Out,
) -> Result<(), ExportError> {
    out.write("<MasterFiles>\n<GeneralLedgerAccounts>\n")?;
    for account in export.chart.accounts.values() {
        let mut text = String::from("<Account>");
        element(&mut text, "AccountID", None, &account.code);
        element(&mut text, "AccountDescription", None, &account.name);
        element(&mut text, "AccountType", None, "GL");
        for (name, at) in [
            ("Opening", &balances.opening),
            ("Closing", &balances.closing),
        ] {
            let net = at.get(&account.code).map_or(0, |line| line.opening);
            let (side, fen) = if net < 0 {
                ("Credit", -net)
            } else {
                ("Debit", net)
            };
            let name = format!("{name}{side}Balance");
            element(&mut text, &name, None, &Money(fen).to_string());
        }
        text.push_str("</Account>\n");
        out.write(&text)?;
    }
    out.write("</GeneralLedgerAccounts>\n")?;
    if !parties.is_empty() {
        out.write("<Customers>\n")?;
        for party in parties {
            let mut text = String::from("<Customer>");
            element(&mut text, "Name", None, party);
            element(&mut text, "CustomerID", None, party);
            text.push_str("</Customer>\n");
            out.write(&text)?;
        }
        out.write("</Customers>\n")?;
    }
    out.write("</MasterFiles>\n")
}

/// The entries under way: a file for each journal, because a journal must stand in one piece.
struct Entries<'w> {
    export: &'w BookExport<'w>,
    staging: &'w Staging,
    profile: &'w FormatProfile,
    journals: BTreeMap<Text, (std::path::PathBuf, Out)>,
    parties: BTreeSet<Text>,
    transactions: u64,
    debit: i64,
    credit: i64,
}

impl Entries<'_> {
    fn voucher(&mut self, voucher: &Voucher) -> Result<(), ExportError> {
        let mut text = String::from("<Transaction>");
        let period = voucher.id.period;
        for (name, value) in [
            ("TransactionID", voucher.id.to_string()),
            ("Period", period.month.to_string()),
            ("PeriodYear", period.year.to_string()),
            ("TransactionDate", voucher.date.to_string()),
            (
                "SourceID",
                voucher.maker.as_deref().unwrap_or("").to_owned(),
            ),
            ("Description", summary(voucher).to_owned()),
            (
                "SystemEntryDate",
                voucher
                    .entered_at
                    .map_or(String::new(), |t| t.date().to_string()),
            ),
            ("GLPostingDate", voucher.date.to_string()),
        ] {
            if !value.is_empty() {
                element(&mut text, name, None, &value);
            }
        }
        for entry in &voucher.entries {
            self.line(&mut text, entry);
        }
        text.push_str("</Transaction>\n");
        self.transactions += 1;
        self.journal(&voucher.id.word)?.write(&text)
    }

    fn journal(&mut self, word: &Text) -> Result<&mut Out, ExportError> {
        use std::collections::btree_map::Entry;
        let count = self.journals.len();
        match self.journals.entry(word.clone()) {
            Entry::Occupied(slot) => Ok(&mut slot.into_mut().1),
            Entry::Vacant(slot) => {
                let name = format!("{}/.journal-{count}", self.export.organisation);
                let path = self.staging.file(&name)?;
                let out = self.staging.create(&name)?;
                Ok(&mut slot.insert((path, out)).1)
            }
        }
    }

    fn line(&mut self, text: &mut String, entry: &Entry) {
        text.push_str("<Line>");
        element(text, "RecordID", None, &entry.line.to_string());
        element(text, "AccountID", None, &entry.account);
        let settlement = entry
            .settlement
            .as_deref()
            .map(|s| book::word("settlement", s));
        let settlement = settlement.map(Text::from);
        for (column, item) in [
            ("contract_no", &entry.contract_no),
            ("asset_no", &entry.asset_no),
            ("project", &entry.project),
            ("fund", &entry.fund),
            ("receipt_no", &entry.receipt_no),
            ("bank_txn_no", &entry.bank_txn_no),
            ("settlement", &settlement),
        ] {
            let kinds = self.profile.aux_kinds.get(column).and_then(|w| w.first());
            if let (Some(kind), Some(item)) = (kinds, item) {
                text.push_str("<Analysis>");
                element(text, "AnalysisType", None, kind);
                element(text, "AnalysisID", None, item);
                text.push_str("</Analysis>");
            }
        }
        for (name, value) in [
            ("SourceDocumentID", &entry.invoice_no),
            ("CustomerID", &entry.counterparty),
            ("Description", &entry.summary),
        ] {
            if let Some(value) = value {
                element(text, name, None, value);
            }
        }
        if let Some(party) = &entry.counterparty {
            self.parties.insert(party.clone());
        }
        let (name, amount) = match entry.debit.is_zero() {
            true => ("CreditAmount", entry.credit),
            false => ("DebitAmount", entry.debit),
        };
        self.debit = self.debit.saturating_add(entry.debit.0);
        self.credit = self.credit.saturating_add(entry.credit.0);
        text.push_str(&format!("<{name}>"));
        element(text, "Amount", None, &amount.to_string());
        text.push_str(&format!("</{name}></Line>"));
    }

    fn finish(self, out: &mut Out) -> Result<(), ExportError> {
        let mut text = String::from("<GeneralLedgerEntries>\n");
        for (name, value) in [
            ("NumberOfEntries", self.transactions.to_string()),
            ("TotalDebit", Money(self.debit).to_string()),
            ("TotalCredit", Money(self.credit).to_string()),
        ] {
            element(&mut text, name, None, &value);
        }
        text.push('\n');
        out.write(&text)?;
        for (word, (path, journal)) in self.journals {
            journal.finish()?;
            let mut head = String::from("<Journal>");
            element(&mut head, "JournalID", None, &word);
            element(&mut head, "Description", None, &word);
            element(&mut head, "Type", None, "GL");
            head.push('\n');
            out.write(&head)?;
            out.append(&path)?;
            out.write("</Journal>\n")?;
            std::fs::remove_file(&path)
                .map_err(|source| ExportError::Unwritable { path, source })?;
        }
        out.write("</GeneralLedgerEntries>\n")
    }
}

/// What a voucher is about: the first summary in it.
fn summary(voucher: &Voucher) -> &str {
    let mut summaries = voucher.entries.iter().filter_map(|e| e.summary.as_deref());
    summaries.next().unwrap_or("")
}
