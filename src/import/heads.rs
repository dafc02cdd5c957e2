//! Lists of voucher heads, as bookkeeping platforms export them: no lines, so nothing to post. They fill what the journal
//! handed in beside them leaves open (who made and checked a voucher), explain numbers of voided vouchers, and their
//! totals are compared with the vouchers.

use std::collections::HashMap;

use crate::model::{Entry, HeldReason, HeldVoucher, Problems, Voucher, VoucherId};

use super::check::{place, sums};
use super::codes;
use super::entry::Heads;
use super::handin::{FileAccount, SetAside};
use super::journal::{Reader, Run};
use super::table::Row;

impl Reader<'_> {
    /// Takes a head: its totals stand in one entry of the open run.
    pub(super) fn head_line(&mut self, row: &Row<'_>) {
        let mut problems = Vec::new();
        let (debit, credit) = self.amounts(row, &mut problems);
        match problems.is_empty() {
            true => self.totals.add(debit, credit),
            false => self.totals.spoil(),
        }
        let summary = self
            .texts
            .filled(self.get(row, super::field::Field::Summary));
        let heads = self.later_heads(row, &mut problems);
        let Some(run) = self.out.runs.last_mut() else {
            return;
        };
        heads.fill(&mut run.voucher);
        run.void |= heads.void;
        run.problems.append(&mut problems);
        run.voucher.entries.push(Entry {
            line: 1,
            summary,
            debit,
            credit,
            source_row: row.number,
            ..Entry::default()
        });
    }
}

/// What became of the heads of a company.
#[derive(Debug, Default)]
pub struct Settled {
    /// Voided vouchers known by their head only.
    pub void: Vec<HeldVoucher>,
    pub problems: Problems,
}

/// Puts heads beside the vouchers of the journal.
pub fn settle(heads: Vec<Run>, vouchers: &mut [Run], accounts: &mut [FileAccount]) -> Settled {
    let mut out = Settled::default();
    if heads.is_empty() {
        return out;
    }
    let at: HashMap<VoucherId, usize> = (0..)
        .zip(&*vouchers)
        .map(|(i, run)| (run.voucher.id.clone(), i))
        .collect();
    // Without any journal the list is one thing to say, not a thousand.
    if at.is_empty() {
        out.problems.push(only_heads(&heads));
    }
    for head in heads {
        let kind = match at.get(&head.voucher.id) {
            _ if !head.problems.is_empty() => {
                accounts[head.file].refused += 1;
                out.problems.extend(head.problems);
                continue;
            }
            Some(&i) => {
                let run = &mut vouchers[i];
                out.problems.extend(differs(&head, run));
                // Only what the journal leaves open.
                Heads::of(&head.voucher).fill(&mut run.voucher);
                accounts[head.file].taken += 1;
                continue;
            }
            None if head.void => {
                out.void.push(void(&head));
                "作废凭证"
            }
            None => {
                if !at.is_empty() {
                    let id = &head.voucher.id;
                    let message = format!("凭证 {id} 只有凭证头,没有交来分录");
                    let at = place(&head.voucher, head.voucher.source.row);
                    out.problems.push(codes::HEAD_ONLY.at(at, message, ""));
                }
                "凭证头"
            }
        };
        accounts[head.file].set_aside.push(SetAside {
            row: head.voucher.source.row,
            kind: kind.to_owned(),
            text: head.voucher.id.to_string(),
        });
    }
    out
}

fn only_heads(heads: &[Run]) -> crate::model::Problem {
    let first = &heads[0].voucher;
    let mut at = place(first, first.source.row);
    at.row = None;
    let message = format!("这是凭证列表,{} 张凭证都没有分录,不能记账", heads.len());
    codes::HEAD_ONLY.at(at, message, "")
}

/// The totals or the mark of voiding differ.
fn differs(head: &Run, run: &Run) -> Option<crate::model::Problem> {
    let at = place(&head.voucher, head.voucher.source.row);
    let id = &head.voucher.id;
    let (listed, booked) = (sums(&head.voucher)?, sums(&run.voucher)?);
    if head.void != run.void {
        let (list, book) = if head.void {
            ("已作废", "未作废")
        } else {
            ("未作废", "已作废")
        };
        let message = format!("凭证 {id} 在凭证列表中{list},在序时账中{book}");
        return Some(codes::HEAD_DIFFERS.at(at, message, ""));
    }
    (listed != booked).then(|| {
        let message = format!(
            "凭证 {id} 列表上借方 {}、贷方 {},分录合计借方 {}、贷方 {}",
            listed.0.grouped(),
            listed.1.grouped(),
            booked.0.grouped(),
            booked.1.grouped()
        );
        codes::HEAD_DIFFERS.at(at, message, "")
    })
}

fn void(head: &Run) -> HeldVoucher {
    let at = place(&head.voucher, head.voucher.source.row);
    let message = format!("凭证 {} 已作废", head.voucher.id);
    HeldVoucher {
        reason: HeldReason::Void,
        date_text: head.date_text.clone(),
        voucher: Voucher {
            entries: Vec::new(),
            ..head.voucher.clone()
        },
        problems: vec![codes::VOUCHER_VOID.at(at, message, "")],
    }
}
