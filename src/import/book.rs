//! The pieces of one company → its checked book, and where each row ended.

use std::collections::BTreeMap;

use foldhash::HashMap;

use crate::model::{
    HeldReason, HeldVoucher, Level, Place, Problem, Problems, Severity, Standard, Text, Value,
    Voucher,
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
use super::{opening, register, stated};

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
    standard: Option<Standard>,
    place: Place,
    context: &Context<'_>,
) -> Assembled {
    let Pieces {
        mut accounts,
        registers,
        runs,
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
    let joined = join(runs);
    problems.extend(joined.notes);
    for run in &joined.repeated {
        set_aside(&mut accounts[run.file], run, "重复凭证");
    }
    let seen = seen_accounts(&joined.vouchers, &openings);
    let own = own_accounts(&kept);
    let resolved = context.charts.resolve(standard, &own, &seen, &place);
    problems.extend(resolved.problems);
    let mut company = CompanyHandIn {
        organisation,
        chart: resolved.chart,
        chart_evidence: resolved.evidence,
        openings: Vec::new(),
        vouchers: Vec::with_capacity(joined.vouchers.len()),
        held: Vec::new(),
        registers: Vec::new(),
        problems,
    };
    sort_out_openings(&mut company, &openings, &mut accounts);
    let chart = company.chart.clone();
    let known = check::KnownAccounts::new(&chart);
    for run in joined.vouchers {
        sort_out(&mut company, run, &known, &mut accounts);
    }
    company.vouchers.sort_by_cached_key(Voucher::order);
    let balances: Vec<RegisterTable> = kept
        .iter()
        .filter(|t| t.table.name == "stated_balance")
        .cloned()
        .collect();
    let differences = stated::compare(
        &balances,
        &company.chart,
        &company.openings,
        &company.vouchers,
    );
    company.problems.extend(differences);
    company.problems.extend(register::repeated_keys(&kept));
    company.registers = kept;
    Assembled {
        company,
        files: accounts,
        street,
    }
}

/// All account codes of the books with the first name given to each.
fn seen_accounts(runs: &[Run], openings: &[(usize, RegisterTable)]) -> SeenAccounts {
    let mut seen: HashMap<&Text, Option<&Text>> = HashMap::default();
    for entry in runs.iter().flat_map(|r| &r.voucher.entries) {
        let name = seen.entry(&entry.account).or_default();
        if name.is_none() {
            *name = entry.account_name.as_ref();
        }
    }
    let mut all: SeenAccounts = seen
        .into_iter()
        .filter(|(code, _)| !code.is_empty())
        .map(|(code, name)| (code.clone(), name.cloned()))
        .collect::<BTreeMap<_, _>>();
    for (_, table) in openings {
        let at = table.table.position("account");
        for row in &table.rows {
            if let Some(code) = at.and_then(|at| row.values.get(at)).and_then(Value::text) {
                all.entry(code.into()).or_default();
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
    accounts: &mut [FileAccount],
) {
    let (openings, aside) = opening::build(tables, &company.chart);
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

/// A voucher is sound and posted, voided, or defective and held.
fn sort_out(
    company: &mut CompanyHandIn,
    mut run: Run,
    chart: &check::KnownAccounts<'_>,
    accounts: &mut [FileAccount],
) {
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
        return;
    }
    let unreadable =
        |p: &Problem| p.code == codes::MONEY_BAD.code || p.code == codes::SIDE_BAD.code;
    let amounts_known = !run.problems.iter().any(unreadable);
    check::voucher(&run.voucher, chart, amounts_known, &mut run.problems);
    if run.problems.is_empty() {
        account.taken += rows;
        company.vouchers.push(run.voucher);
    } else {
        account.refused += rows;
        hold(company, run.voucher, run.date_text, run.problems);
    }
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
