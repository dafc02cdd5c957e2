//! The curve of `rules try` in the terminal, as CSV, as JSON, as a drawing.

use std::fmt::Write;
use std::path::Path;

use super::args::Format;
use super::output::Failure;
use super::table::{Align, csv_text, layout};
use crate::audit::rule::curve::{Curve, Point};
use crate::report::curve::write_svg;

/// Columns of the longest bar.
const WIDTH: usize = 40;

/// Prints the curve, and draws it where a file is named.
pub fn show(curve: &Curve, svg: Option<&Path>, format: Format) -> Result<(), Failure> {
    match format {
        Format::Table => print!("{}", as_text(curve)),
        Format::Csv => print!("{}", as_csv(curve)?),
        Format::Json => println!("{}", as_json(curve)),
    }
    if let Some(path) = svg {
        write_svg(curve, path)?;
        eprintln!("曲线已画到 {}", path.display());
    }
    Ok(())
}

fn as_text(curve: &Curve) -> String {
    let most = curve
        .points
        .iter()
        .map(|p| p.hits)
        .max()
        .unwrap_or(0)
        .max(1);
    let bar = |hits: usize| match hits {
        0 => String::new(),
        n => "█".repeat((n * WIDTH / most).max(1)),
    };
    let row = |p: &Point| {
        vec![
            p.value.shown(),
            if p.present { "现行" } else { "" }.to_owned(),
            p.hits.to_string(),
            change('+', p.added),
            change('-', p.removed),
            bar(p.hits),
        ]
    };
    let unit = match curve.unit.is_empty() {
        true => String::new(),
        false => format!("({})", curve.unit),
    };
    let value = format!("{}{unit}", curve.label);
    let headers = [
        (value.as_str(), Align::Right),
        ("", Align::Left),
        ("疑点", Align::Right),
        ("新增", Align::Right),
        ("消失", Align::Right),
        ("", Align::Left),
    ];
    let rows: Vec<Vec<String>> = curve.points.iter().map(row).collect();
    let mut out = format!(
        "{} {}  参数 {};现行 {} 项\n\n{}",
        curve.rule,
        curve.title,
        curve.name,
        curve.in_force,
        layout(&headers, &rows)
    );
    for failed in &curve.failed {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "未能运行 {}:{}", failed.rule, failed.reason);
    }
    out
}

fn change(sign: char, count: usize) -> String {
    match count {
        0 => String::new(),
        n => format!("{sign}{n}"),
    }
}

fn as_csv(curve: &Curve) -> Result<String, Failure> {
    let rows = curve.points.iter().map(|p| {
        [
            p.value.shown(),
            if p.present { "是" } else { "否" }.to_owned(),
            p.hits.to_string(),
            p.added.to_string(),
            p.removed.to_string(),
        ]
    });
    csv_text(&["值", "现行", "疑点", "新增", "消失"], rows)
}

fn as_json(curve: &Curve) -> serde_json::Value {
    let point = |p: &Point| {
        serde_json::json!({
            "value": p.value.shown(), "present": p.present, "hits": p.hits, "added": p.added, "removed": p.removed,
        })
    };
    let points: Vec<serde_json::Value> = curve.points.iter().map(point).collect();
    serde_json::json!({
        "rule": curve.rule, "parameter": curve.name, "label": curve.label, "unit": curve.unit,
        "in_force": curve.in_force, "points": points,
    })
}
