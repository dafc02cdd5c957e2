//! Runs of lines → vouchers. Lines of one voucher may be scattered over a file; the same voucher may come in two exports.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashSet};

use crate::model::{Problem, Voucher, VoucherId};

use super::check::{is_whole, place};
use super::codes;
use super::journal::Run;

/// Vouchers by identity, and repeats that are to be set aside.
#[derive(Debug, Default)]
pub struct Joined {
    pub vouchers: Vec<Run>,
    /// Equal content handed in again: file and voucher.
    pub repeated: Vec<Run>,
    pub notes: Vec<Problem>,
}

/// Joins all runs of a book, in the order of reading.
pub fn join(mut runs: Vec<Run>) -> Joined {
    if all_single(&runs) {
        runs.iter_mut().for_each(sort_lines);
        return Joined {
            vouchers: runs,
            ..Joined::default()
        };
    }
    // Almost every identity stands once: only the others are gathered in a list of their own.
    let mut first: HashMap<VoucherId, usize> =
        HashMap::with_capacity_and_hasher(runs.len(), Default::default());
    let mut again: BTreeMap<usize, Vec<Run>> = BTreeMap::new();
    let mut ordered: Vec<Run> = Vec::with_capacity(runs.len());
    for run in runs {
        match first.get(&run.voucher.id) {
            Some(&at) => again.entry(at).or_default().push(run),
            None => {
                first.insert(run.voucher.id.clone(), ordered.len());
                ordered.push(run);
            }
        }
    }
    drop(first);
    let mut out = Joined {
        vouchers: Vec::with_capacity(ordered.len()),
        ..Joined::default()
    };
    for (at, mut run) in ordered.into_iter().enumerate() {
        match again.remove(&at) {
            None => {
                sort_lines(&mut run);
                out.vouchers.push(run);
            }
            Some(others) => {
                let mut group = by_file(std::iter::once(run).chain(others).collect());
                group.iter_mut().for_each(sort_lines);
                settle(group, &mut out);
            }
        }
    }
    out
}

/// Whether no identity stands twice, as in most books: then nothing has to move.
fn all_single(runs: &[Run]) -> bool {
    let mut seen = HashSet::with_capacity_and_hasher(runs.len(), Default::default());
    runs.iter().all(|run| seen.insert(&run.voucher.id))
}

/// Within one file, runs that are no vouchers by themselves are parts of one.
fn by_file(group: Vec<Run>) -> Vec<Run> {
    let mut files: Vec<(usize, Vec<Run>)> = Vec::new();
    for run in group {
        match files.iter_mut().find(|(file, _)| *file == run.file) {
            Some((_, runs)) => runs.push(run),
            None => files.push((run.file, vec![run])),
        }
    }
    let mut out: Vec<Run> = Vec::new();
    for (_, runs) in files {
        let separate = runs
            .iter()
            .all(|r| r.problems.is_empty() && is_whole(&r.voucher))
            && !disjoint_lines(&runs);
        if separate {
            out.extend(runs);
        } else {
            out.extend(runs.into_iter().reduce(merge));
        }
    }
    across_sheets(out)
}

/// A workbook whose sheets are full cuts a voucher where a sheet ends: two parts that are whole together only, one after the other
/// in one file, are one voucher. Its place is that of its first line.
fn across_sheets(runs: Vec<Run>) -> Vec<Run> {
    let mut out: Vec<Run> = Vec::with_capacity(runs.len());
    for run in runs {
        match out.pop() {
            Some(first) if is_rest(&first, &run) => {
                let row = first.voucher.source.row;
                let mut whole = merge(first, run);
                whole.voucher.source.row = row;
                out.push(whole);
            }
            last => out.extend(last.into_iter().chain([run])),
        }
    }
    out
}

fn is_rest(first: &Run, rest: &Run) -> bool {
    let (x, y) = (&first.voucher, &rest.voucher);
    let parts = [first, rest];
    let cut =
        x.source.file == y.source.file && x.source.sheet != y.source.sheet && x.date == y.date;
    cut && parts
        .iter()
        .all(|r| r.problems.is_empty() && !is_whole(&r.voucher))
        && {
            let entries = x.entries.iter().chain(&y.entries).cloned().collect();
            is_whole(&Voucher {
                entries,
                ..x.clone()
            })
        }
}

/// All lines are numbered and no number stands twice: parts of one voucher, however they balance.
fn disjoint_lines(runs: &[Run]) -> bool {
    if runs.iter().any(|r| r.line_numbers.first() == Some(&None)) {
        return false;
    }
    let lines = runs.iter().flat_map(|r| &r.line_numbers);
    let mut numbers: Vec<u32> = lines.clone().flatten().copied().collect();
    let numbered = lines.count() == numbers.len();
    numbers.sort_unstable();
    numbered && numbers.windows(2).all(|w| w[0] != w[1])
}

fn merge(mut first: Run, mut other: Run) -> Run {
    if first.voucher.date != other.voucher.date || first.bad_date != other.bad_date {
        let message = format!("凭证 {} 的各行日期不同", first.voucher.id);
        let at = place(&other.voucher, other.voucher.source.row);
        let problem = codes::VOUCHER_CONFLICT.at(at, message, &other.date_text);
        first.problems.push(problem);
    }
    first.voucher.entries.append(&mut other.voucher.entries);
    first.line_numbers.append(&mut other.line_numbers);
    first.problems.append(&mut other.problems);
    first.void |= other.void;
    let (kept, new) = (&mut first.voucher, other.voucher);
    kept.source.row = kept.source.row.min(new.source.row);
    kept.attachments = kept.attachments.or(new.attachments);
    kept.maker = kept.maker.take().or(new.maker);
    kept.checker = kept.checker.take().or(new.checker);
    kept.poster = kept.poster.take().or(new.poster);
    kept.cashier = kept.cashier.take().or(new.cashier);
    kept.entered_at = kept.entered_at.or(new.entered_at);
    kept.reverses = kept.reverses.take().or(new.reverses);
    kept.origin = kept.origin.take().or(new.origin);
    first
}

/// Puts lines in the order of their numbers, if all have one of their own, and counts them from 1.
fn sort_lines(run: &mut Run) {
    let ascending = |w: &[Option<u32>]| w[0].is_some() && w[0] < w[1];
    let in_order = run.line_numbers.windows(2).all(ascending);
    if !in_order && disjoint_lines(std::slice::from_ref(run)) {
        let entries = std::mem::take(&mut run.voucher.entries);
        let mut numbered: Vec<_> = run.line_numbers.iter().zip(entries).collect();
        numbered.sort_by_key(|(line, _)| **line);
        run.voucher.entries = numbered.into_iter().map(|(_, entry)| entry).collect();
    }
    for (line, entry) in (1..).zip(&mut run.voucher.entries) {
        entry.line = line;
    }
}

/// Several vouchers of one identity: equal ones count once, different ones are all doubtful.
fn settle(mut group: Vec<Run>, out: &mut Joined) {
    if group.len() == 1 {
        out.vouchers.append(&mut group);
        return;
    }
    let equal = group.windows(2).all(|w| same_content(&w[0], &w[1]));
    if equal {
        let mut group = group.into_iter();
        let first = group.next();
        for run in group {
            let at = place(&run.voucher, run.voucher.source.row);
            let message = format!("凭证 {} 已经读过", run.voucher.id);
            out.notes.push(codes::VOUCHER_TWICE.at(at, message, ""));
            out.repeated.push(run);
        }
        out.vouchers.extend(first);
        return;
    }
    let places: Vec<String> = group
        .iter()
        .map(|r| place(&r.voucher, r.voucher.source.row).to_string())
        .collect();
    for run in &mut group {
        let here = place(&run.voucher, run.voucher.source.row);
        let message = format!(
            "凭证号 {} 有 {} 张不同的凭证:{}",
            run.voucher.id,
            places.len(),
            places.join("、")
        );
        run.problems
            .push(codes::VOUCHER_CONFLICT.at(here, message, ""));
    }
    out.vouchers.append(&mut group);
}

/// Equal but for where they stood.
fn same_content(a: &Run, b: &Run) -> bool {
    let (x, y) = (&a.voucher, &b.voucher);
    a.void == b.void
        && a.date_text_equal(b)
        && heads(x) == heads(y)
        && x.entries.len() == y.entries.len()
        && x.entries.iter().zip(&y.entries).all(|(m, n)| {
            let mut n = n.clone();
            n.source_row = m.source_row;
            *m == n
        })
}

impl Run {
    fn date_text_equal(&self, other: &Run) -> bool {
        self.voucher.date == other.voucher.date && self.bad_date == other.bad_date
    }
}

type Heads<'v> = (
    Option<u32>,
    [Option<&'v str>; 6],
    Option<chrono::NaiveDateTime>,
);

fn heads(v: &Voucher) -> Heads<'_> {
    let texts = [
        &v.maker,
        &v.checker,
        &v.poster,
        &v.cashier,
        &v.reverses,
        &v.origin,
    ];
    (v.attachments, texts.map(|t| t.as_deref()), v.entered_at)
}
