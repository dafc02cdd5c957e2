//! The pieces of one company → its checked book, and where each row ended.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;

use crate::model::{
    Charts, HeldReason, HeldVoucher, Level, Place, Problem, Problems, RegisterRow, Severity, Text,
    Value, Voucher,
};

use super::Context;
use super::chart::OwnAccount;
use super::check;
use super::codes;
use super::detect::SeenAccounts;
use super::files::Pieces;
use super::handin::{CompanyHandIn, FileAccount, RegisterTable, SetAside};
use super::join::join;
use super::journal::Run;
use super::standard::Stated;
use super::{gates, heads, opening, register, stated};

/// A company's book, its files, and street-level tables that lay in its folder.
#[derive(Debug)]
pub struct Assembled {
    pub company: CompanyHandIn,
    pub files: Vec<FileAccount>,
    pub street: Vec<RegisterTable>,
}

/// Puts a company's book together and checks it.
pub fn assemble(
    organisation: Text,
    pieces: Pieces,
    standard: &Stated,
    place: Place,
    context: &Context<'_>,
) -> Assembled {
    let Pieces {
        mut accounts,
        registers,
        mut runs,
        mut problems,
    } = pieces;
    let (mut street, mut kept, mut openings) = (Vec::new(), Vec::new(), Vec::new());
    for (file, table) in registers {
        match (table.table.level, table.table.name.as_str()) {
            (Level::Street, _) => street.push(table),
            (_, "opening_balance") => openings.push((file, table)),
            _ => kept.push(table),
        }
    }
    let heads: Vec<Run> = runs.extract_if(.., |r| r.head_only).collect();
    let mut joined = join(runs);
    problems.extend(joined.notes);
    for run in &joined.repeated {
        set_aside(&mut accounts[run.file], run, "重复凭证");
    }
    let heads = heads::settle(heads, &mut joined.vouchers, &mut accounts);
    problems.extend(heads.problems);
    let years: BTreeSet<i32> = joined
        .vouchers
        .iter()
        .map(|r| r.voucher.id.period.year)
        .collect();
    problems.extend(opening::settle_years(&mut openings, &years, &mut accounts));
    let stated: Vec<RegisterTable> = kept
        .iter()
        .filter(|t| t.table.name == "stated_balance")
        .cloned()
        .collect();
    let seen = seen_accounts(
        &joined.vouchers,
        openings.iter().map(|(_, t)| t).chain(&stated),
    );
    let own = own_accounts(&kept);
    let resolved = context.charts.resolve(standard, &own, &seen, &place);
    problems.extend(resolved.problems);
    let history = resolved.history;
    let charts = history.charts();
    problems.extend(opening::settle_names(
        &mut openings,
        &history.latest,
        &mut accounts,
    ));
    let mut company = CompanyHandIn {
        organisation,
        chart: history.latest.clone(),
        chart_evidence: history.evidence.clone(),
        earlier_charts: history.earlier.clone(),
        openings: Vec::new(),
        vouchers: Vec::new(),
        held: Vec::new(),
        registers: Vec::new(),
        problems,
        gates: Vec::new(),
    };
    hold_void(&mut company, heads.void);
    sort_out_openings(&mut company, &openings, charts, &mut accounts);
    let mut known: BTreeMap<i32, check::KnownAccounts<'_>> = BTreeMap::new();
    let sound = joined.vouchers.into_iter().filter_map(|run| {
        let year = run.voucher.id.period.year;
        let of_year = || check::KnownAccounts::new(charts.of(year));
        let known = known
            .entry(history.first_year(year))
            .or_insert_with(of_year);
        sort_out(&mut company, run, known, &mut accounts)
    });
    // Collected where the runs lay.
    company.vouchers = sound.collect();
    // Stable and quick where the file is in this order already, as most are.
    company.vouchers.sort_by(|a, b| a.order().cmp(&b.order()));
    derive_openings(&mut company, &stated, charts, &years);
    let compared = stated::compare(&stated, charts, &company.openings, &company.vouchers);
    company.problems.extend(compared.problems.iter().cloned());
    company.problems.extend(register::repeated_keys(&kept));
    company.registers = kept;
    company.gates = gates::check(&company, &compared, &accounts, &context.words);
    Assembled {
        company,
        files: accounts,
        street,
    }
}

/// Vouchers that a list of heads shows as voided and no journal holds.
fn hold_void(company: &mut CompanyHandIn, void: Vec<HeldVoucher>) {
    for held in void {
        company.problems.extend(held.problems.iter().cloned());
        company.held.push(held);
    }
}

/// Books without 期初余额 open with what 科目余额表 says of the first January. Later years carry on from there.
fn derive_openings(
    company: &mut CompanyHandIn,
    stated: &[RegisterTable],
    charts: Charts<'_>,
    years: &BTreeSet<i32>,
) {
    let held = company.held.iter().map(|h| &h.voucher);
    let handed_in: BTreeSet<i32> = company
        .openings
        .iter()
        .chain(held)
        .filter(|v| v.id.is_opening())
        .map(|v| v.id.period.year)
        .collect();
    let first: BTreeSet<i32> = years.first().copied().into_iter().collect();
    let wanted = &first - &handed_in;
    for (year, table) in stated::derive::openings(stated, charts, &wanted) {
        let place = Place {
            file: table.file.to_string(),
            sheet: table.sheet.as_deref().map(str::to_owned),
            ..Place::default()
        };
        let (openings, _) = opening::build(&[(0, table)], charts);
        for mut opening in openings {
            opening.voucher.origin = Some(stated::derive::ORIGIN.into());
            company.problems.push(match opening.problems.first() {
                None => {
                    let count = opening.voucher.entries.len();
                    let message =
                        format!("{year} 年没有交期初余额,按科目余额表一月期初记 {count} 行");
                    company.openings.push(opening.voucher);
                    codes::OPENING_DERIVED.at(place.clone(), message, "")
                }
                Some(problem) => {
                    let message = format!("{year} 年期初没有据此记账:{}", problem.message);
                    codes::STATED_DIFFERS.at(place.clone(), message, "")
                }
            });
        }
    }
}

/// All account codes of each year of the books and of the tables beside them, with the first name given to each in that
/// year.
fn seen_accounts<'t>(
    runs: &[Run],
    tables: impl Iterator<Item = &'t RegisterTable>,
) -> BTreeMap<i32, SeenAccounts> {
    let mut seen: HashMap<(i32, &Text), Option<&Text>> = HashMap::default();
    for run in runs {
        let year = run.voucher.id.period.year;
        for entry in &run.voucher.entries {
            let name = seen.entry((year, &entry.account)).or_default();
            if name.is_none() {
                *name = entry.account_name.as_ref();
            }
        }
    }
    let mut all: BTreeMap<i32, SeenAccounts> = BTreeMap::new();
    for ((year, code), name) in seen.into_iter().filter(|((_, code), _)| !code.is_empty()) {
        all.entry(year)
            .or_default()
            .insert(code.clone(), name.cloned());
    }
    for table in tables {
        let value = |row: &'t RegisterRow, name: &str| {
            let at = table.table.position(name)?;
            row.values.get(at)
        };
        let text = |row, name| value(row, name).and_then(Value::text);
        for row in &table.rows {
            let year = value(row, "year").and_then(|v| i32::try_from(v.int()?).ok());
            // A hand ledger names its accounts instead; names are looked up when the chart is known.
            let code = text(row, "account").filter(|c| c.starts_with(|c: char| c.is_ascii_digit()));
            if let (Some(year), Some(code)) = (year, code) {
                let name = all.entry(year).or_default().entry(code.into()).or_default();
                if name.is_none() {
                    *name = text(row, "account_name").map(Into::into);
                }
            }
        }
    }
    all
}

fn own_accounts(tables: &[RegisterTable]) -> Vec<OwnAccount<'_>> {
    let tables = tables.iter().filter(|t| t.table.name == "account");
    tables
        .flat_map(|table| {
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
        })
        .collect()
}

fn sort_out_openings(
    company: &mut CompanyHandIn,
    tables: &[(usize, RegisterTable)],
    charts: Charts<'_>,
    accounts: &mut [FileAccount],
) {
    let (openings, aside) = opening::build(tables, charts);
    for (file, row, kind) in aside {
        accounts[file].taken -= 1;
        accounts[file].set_aside.push(SetAside {
            row,
            kind: kind.to_owned(),
            text: String::new(),
        });
    }
    for opening in openings {
        if opening.problems.is_empty() {
            company.openings.push(opening.voucher);
            continue;
        }
        for (file, _) in &opening.rows {
            accounts[*file].taken -= 1;
            accounts[*file].refused += 1;
        }
        let date = opening.voucher.date.to_string();
        hold(company, opening.voucher, date.into(), opening.problems);
    }
}

/// A voucher is sound and given back to be posted, voided, or defective and held.
fn sort_out(
    company: &mut CompanyHandIn,
    mut run: Run,
    chart: &check::KnownAccounts<'_>,
    accounts: &mut [FileAccount],
) -> Option<Voucher> {
    let rows = run.voucher.entries.len() as u32;
    let account = &mut accounts[run.file];
    if run.void {
        set_aside(account, &run, "作废凭证");
        let at = check::place(&run.voucher, run.voucher.source.row);
        let message = format!("凭证 {} 已作废", run.voucher.id);
        let problem = codes::VOUCHER_VOID.at(at, message, "");
        company.problems.push(problem.clone());
        company.held.push(HeldVoucher {
            reason: HeldReason::Void,
            date_text: run.date_text,
            voucher: run.voucher,
            problems: vec![problem],
        });
        return None;
    }
    let unreadable =
        |p: &Problem| p.code == codes::MONEY_BAD.code || p.code == codes::SIDE_BAD.code;
    let amounts_known = !run.problems.iter().any(unreadable);
    check::voucher(&run.voucher, chart, amounts_known, &mut run.problems);
    if run.problems.is_empty() {
        account.taken += rows;
        return Some(run.voucher);
    }
    account.refused += rows;
    hold(company, run.voucher, run.date_text, run.problems);
    None
}

fn hold(company: &mut CompanyHandIn, voucher: Voucher, date_text: Text, problems: Problems) {
    debug_assert!(problems.iter().any(|p| p.severity == Severity::Error));
    company.problems.extend(problems.iter().cloned());
    company.held.push(HeldVoucher {
        reason: HeldReason::Defective,
        date_text,
        voucher,
        problems,
    });
}

fn set_aside(account: &mut FileAccount, run: &Run, kind: &str) {
    for entry in &run.voucher.entries {
        account.set_aside.push(SetAside {
            row: entry.source_row,
            kind: kind.to_owned(),
            text: format!(
                "{} {}",
                run.voucher.id,
                entry.summary.as_deref().unwrap_or("")
            ),
        });
    }
}
