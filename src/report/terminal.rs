//! A short ranked table for the terminal. Widths are terminal columns: a Chinese character takes two.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::model::{Figures, KINDS};
use crate::audit::outcome::{AuditRun, Finding};
use crate::model::Money;

const GAP: &str = "  ";
/// Below this the last column would be useless; the table is then wider than the terminal.
const LEAST_MESSAGE: usize = 16;

/// The `limit` strongest findings in lines of at most `width` columns, then totals, held vouchers and rules not run.
///
/// Control characters in texts are shown as blanks, so that a hand-in cannot steer the terminal.
pub fn ranked_table(run: &AuditRun, limit: usize, width: usize) -> String {
    let figures = Figures::of(run);
    let shown = &run.findings[..limit.min(run.findings.len())];
    let mut out = String::new();
    if !shown.is_empty() {
        table(&mut out, shown, width);
    }
    let rest = run.findings.len() - shown.len();
    if rest > 0 {
        line(
            &mut out,
            &format!("另有 {rest} 条未列出，见 report.html 或 report.xlsx。"),
            width,
        );
    }
    totals(&mut out, run, &figures, width);
    out
}

fn table(out: &mut String, shown: &[Finding], width: usize) {
    let rows: Vec<[String; 5]> = shown.iter().enumerate().map(cells).collect();
    let heads = ["序号", "程度", "编号", "单位", "金额(元)"].map(str::to_owned);
    let mut widths = heads.each_ref().map(|h| h.width());
    for row in &rows {
        for (slot, cell) in widths.iter_mut().zip(row) {
            *slot = (*slot).max(cell.width());
        }
    }
    widths[3] = widths[3].min(width / 6).max(8);
    let fixed: usize = widths.iter().map(|w| w + GAP.len()).sum();
    let message = width.saturating_sub(fixed).max(LEAST_MESSAGE);
    push_row(out, &heads, "疑点与事实", &widths, message);
    out.push_str(&"-".repeat((fixed + message).min(width.max(fixed + LEAST_MESSAGE))));
    out.push('\n');
    for (row, finding) in rows.iter().zip(shown) {
        let text = format!(
            "[{}] {}：{}",
            finding.kind.label(),
            clean(&finding.title),
            clean(&finding.message)
        );
        push_row(out, row, &text, &widths, message);
    }
}

fn cells((i, finding): (usize, &Finding)) -> [String; 5] {
    [
        (i + 1).to_string(),
        finding.severity.label().to_owned(),
        clean(&finding.number),
        clean(&finding.organisation_name),
        finding
            .amount
            .map_or_else(|| "-".to_owned(), Money::grouped),
    ]
}

fn push_row(
    out: &mut String,
    row: &[String; 5],
    message: &str,
    widths: &[usize; 5],
    message_width: usize,
) {
    for (i, (cell, width)) in row.iter().zip(widths).enumerate() {
        let cell = fit(cell, *width);
        let blanks = " ".repeat(width.saturating_sub(cell.width()));
        // Row number and amount stand to the right.
        let (before, after) = if i == 0 || i == 4 {
            (blanks.as_str(), "")
        } else {
            ("", blanks.as_str())
        };
        out.extend([before, cell.as_str(), after, GAP]);
    }
    out.push_str(&fit(message, message_width));
    out.push('\n');
}

fn totals(out: &mut String, run: &AuditRun, figures: &Figures, width: usize) {
    let kinds: Vec<String> = KINDS
        .iter()
        .map(|k| format!("{} {} 条", k.label(), figures.kind(*k).count))
        .collect();
    line(
        out,
        &format!(
            "合计 {} 条疑点（{}），按事项计 {} 项、{} 元。",
            figures.total.count,
            kinds.join("，"),
            figures.matters.count,
            figures.matters.amount.grouped()
        ),
        width,
    );
    if run.compared_with.is_some() {
        let [new, changed, same, gone] = figures.states;
        line(
            out,
            &format!("与上次相比：新增 {new}，有变化 {changed}，仍在 {same}，已消失 {gone}。"),
            width,
        );
    }
    if figures.suppressed.count > 0 {
        line(
            out,
            &format!(
                "已压制 {} 条、{} 元，未计入合计，理由和到期日见报告。",
                figures.suppressed.count,
                figures.suppressed.amount.grouped()
            ),
            width,
        );
    }
    if figures.held > 0 {
        line(
            out,
            &format!(
                "未入账凭证 {} 张（待纠正或作废），未计入账簿余额。",
                figures.held
            ),
            width,
        );
    }
    if figures.not_run + figures.failed > 0 {
        line(
            out,
            &format!(
                "未运行 {} 项（规则×单位，不表示没有问题），运行失败 {} 条规则。",
                figures.not_run, figures.failed
            ),
            width,
        );
    }
    line(out, "以上均为疑点，须经人工核实。", width);
}

/// Writes a sentence, broken over lines of at most `width` columns.
fn line(out: &mut String, text: &str, width: usize) {
    let mut used = 0;
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        // Closing marks may stand one over, as in print.
        if used + wide > width.max(LEAST_MESSAGE) && !"，。、）；".contains(c) {
            out.push('\n');
            used = 0;
        }
        out.push(c);
        used += wide;
    }
    out.push('\n');
}

/// Cuts a text to `width` columns and marks the cut with `..`.
fn fit(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide + 2 > width {
            break;
        }
        out.push(c);
        used += wide;
    }
    out.push_str("..");
    out
}

fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let run = sample::run();
        for width in [100, 120, 200] {
            for row in ranked_table(&run, 20, width).lines() {
                // A closing mark may hang over by its own width.
                assert!(row.width() <= width + 2, "{width}: {} {row}", row.width());
            }
        }
        for row in ranked_table(&run, 20, 100).lines().skip(2).take(20) {
            assert!(row.width() <= 100, "{row}");
        }
    }

    #[test]
    fn columns_line_up_and_the_rest_is_announced() {
        let run = sample::run();
        let text = ranked_table(&run, 3, 120);
        let rows: Vec<&str> = text.lines().collect();
        let column = rows[0].find("疑点与事实").unwrap();
        let at = rows[0][..column].width();
        for row in &rows[2..5] {
            let mark = row.find('[').unwrap();
            assert_eq!(row[..mark].width(), at, "{row}");
        }
        assert!(text.contains("另有 17 条未列出"), "{text}");
        assert!(text.contains("合计 20 条疑点"), "{text}");
        assert!(text.contains("已压制 2 条"), "{text}");
        assert!(text.contains("未入账凭证 2 张"), "{text}");
        assert!(text.contains("未运行 3 项"), "{text}");
    }

    #[test]
    fn a_narrow_or_empty_run_does_not_fail() {
        let mut run = sample::run();
        for width in 0..40 {
            ranked_table(&run, 20, width);
        }
        run.findings.clear();
        let text = ranked_table(&run, 20, 80);
        assert!(text.starts_with("合计 0 条疑点"), "{text}");
    }

    #[test]
    fn escape_codes_do_not_reach_the_terminal() {
        let mut run = sample::run();
        run.findings[0].message = "\u{1b}[2J清屏".into();
        assert!(!ranked_table(&run, 1, 120).contains('\u{1b}'));
    }
}
