//! 账簿: vouchers, 明细账, 科目余额表, each drilled down to the voucher and the row that it was handed in on.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::show::{Yuan, months, yuan};
use crate::access::reveal;
use crate::ledger::account_ledger::{AccountLedger, account_ledger};
use crate::ledger::read::{self, PostedVoucher};
use crate::ledger::search::{self, Found};
use crate::ledger::trial_balance::{TrialBalance, trial_balance};
use crate::model::{ColumnType, Money, Period, PeriodRange, VoucherId, catalogue, hex};
use crate::statement::name_of;
use crate::store::entities::book;
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::paging::{Paging, SIZE, encoded, query};
use crate::web::permissions::may_post;
use crate::web::visitor::{Fields, Visitor};
use crate::web::workspace::{Workspace, now};

/// A book with its name and the months that it covers.
pub struct Book {
    pub code: String,
    pub name: String,
    pub standard: &'static str,
    pub months: Option<PeriodRange>,
    pub length: i64,
    pub head: String,
}

impl Book {
    /// The name, or the code where none was handed in.
    pub fn title(&self) -> &str {
        match self.name.is_empty() {
            true => &self.code,
            false => &self.name,
        }
    }

    pub fn path(&self) -> String {
        format!("/books/{}", encoded(&self.code))
    }

    fn span(&self) -> String {
        months(self.months)
    }

    /// The latest year of the books: what a page shows when it is not told months.
    fn latest_year(&self) -> Option<PeriodRange> {
        self.months.map(|m| PeriodRange {
            first: Period { month: 1, ..m.last },
            last: m.last,
        })
    }

    /// The months asked for, else the latest year.
    ///
    /// # Errors
    /// A text that names no months; a book without vouchers.
    pub fn range(&self, asked: &str) -> Result<PeriodRange, Fault> {
        match asked.trim() {
            "" => self.latest_year().ok_or_else(|| {
                Fault::bad_input("这家单位的账里还没有凭证。请先在「账套接收」里交来账套")
            }),
            text => PeriodRange::parse(text).map_err(|e| Fault::bad_input(&e.to_string())),
        }
    }
}

async fn described(
    workspace: &Workspace,
    model: book::Model,
    months: Option<PeriodRange>,
) -> Result<Book, Fault> {
    let db = workspace.store.db();
    let standard = crate::model::Standard::from_code(&model.standard);
    Ok(Book {
        name: name_of(db, &model.organisation).await?,
        standard: standard.map_or("", crate::model::Standard::label),
        months,
        length: model.length,
        head: hex(&model.head),
        code: model.organisation,
    })
}

/// The book of an organisation; without one there is no such page.
pub async fn find(workspace: &Workspace, organisation: &str) -> Result<Book, Fault> {
    let found = read::book(workspace.store.db(), organisation).await;
    match found {
        Ok(model) => {
            let db = workspace.store.db();
            let mut spans = search::spans(db, Some(organisation)).await?;
            let months = spans.remove(organisation);
            described(workspace, model, months).await
        }
        Err(crate::ledger::LedgerError::UnknownOrganisation(_)) => Err(Fault::not_found()),
        Err(other) => Err(other.into()),
    }
}

/// The books within a person's scope.
pub async fn within(workspace: &Workspace, visitor: &Visitor) -> Result<Vec<Book>, Fault> {
    let db = workspace.store.db();
    let (mut out, mut spans) = (Vec::new(), search::spans(db, None).await?);
    for model in read::books(db).await? {
        if visitor.scope.covers(&model.organisation) {
            let months = spans.remove(&model.organisation);
            out.push(described(workspace, model, months).await?);
        }
    }
    Ok(out)
}

#[derive(Template)]
#[template(path = "web/books.html")]
struct BooksPage {
    frame: Frame,
    books: Vec<Book>,
}

pub async fn list(State(workspace): State<Workspace>, visitor: Visitor) -> Result<Response, Fault> {
    if let Some(only) = visitor.scope.single() {
        return Ok(Redirect::to(&format!("/books/{}", encoded(only))).into_response());
    }
    let page = BooksPage {
        frame: Frame::new(&visitor, "/books", "账簿"),
        books: within(&workspace, &visitor).await?,
    };
    Ok(draw(&page)?.into_response())
}

/// A book opens at its vouchers. One that is not there yet says what to do.
pub async fn book(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(organisation): Path<String>,
) -> Result<Response, Fault> {
    let known = read::books(workspace.store.db()).await?;
    if !known.iter().any(|b| b.organisation == organisation) && visitor.scope.single().is_some() {
        let page = BooksPage {
            frame: Frame::new(&visitor, "/books", "账簿"),
            books: Vec::new(),
        };
        return Ok(draw(&page)?.into_response());
    }
    let path = format!("/books/{}/vouchers", encoded(&organisation));
    Ok(Redirect::to(&path).into_response())
}

/// The frame of a page within a book.
pub fn framed(visitor: &Visitor, book: &Book, title: &str, searched: &str) -> Frame {
    let mut frame = Frame::new(visitor, "/books", title).searching(&book.code, searched);
    if visitor.scope.single().is_none() {
        frame = frame.after("账簿", "/books");
    }
    frame.after(book.title(), format!("{}/vouchers", book.path()))
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    pub q: String,
    #[serde(default)]
    pub period: String,
    pub page: Option<i64>,
    /// Deepest level of accounts shown.
    pub level: Option<u32>,
}

#[derive(Template)]
#[template(path = "web/vouchers.html")]
struct VouchersPage {
    frame: Frame,
    book: Book,
    tab: &'static str,
    period: String,
    q: String,
    found: Vec<Found>,
    paging: Paging,
}

impl VouchersPage {
    fn yuan(&self, money: &Money) -> Yuan {
        yuan(*money)
    }

    fn masked(&self, text: &str) -> String {
        reveal::masked(text).unwrap_or_else(|| text.to_owned())
    }
}

pub async fn vouchers(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(organisation): Path<String>,
    Query(asked): Query<Asked>,
) -> Page {
    let book = find(&workspace, &organisation).await?;
    let range = match asked.period.trim() {
        "" => None,
        _ => Some(book.range(&asked.period)?),
    };
    let base = query(&[("q", &asked.q), ("period", &asked.period)]);
    let db = workspace.store.db();
    let look = |page: i64| search::Query {
        organisation: &organisation,
        range,
        text: &asked.q,
        limit: SIZE,
        offset: (page - 1) * SIZE,
    };
    let wanted = asked.page.unwrap_or(1).clamp(1, i64::MAX / SIZE);
    let (mut found, total) = search::vouchers(db, &look(wanted)).await?;
    let paging = Paging::new(total, asked.page, base);
    if paging.page != wanted {
        found = search::vouchers(db, &look(paging.page)).await?.0;
    }
    draw(&VouchersPage {
        frame: framed(&visitor, &book, "凭证", &asked.q),
        book,
        tab: "vouchers",
        period: asked.period,
        q: asked.q,
        found,
        paging,
    })
}

#[derive(Template)]
#[template(path = "web/voucher.html")]
struct VoucherPage {
    frame: Frame,
    book: Book,
    voucher: PostedVoucher,
    /// Earlier and later forms of the same voucher.
    others: Vec<PostedVoucher>,
    /// Personal numbers are shown in full.
    revealed: bool,
    /// There is something behind a mask.
    hides: bool,
    may_reveal: bool,
}

impl VoucherPage {
    fn yuan(&self, money: &Money) -> Yuan {
        yuan(*money)
    }

    fn hex(&self, bytes: &[u8]) -> String {
        hex(bytes)
    }

    fn text<T: AsRef<str>>(&self, text: &Option<T>) -> String {
        let text = text.as_ref().map_or("", AsRef::as_ref);
        match reveal::masked(text).filter(|_| !self.revealed) {
            Some(masked) => masked,
            None => text.to_owned(),
        }
    }

    fn sum(&self, voucher: &PostedVoucher) -> Yuan {
        yuan(voucher.voucher.debit())
    }

    fn total(&self) -> Yuan {
        self.sum(&self.voucher)
    }

    /// Auxiliary values of an entry with their names. References are no personal numbers, however long they are.
    fn aids(&self, entry: &crate::model::Entry) -> String {
        let all = [
            ("合同", &entry.contract_no),
            ("资产", &entry.asset_no),
            ("项目", &entry.project),
            ("资金", &entry.fund),
            ("发票", &entry.invoice_no),
            ("收据", &entry.receipt_no),
            ("银行流水", &entry.bank_txn_no),
        ];
        let shown = all.iter().filter_map(|(name, value)| {
            let value = value.as_deref()?;
            Some(format!("{name} {value}"))
        });
        let settlement = entry
            .settlement
            .as_deref()
            .map(|s| format!("结算 {}", word(s)));
        shown.chain(settlement).collect::<Vec<_>>().join(";")
    }

    fn year(&self) -> String {
        let period = self.voucher.voucher.id.period;
        format!("{}-01..{}", period.year, period)
    }
}

/// All forms of a voucher as posted; the one that stands last.
async fn forms(
    workspace: &Workspace,
    organisation: &str,
    name: &str,
) -> Result<Vec<PostedVoucher>, Fault> {
    let id = VoucherId::parse(name).ok_or_else(Fault::not_found)?;
    let found = read::revisions(&workspace.store, organisation, &id).await?;
    match found.is_empty() {
        true => Err(Fault::not_found()),
        false => Ok(found),
    }
}

/// The word that people hand in for a code of settlement; what is no code stays as it is.
fn word(code: &str) -> &str {
    let columns = catalogue().tables.iter().flat_map(|t| &t.columns);
    let settlement = columns.filter(|c| c.name == "settlement");
    let words = settlement.filter_map(|c| match &c.kind {
        ColumnType::Enum { values, .. } => values.iter().find(|(_, en)| en == code),
        _ => None,
    });
    words.map(|(zh, _)| zh.as_str()).next().unwrap_or(code)
}

/// What people wrote on a voucher in their own words.
fn texts(voucher: &PostedVoucher) -> impl Iterator<Item = &str> {
    voucher.voucher.entries.iter().flat_map(|e| {
        let all = [&e.summary, &e.counterparty, &e.account_name];
        all.into_iter().flatten().map(|t| &**t)
    })
}

async fn voucher_page(
    workspace: &Workspace,
    visitor: &Visitor,
    organisation: &str,
    name: &str,
    revealed: bool,
) -> Page {
    let book = find(workspace, organisation).await?;
    let mut others = forms(workspace, organisation, name).await?;
    let voucher = others.pop().ok_or_else(Fault::not_found)?;
    let hides = texts(&voucher).any(|t| reveal::masked(t).is_some());
    let path = "/books/{org}/vouchers/{voucher}/reveal";
    draw(&VoucherPage {
        frame: framed(visitor, &book, &voucher.voucher.id.to_string(), ""),
        book,
        voucher,
        others,
        revealed,
        hides,
        may_reveal: may_post(visitor.user().role, path),
    })
}

pub async fn voucher(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path((organisation, name)): Path<(String, String)>,
) -> Page {
    voucher_page(&workspace, &visitor, &organisation, &name, false).await
}

/// Shows what is masked, once, after the act is in the log.
pub async fn reveal(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path((organisation, name)): Path<(String, String)>,
    fields: Fields,
) -> Result<Html<String>, Fault> {
    forms(&workspace, &organisation, &name).await?;
    let (store, login) = (&workspace.store, visitor.login());
    reveal::reveal(
        store,
        login,
        &organisation,
        &name,
        fields.get("reason"),
        now(),
    )
    .await?;
    voucher_page(&workspace, &visitor, &organisation, &name, true).await
}

#[derive(Template)]
#[template(path = "web/trial_balance.html")]
struct BalancePage {
    frame: Frame,
    book: Book,
    tab: &'static str,
    period: String,
    level: u32,
    balance: TrialBalance,
}

impl BalancePage {
    fn yuan(&self, money: &Money) -> Yuan {
        yuan(*money)
    }

    fn rows(&self) -> impl Iterator<Item = &crate::ledger::trial_balance::Row> {
        let deepest = self.level;
        self.balance.rows.iter().filter(move |r| r.level <= deepest)
    }

    fn totals(&self) -> [Yuan; 6] {
        self.balance.totals().map(yuan)
    }

    fn depths(&self) -> std::ops::RangeInclusive<u32> {
        1..=self.balance.rows.iter().map(|r| r.level).max().unwrap_or(1)
    }
}

pub async fn balance(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(organisation): Path<String>,
    Query(asked): Query<Asked>,
) -> Page {
    let book = find(&workspace, &organisation).await?;
    let range = book.range(&asked.period)?;
    let balance = trial_balance(workspace.store.db(), &organisation, range).await?;
    draw(&BalancePage {
        frame: framed(&visitor, &book, "科目余额表", ""),
        book,
        tab: "accounts",
        period: range.to_string(),
        level: asked.level.unwrap_or(9),
        balance,
    })
}

#[derive(Template)]
#[template(path = "web/account.html")]
struct AccountPage {
    frame: Frame,
    book: Book,
    period: String,
    ledger: AccountLedger,
    first: usize,
    paging: Paging,
}

impl AccountPage {
    fn yuan(&self, money: &Money) -> Yuan {
        yuan(*money)
    }

    fn lines(&self) -> &[crate::ledger::account_ledger::Line] {
        let end = (self.first + SIZE as usize).min(self.ledger.lines.len());
        self.ledger.lines.get(self.first..end).unwrap_or_default()
    }

    fn masked(&self, text: &str) -> String {
        reveal::masked(text).unwrap_or_else(|| text.to_owned())
    }

    /// What stood before the first line shown.
    fn carried(&self) -> Yuan {
        let before = self
            .first
            .checked_sub(1)
            .and_then(|at| self.ledger.lines.get(at));
        yuan(before.map_or(self.ledger.opening, |l| l.balance))
    }

    fn moved(&self) -> (Yuan, Yuan) {
        let sum = |f: fn(&crate::ledger::account_ledger::Line) -> Money| {
            let all = self.ledger.lines.iter().map(f);
            Yuan(all.into_iter().try_fold(Money::ZERO, Money::checked_add))
        };
        (sum(|l| l.debit), sum(|l| l.credit))
    }
}

pub async fn account(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path((organisation, code)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Page {
    let book = find(&workspace, &organisation).await?;
    let range = book.range(&asked.period)?;
    let ledger = account_ledger(workspace.store.db(), &organisation, &code, range).await;
    let ledger = ledger.map_err(|e| match e {
        crate::ledger::LedgerError::UnknownAccount { .. } => Fault::not_found(),
        other => other.into(),
    })?;
    let total = i64::try_from(ledger.lines.len()).unwrap_or(i64::MAX);
    let period = range.to_string();
    let paging = Paging::new(total, asked.page, query(&[("period", &period)]));
    let title = format!("明细账 {} {}", ledger.account, ledger.name);
    let accounts = format!("{}/accounts?period={period}", book.path());
    draw(&AccountPage {
        frame: framed(&visitor, &book, &title, "").after("科目余额表", accounts),
        book,
        period,
        ledger,
        first: usize::try_from((paging.page - 1) * SIZE).unwrap_or(0),
        paging,
    })
}
