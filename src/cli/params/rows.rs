//! Questions, values and their history as rows of a table.

use chrono::NaiveDate;

use super::value_on;
use crate::audit::params::Setting;
use crate::audit::rule::RulePack;
use crate::audit::rule::questions::Question;
use crate::audit::settings::{Recorded, recorded_words};
use crate::cli::args::Format;
use crate::cli::output::Failure;
use crate::cli::table::{Align, csv_text, layout};
use crate::report::words;

/// Title, name in JSON, alignment.
pub type Column = (&'static str, &'static str, Align);

pub const QUESTIONS: [Column; 6] = [
    ("类别", "family", Align::Left),
    ("要决定的事", "label", Align::Left),
    ("默认值", "default", Align::Right),
    ("单位", "unit", Align::Left),
    ("用于", "uses", Align::Left),
    ("说明", "basis", Align::Left),
];

pub const VALUES: [Column; 9] = [
    ("类别", "family", Align::Left),
    ("参数", "parameter", Align::Left),
    ("含义", "label", Align::Left),
    ("值", "value", Align::Right),
    ("单位", "unit", Align::Left),
    ("自", "since", Align::Left),
    ("来源", "source", Align::Left),
    ("以后", "next", Align::Left),
    ("默认值", "default", Align::Right),
];

pub const HISTORY: [Column; 11] = [
    ("参数", "parameter", Align::Left),
    ("单位", "organisation", Align::Left),
    ("值", "value", Align::Right),
    ("生效", "valid_from", Align::Left),
    ("失效", "valid_to", Align::Left),
    ("依据", "basis", Align::Left),
    ("批准人", "approver", Align::Left),
    ("记录时间", "at", Align::Left),
    ("经办人", "by", Align::Left),
    ("来源", "source", Align::Left),
    ("状态", "state", Align::Left),
];

pub fn question_rows(asked: &[Question]) -> Vec<Vec<String>> {
    let row = |q: &Question| {
        let uses: Vec<String> = q.uses.iter().map(|(r, n)| format!("{r}.{n}")).collect();
        vec![
            words::family(&q.family).to_owned(),
            q.label.clone(),
            q.default.clone(),
            q.unit.clone(),
            uses.join("、"),
            q.basis.clone(),
        ]
    };
    asked.iter().map(row).collect()
}

pub fn value_rows(
    pack: &RulePack,
    asked: &[Question],
    all: &[Setting],
    organisation: Option<&str>,
    day: NaiveDate,
) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for q in asked {
        for (rule, name) in &q.uses {
            let Some(now) = value_on(pack, all, rule, name, organisation, day) else {
                continue;
            };
            let next = now.next.as_ref();
            rows.push(vec![
                words::family(&q.family).to_owned(),
                format!("{rule}.{name}"),
                q.label.clone(),
                now.value.shown(),
                q.unit.clone(),
                now.since.map(|d| d.to_string()).unwrap_or_default(),
                now.origin.shown(),
                next.map(|(d, v)| format!("{d} 起 {}", v.shown()))
                    .unwrap_or_default(),
                q.default.clone(),
            ]);
        }
    }
    rows
}

pub fn history_rows(pack: &RulePack, recorded: &[Recorded]) -> Vec<Vec<String>> {
    let day = |d: Option<NaiveDate>| d.map(|d| d.to_string()).unwrap_or_default();
    let row = |r: &Recorded| {
        let s = &r.setting;
        let state = match r.replaced {
            None => format!("有效(批次 {})", r.batch),
            Some((batch, at)) if r.undone => format!("{at} 随批次撤销(批次 {batch})"),
            Some((batch, at)) => format!("{at} 被批次 {batch} 取代"),
        };
        vec![
            format!("{}.{}", s.rule, s.name),
            s.organisation
                .clone()
                .unwrap_or_else(|| "全街道".to_owned()),
            recorded_words(pack, s),
            day(s.from),
            day(s.to),
            s.basis.clone(),
            s.approver.clone(),
            r.at.to_string(),
            r.by.clone().unwrap_or_default(),
            r.source.clone(),
            state,
        ]
    };
    recorded.iter().map(row).collect()
}

pub fn print_table(
    columns: &[Column],
    rows: Vec<Vec<String>>,
    format: Format,
) -> Result<(), Failure> {
    match format {
        Format::Table => {
            let heads: Vec<(&str, Align)> = columns.iter().map(|(t, _, a)| (*t, *a)).collect();
            print!("{}", layout(&heads, &rows));
        }
        Format::Csv => {
            let heads: Vec<&str> = columns.iter().map(|(t, _, _)| *t).collect();
            print!("{}", csv_text(&heads, rows)?);
        }
        Format::Json => {
            let object = |row: Vec<String>| -> serde_json::Value {
                let cells = columns.iter().zip(row);
                let map: serde_json::Map<String, serde_json::Value> = cells
                    .map(|((_, name, _), cell)| ((*name).to_owned(), cell.into()))
                    .collect();
                map.into()
            };
            let all: serde_json::Value = rows.into_iter().map(object).collect();
            println!("{all}");
        }
    }
    Ok(())
}
