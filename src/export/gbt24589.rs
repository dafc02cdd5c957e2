//! GB/T 24589.1: accounts, balances of every month, vouchers. The names of elements are those of the profile by which the
//! reader finds them, first of each list.

use std::borrow::Cow;
use std::collections::BTreeSet;

use sea_orm::ConnectionTrait as _;

use super::book::{self, BookExport};
use super::folder::Staging;
use super::markup::{Document, Field, Form, Records};
use super::running::{Line, Running};
use super::{ExportError, Exported};
use crate::import::formats::profile::{FormatProfile, Kind, Section};
use crate::model::{Chart, Entry, Money, Period, Side, Text, Voucher};
use crate::store::bulk::statement;

/// Columns of an entry that are written as auxiliary items, in the order of their numbers.
const ITEMS: [&str; 7] = [
    "counterparty",
    "contract_no",
    "asset_no",
    "project",
    "fund",
    "receipt_no",
    "bank_txn_no",
];

/// A company's folder.
pub async fn company(
    export: &BookExport<'_>,
    staging: &Staging,
    form: Form,
    exported: &mut Exported,
) -> Result<(), ExportError> {
    let id = match form {
        Form::Xml => "gbt24589_2010",
        Form::Json => "gbt24589_2024",
    };
    let profile = FormatProfile::named(export.options.rules, id).map_err(ExportError::Profile)?;
    let aux = profile
        .section(Kind::Voucher)
        .and_then(|s| s.name_of("aux"));
    let numbered = |n: usize| aux.unwrap_or_default().replace('*', &n.to_string());
    let writer = Writer {
        items: (1..=ITEMS.len()).map(numbered).collect(),
        export,
        staging,
        profile: &profile,
        form,
    };
    writer.company(exported).await
}

struct Writer<'w> {
    export: &'w BookExport<'w>,
    staging: &'w Staging,
    profile: &'w FormatProfile,
    form: Form,
    /// Names of the auxiliary items, in the order of [`ITEMS`].
    items: Vec<String>,
}

impl Writer<'_> {
    async fn company(&self, exported: &mut Exported) -> Result<(), ExportError> {
        let mut balances = self.records(Kind::Balance)?;
        let mut vouchers = self.records(Kind::Voucher)?;
        let mut words = BTreeSet::new();
        let span = self.export.span()?;
        let mut running = Running::default();
        for month in self.export.months.iter().filter(|m| **m <= span.last) {
            let (opening, posted) = self.export.month(*month).await?;
            running.begin();
            if let Some(opening) = &opening {
                running.open(opening);
            }
            posted.iter().for_each(|v| running.add(v));
            if *month < span.first {
                continue;
            }
            self.balances(&mut balances, *month, &running)?;
            for voucher in &posted {
                words.insert(voucher.id.word.clone());
                self.voucher(&mut vouchers, voucher)?;
            }
            exported.vouchers += posted.len() as u64;
        }
        let head = ("数据接口标准", self.profile.title.as_str());
        let accounts = self.accounts()?;
        let items = self.items().await?;
        let (base, base_words) = (self.base(span.first)?, self.words(&words)?);
        let folder = self.export.organisation;
        let mut ledger = match self.form {
            Form::Xml => {
                let out = self.staging.create(&format!("{folder}/公共档案.xml"))?;
                let mut archive = Document::new(self.form, out, head)?;
                self.archive(&mut archive, base, base_words)?;
                archive.finish()?;
                exported.files += 1;
                let out = self.staging.create(&format!("{folder}/总账.xml"))?;
                Document::new(self.form, out, head)?
            }
            Form::Json => {
                let out = self.staging.create(&format!("{folder}/总账.json"))?;
                let mut document = Document::new(self.form, out, head)?;
                self.archive(&mut document, base, base_words)?;
                document
            }
        };
        ledger.group("总账")?;
        ledger.table(self.element(Kind::Account)?, accounts)?;
        ledger.table(self.element(Kind::Aux)?, items)?;
        ledger.table(self.element(Kind::Balance)?, balances)?;
        ledger.table(self.element(Kind::Voucher)?, vouchers)?;
        ledger.end_group()?;
        exported.files += 1;
        ledger.finish()
    }

    fn archive(
        &self,
        document: &mut Document,
        base: Records,
        words: Records,
    ) -> Result<(), ExportError> {
        document.group("公共档案")?;
        document.table(self.element(Kind::Book)?, base)?;
        document.table(self.element(Kind::Word)?, words)?;
        document.end_group()
    }

    fn section(&self, kind: Kind) -> Result<&Section, ExportError> {
        let section = self.profile.section(kind);
        section.ok_or_else(|| ExportError::Profile(format!("{} 缺少 {kind:?}", self.profile.id)))
    }

    fn element(&self, kind: Kind) -> Result<&str, ExportError> {
        Ok(self.section(kind)?.elements[0].as_str())
    }

    /// A table of records in a file that the document will take in.
    fn records(&self, kind: Kind) -> Result<Records, ExportError> {
        let element = self.element(kind)?;
        let name = format!("{}/.{element}", self.export.organisation);
        let path = self.staging.file(&name)?;
        Ok(Records::new(
            self.form,
            element,
            self.staging.create(&name)?,
            path,
        ))
    }

    fn base(&self, first: Period) -> Result<Records, ExportError> {
        let section = self.section(Kind::Book)?;
        let mut records = self.records(Kind::Book)?;
        records.push(&fields(
            section,
            &[
                ("code", self.export.organisation.into()),
                ("name", self.export.name.as_str().into()),
                ("year", first.year.to_string().into()),
            ],
        ))?;
        Ok(records)
    }

    fn words(&self, words: &BTreeSet<Text>) -> Result<Records, ExportError> {
        let section = self.section(Kind::Word)?;
        let mut records = self.records(Kind::Word)?;
        for word in words {
            let word: &str = word;
            records.push(&fields(
                section,
                &[("code", word.into()), ("name", word.into())],
            ))?;
        }
        Ok(records)
    }

    fn accounts(&self) -> Result<Records, ExportError> {
        let section = self.section(Kind::Account)?;
        let mut records = self.records(Kind::Account)?;
        for account in self.export.chart.accounts.values() {
            let level = level(&self.export.chart, &account.code);
            let side = match account.side {
                Side::Debit => "借",
                Side::Credit => "贷",
                Side::Either => "",
            };
            records.push(&fields(
                section,
                &[
                    ("code", (&*account.code).into()),
                    ("name", (&*account.name).into()),
                    ("level", level.to_string().into()),
                    ("category", (&*account.category).into()),
                    ("side", side.into()),
                ],
            ))?;
        }
        Ok(records)
    }

    /// Which auxiliary items each account has, by what its entries name.
    async fn items(&self) -> Result<Records, ExportError> {
        let counts: Vec<String> = ITEMS.iter().map(|c| format!("COUNT({c})")).collect();
        let sql = format!(
            "SELECT account, {} FROM entry WHERE organisation = ? GROUP BY account ORDER BY account",
            counts.join(", ")
        );
        let db = self.export.store.db();
        let query = statement(db, &sql, [self.export.organisation.into()]);
        let rows = db.query_all_raw(query).await;
        let rows = rows.map_err(crate::store::StoreError::from)?;
        let section = self.section(Kind::Aux)?;
        let mut records = self.records(Kind::Aux)?;
        let get = |e: sea_orm::DbErr| crate::store::StoreError::from(e);
        for row in rows {
            let account: String = row.try_get_by_index(0).map_err(get)?;
            for (at, column) in ITEMS.iter().enumerate() {
                let count: i64 = row.try_get_by_index(at + 1).map_err(get)?;
                let words = self.profile.aux_kinds.get(*column);
                let Some(word) = words.and_then(|w| w.first()).filter(|_| count > 0) else {
                    continue;
                };
                records.push(&fields(
                    section,
                    &[
                        ("account", account.as_str().into()),
                        ("index", (at + 1).to_string().into()),
                        ("name", word.as_str().into()),
                        ("archive", format!("{word}档案").into()),
                    ],
                ))?;
            }
        }
        Ok(records)
    }

    /// A month's balances: every account, and below those with counterparties each of them.
    fn balances(
        &self,
        records: &mut Records,
        month: Period,
        running: &Running,
    ) -> Result<(), ExportError> {
        for (account, line) in running.by_account(self.export.history.of(month.year)) {
            records.push(&self.balance(month, &account, "", &line)?)?;
        }
        let with_party: BTreeSet<&Text> = running
            .lines()
            .filter(|((_, party), _)| !party.is_empty())
            .map(|((account, _), _)| account)
            .collect();
        for ((account, party), line) in running.lines() {
            if with_party.contains(account) && !party.is_empty() {
                records.push(&self.balance(month, account, party, line)?)?;
            }
        }
        Ok(())
    }

    fn balance<'f>(
        &'f self,
        month: Period,
        account: &'f str,
        party: &'f str,
        line: &Line,
    ) -> Result<Vec<Field<'f>>, ExportError> {
        let section = self.section(Kind::Balance)?;
        let money = |fen: i64| Cow::from(Money(fen).to_string());
        let side = |net: i64| match net.signum() {
            1 => "借",
            -1 => "贷",
            _ => "平",
        };
        let mut out = fields(
            section,
            &[
                ("account", account.into()),
                ("year", month.year.to_string().into()),
                ("month", month.month.to_string().into()),
                ("currency", "CNY".into()),
                ("opening_side", side(line.opening).into()),
                ("opening", money(line.opening.abs())),
                ("debit", money(line.debit)),
                ("credit", money(line.credit)),
                ("closing_side", side(line.closing()).into()),
                ("closing", money(line.closing().abs())),
            ],
        );
        // The counterparty is the first of the items.
        out.push((&self.items[0], None, party.into()));
        Ok(out)
    }

    fn voucher(&self, records: &mut Records, voucher: &Voucher) -> Result<(), ExportError> {
        for entry in &voucher.entries {
            self.entry(records, voucher, entry)?;
        }
        Ok(())
    }

    fn entry(
        &self,
        records: &mut Records,
        voucher: &Voucher,
        entry: &Entry,
    ) -> Result<(), ExportError> {
        let section = self.section(Kind::Voucher)?;
        fn text(t: &Option<Text>) -> Cow<'_, str> {
            t.as_deref().unwrap_or("").into()
        }
        let amount = |m: Money| match m.is_zero() {
            true => Cow::from(""),
            false => m.to_string().into(),
        };
        let settlement = entry.settlement.as_deref().unwrap_or("");
        let origin = voucher.origin.as_deref().unwrap_or("");
        let period = voucher.id.period;
        let attachments = voucher
            .attachments
            .map(|n| n.to_string())
            .unwrap_or_default();
        let mut out = fields(
            section,
            &[
                ("date", voucher.date.format("%Y%m%d").to_string().into()),
                ("year", period.year.to_string().into()),
                ("month", period.month.to_string().into()),
                ("word", (&*voucher.id.word).into()),
                ("number", book::number(&voucher.id.number).into()),
                ("line", entry.line.to_string().into()),
                ("summary", text(&entry.summary)),
                ("account", (&*entry.account).into()),
                ("currency", "CNY".into()),
                ("debit", amount(entry.debit)),
                ("credit", amount(entry.credit)),
                ("settlement", book::word("settlement", settlement).into()),
                ("invoice_no", text(&entry.invoice_no)),
                ("attachments", attachments.into()),
                ("maker", text(&voucher.maker)),
                ("checker", text(&voucher.checker)),
                ("poster", text(&voucher.poster)),
                ("cashier", text(&voucher.cashier)),
                ("posted", "1".into()),
                ("source", book::word("source", origin).into()),
            ],
        );
        let items = [
            &entry.counterparty,
            &entry.contract_no,
            &entry.asset_no,
            &entry.project,
            &entry.fund,
            &entry.receipt_no,
            &entry.bank_txn_no,
        ];
        for (name, item) in self.items.iter().zip(items) {
            out.push((name, None, text(item)));
        }
        records.push(&out)
    }
}

/// Fields under their names in the profile; those that it does not name are left out.
fn fields<'f>(section: &'f Section, values: &[(&str, Cow<'f, str>)]) -> Vec<Field<'f>> {
    let named = values.iter().filter_map(|(field, text)| {
        let name = section.name_of(field)?;
        let id = section.ids.get(*field).map(String::as_str);
        Some((name, id, text.clone()))
    });
    named.collect()
}

fn level(chart: &Chart, code: &str) -> usize {
    let above = |code: &Text| chart.account(code).and_then(|a| a.parent.clone());
    std::iter::successors(chart.account(code).map(|a| a.code.clone()), above)
        .take(16)
        .count()
}
