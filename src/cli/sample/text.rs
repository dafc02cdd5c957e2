//! Samples, evaluations and checks as people read them.

use std::fmt::Write;
use std::path::Path;

use crate::cli::output::Failure;
use crate::cli::table::{Align, csv_text, layout};
use crate::model::Money;
use crate::sampling::check::{Chain, Checked};
use crate::sampling::evaluate::{Bound, Direction, Estimate, Estimates, Evaluation, Outcome};
use crate::sampling::model::{Design, Sample};
use crate::sampling::{files, working_paper};

// Writing to a String cannot fail: results of `writeln!` are dropped throughout.

/// What was drawn from what.
pub fn drawn(sample: &Sample, folder: &Path) -> String {
    let mut out = head(sample);
    let rows: Vec<Vec<String>> = sample
        .strata
        .iter()
        .map(|s| {
            vec![
                s.label.clone(),
                s.count.to_string(),
                s.total.grouped(),
                s.sampled.to_string(),
            ]
        })
        .collect();
    let headers = [
        ("层", Align::Left),
        ("笔数", Align::Right),
        ("金额", Align::Right),
        ("抽取", Align::Right),
    ];
    let _ = write!(out, "\n{}", layout(&headers, &rows));
    let population = &sample.population;
    if population.unreachable_count > 0 {
        let _ = writeln!(
            out,
            "另有 {} 笔金额为零或负(红字),合计 {} 元,货币单位抽样抽不到,须另行检查",
            population.unreachable_count,
            population.unreachable_total.grouped()
        );
    }
    let _ = writeln!(
        out,
        "已写出 {} 和 {}:请在底稿的“审定金额”“说明”两列填写,再运行 sanzi sample evaluate {}",
        folder.join(files::SAMPLE).display(),
        folder.join(working_paper::FILE).display(),
        folder.display()
    );
    out
}

fn head(sample: &Sample) -> String {
    let (filter, population) = (&sample.filter, &sample.population);
    let mut out = format!(
        "{}  单位 {}  {}  种子 {}\n",
        sample.design.label(),
        filter.organisation,
        filter.shown(),
        sample.seed
    );
    let _ = writeln!(
        out,
        "总体:{} {} 笔,{} 元;抽取 {} 笔",
        filter.unit.label(),
        population.count,
        population.total.grouped(),
        sample.items.len()
    );
    if let Design::MonetaryUnit { interval, start } = &sample.design {
        let _ = writeln!(
            out,
            "间隔 {} 元,起点 {} 元",
            interval.grouped(),
            start.grouped()
        );
    }
    out
}

/// What the examined items say.
pub fn evaluation(sample: &Sample, evaluation: &Evaluation, tolerable: Option<Money>) -> String {
    let mut out = head(sample);
    let _ = writeln!(
        out,
        "已查 {} 笔,有差错 {} 笔;置信水平 {}%\n",
        evaluation.examined,
        evaluation.errors.len(),
        evaluation.confidence
    );
    if !evaluation.errors.is_empty() {
        let headers = ERRORS.map(|title| (title, Align::Left));
        let _ = writeln!(out, "{}", layout(&headers, &error_rows(evaluation)));
    }
    match &evaluation.outcome {
        Outcome::Bound(bound) => out.push_str(&bound_text(bound, tolerable)),
        Outcome::Estimates(estimates) => {
            out.push_str(&estimates_text(estimates, evaluation.errors.is_empty()));
            if let Some(limit) = tolerable {
                let far = furthest(estimates.ratio.as_ref().unwrap_or(&estimates.mean));
                let _ = writeln!(out, "{}", against(far, limit));
            }
        }
    }
    out
}

fn bound_text(bound: &Bound, tolerable: Option<Money>) -> String {
    let row = |label: &str, d: &Direction| {
        let amounts = [d.known, d.projected, d.basic, d.incremental, d.upper];
        let head = [label.to_owned(), d.errors.to_string()];
        head.into_iter()
            .chain(amounts.map(Money::grouped))
            .collect()
    };
    let rows = [
        row("高估(账面多记)", &bound.over),
        row("低估(账面少记)", &bound.under),
    ];
    let headers = [
        ("方向", Align::Left),
        ("差错笔数", Align::Right),
        ("大额已知差错", Align::Right),
        ("推断差错", Align::Right),
        ("基本精确度", Align::Right),
        ("追加", Align::Right),
        ("差错上限", Align::Right),
    ];
    let mut out = layout(&headers, &rows);
    out.push_str("上限按斯特林格(Stringer)界、泊松系数计算\n");
    if bound.beyond {
        out.push_str("注意:有差错超过账面金额的项目,上限对这类差错不成立,请另行分析\n");
    }
    if let Some(limit) = tolerable {
        let _ = writeln!(
            out,
            "{}",
            against(bound.over.upper.max(bound.under.upper), limit)
        );
    }
    out
}

/// The greatest error, either way, that an estimate leaves possible.
fn furthest(estimate: &Estimate) -> Money {
    let error = estimate.error.abs();
    error
        .checked_add(estimate.margin)
        .unwrap_or(Money(i64::MAX))
}

fn against(upper: Money, tolerable: Money) -> String {
    let (upper_text, limit) = (upper.grouped(), tolerable.grouped());
    match upper <= tolerable {
        true => format!("差错上限 {upper_text} 元,不超过可容忍错报 {limit} 元"),
        false => {
            format!("差错上限 {upper_text} 元,超过可容忍错报 {limit} 元:须扩大样本或查明差错的原因")
        }
    }
}

fn estimates_text(estimates: &Estimates, clean: bool) -> String {
    let row = |label: &str, e: &Estimate| {
        let amounts = [e.audited, e.error, e.margin].map(Money::grouped);
        [label.to_owned()].into_iter().chain(amounts).collect()
    };
    let mut rows: Vec<Vec<String>> = Vec::new();
    rows.extend(estimates.ratio.as_ref().map(|e| row("比率估计", e)));
    rows.push(row("均值估计", &estimates.mean));
    let headers = [
        ("方法", Align::Left),
        ("审定总额", Align::Right),
        ("推断差错(账面减审定)", Align::Right),
        ("误差范围(±)", Align::Right),
    ];
    let mut out = format!(
        "账面总额 {} 元\n{}",
        estimates.book.grouped(),
        layout(&headers, &rows)
    );
    if estimates.ratio.is_none() {
        out.push_str("某层所查项目的账面合计为零,不能作比率估计\n");
    }
    if clean {
        out.push_str(
            "样本中没有差错:比率估计的误差范围为零只说明样本内没有差异,不证明总体没有差错\n",
        );
    }
    out
}

const ERRORS: [&str; 6] = ["序号", "项目", "账面", "审定", "差错", "说明"];

fn error_rows(evaluation: &Evaluation) -> Vec<Vec<String>> {
    let row = |e: &crate::sampling::evaluate::Error| {
        vec![
            e.number.to_string(),
            e.identity.clone(),
            e.book.to_string(),
            e.audited.to_string(),
            // Both come from cells, which hold far less than 64 bits.
            Money(e.book.0.saturating_sub(e.audited.0)).to_string(),
            e.note.clone(),
        ]
    };
    evaluation.errors.iter().map(row).collect()
}

/// The errors as CSV.
pub fn errors_csv(evaluation: &Evaluation) -> Result<String, Failure> {
    csv_text(&ERRORS, error_rows(evaluation))
}

/// Whether the draw can be repeated.
pub fn checked(sample: &Sample, checked: &Checked) -> String {
    let mut out = head(sample);
    let _ = writeln!(
        out,
        "凭证链:{}",
        match checked.chain {
            Chain::Same => "与抽样时相同".to_owned(),
            Chain::Grown(n) => format!("抽样后追加了 {n} 张凭证,此前的没有变动"),
            Chain::Other => "与抽样时不是同一条,请运行 sanzi verify 查明".to_owned(),
        }
    );
    let (then, now) = (&sample.population, &checked.population);
    let _ = match checked.same_population {
        true => writeln!(out, "总体:没有变动"),
        false => writeln!(
            out,
            "总体:已变动。抽样时 {} 笔 {} 元,现在 {} 笔 {} 元",
            then.count,
            then.total.grouped(),
            now.count,
            now.total.grouped()
        ),
    };
    if checked.same_items() {
        let _ = writeln!(out, "重抽:{} 笔,与原样本相同", sample.items.len());
        return out;
    }
    let _ = writeln!(out, "重抽:与原样本不同");
    let lists = [
        ("原样本有、重抽没有", &checked.missing),
        ("原样本没有、重抽有", &checked.new),
        ("两次都有、金额不同", &checked.changed),
    ];
    for (label, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        let _ = writeln!(out, "  {label}:{}", list.join("、"));
    }
    out
}
