//! The street's 参数 register as a source of parameter values: what stands, what was recorded, a value added.
//!
//! A value is never changed: one for another day is a row of its own, one for the same day replaces the row before it, and
//! both stay with who entered them and when.

mod error;
mod history;

use chrono::{NaiveDate, NaiveDateTime};

pub use error::SettingError;
pub use history::{Recorded, history};

use super::params::{ParamValue, Setting};
use super::rule::questions::label;
use super::rule::{ParamSource, ParamSpec, ParamType, RulePack};
use crate::ledger::read;
use crate::model::{RegisterRow, Table, Value, catalogue};
use crate::store::registers::{self, Origin, StoredRow};
use crate::store::{Store, StoreError, batch};

/// Stands as the source file of values entered by command.
pub const SOURCE: &str = "sanzi params set";

/// A value that the street has decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision<'a> {
    pub setting: Setting,
    /// Who enters it, where that is not the approver.
    pub by: Option<&'a str>,
    pub at: NaiveDateTime,
}

/// What recording a value did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// In this batch.
    Recorded { batch: i64 },
    /// The very same row stands already.
    Unchanged,
}

/// The values that stand, in the order of rule, name, organisation and day.
///
/// # Errors
/// What the database says.
pub async fn load(store: &Store) -> Result<Vec<Setting>, StoreError> {
    let Some(table) = catalogue().table("parameter") else {
        return Ok(Vec::new());
    };
    let rows = registers::load(store, table, None).await?;
    Ok(rows.iter().map(|row| setting(table, row)).collect())
}

fn setting(table: &Table, stored: &StoredRow) -> Setting {
    let value = |column: &str| table.position(column).map(|i| &stored.row.values[i]);
    Setting::of(
        |c| value(c).and_then(Value::text),
        |c| value(c).and_then(Value::date),
    )
}

/// Whether a value may be recorded, and how it reads.
///
/// # Errors
/// [`SettingError`] for an unknown rule or parameter, a statutory one, a value of another type, an unsigned decision.
pub fn check(pack: &RulePack, setting: &Setting) -> Result<ParamValue, SettingError> {
    let (id, name) = (&setting.rule, &setting.name);
    let rule = pack
        .rule(id)
        .ok_or_else(|| super::AuditError::UnknownRule(id.clone()))?;
    let spec = rule
        .file
        .params
        .get(name)
        .ok_or_else(|| SettingError::UnknownName {
            rule: id.clone(),
            name: name.clone(),
            known: rule.file.params.keys().cloned().collect(),
        })?;
    if spec.source == ParamSource::Statute {
        return Err(SettingError::Statute {
            rule: id.clone(),
            name: label(rule, name),
            basis: spec.basis.clone(),
        });
    }
    if setting.basis.trim().is_empty() || setting.approver.trim().is_empty() {
        return Err(SettingError::Unsigned);
    }
    if let Some((from, to)) = setting.from.zip(setting.to).filter(|(from, to)| to < from) {
        return Err(SettingError::Days { from, to });
    }
    read_value(spec, &setting.value).map_err(|problem| SettingError::Value {
        rule: id.clone(),
        name: label(rule, name),
        problem,
    })
}

/// Stricter than a cell of a hand-in: nothing, or a dash, is no decision.
fn read_value(spec: &ParamSpec, text: &str) -> Result<ParamValue, String> {
    let numeric = matches!(
        spec.kind,
        ParamType::Integer | ParamType::Money | ParamType::Decimal
    );
    if text.trim().is_empty() {
        return Err("为空".to_owned());
    }
    if numeric && !text.chars().any(char::is_numeric) {
        return Err(format!("「{}」不是数字", text.trim()));
    }
    match spec.read(text)? {
        ParamValue::List(words) if words.is_empty() => Err("为空".to_owned()),
        value => Ok(value),
    }
}

/// A value as it was recorded, in words where it was chosen from some.
pub fn recorded_words(pack: &RulePack, setting: &Setting) -> String {
    let read = || {
        let rule = pack.rule(&setting.rule)?;
        rule.file
            .params
            .get(&setting.name)?
            .read(&setting.value)
            .ok()
    };
    let words = read().and_then(|value| value.words());
    words.unwrap_or_else(|| setting.value.clone())
}

/// Appends a value to the register; the next audit sees it.
///
/// # Errors
/// As [`check`]; an organisation that the database does not know.
pub async fn record(
    store: &Store,
    pack: &RulePack,
    decision: &Decision<'_>,
) -> Result<Written, SettingError> {
    let mut setting = decision.setting.clone();
    // Whoever reads the register later sees words, whatever was typed.
    if let Some(words) = check(pack, &setting)?.words() {
        setting.value = words;
    }
    if let Some(code) = &setting.organisation {
        known_organisation(store, code).await?;
    }
    let Some(table) = catalogue().table("parameter") else {
        return Ok(Written::Unchanged);
    };
    let transaction = store.begin().await?;
    let label = format!("{SOURCE} {}.{}", setting.rule, setting.name);
    let batch_id = batch::open_by(&transaction, &label, decision.at, decision.by).await?;
    let origin = Origin {
        batch_id,
        owner: "",
        file: SOURCE,
        sheet: None,
    };
    let saved = registers::save(&transaction, table, origin, &[row(table, &setting)]).await?;
    if saved.added + saved.changed == 0 {
        transaction.rollback().await?;
        return Ok(Written::Unchanged);
    }
    transaction.commit().await?;
    Ok(Written::Recorded { batch: batch_id })
}

fn row(table: &Table, setting: &Setting) -> RegisterRow {
    let text = |t: &str| Value::Text(t.trim().into());
    let day = |d: Option<NaiveDate>| d.map_or(Value::Null, Value::Date);
    let cell = |column: &str| match column {
        "rule" => text(&setting.rule),
        "name" => text(&setting.name),
        "organisation" => setting.organisation.as_deref().map_or(Value::Null, text),
        "value" => text(&setting.value),
        "valid_from" => day(setting.from),
        "valid_to" => day(setting.to),
        "basis" => text(&setting.basis),
        "approver" => text(&setting.approver),
        _ => Value::Null,
    };
    RegisterRow {
        values: table.columns.iter().map(|c| cell(&c.name)).collect(),
        source_row: 1,
    }
}

/// An organisation is known by its book or by its row in 单位.
///
/// # Errors
/// [`SettingError::UnknownOrganisation`].
pub async fn known_organisation(store: &Store, code: &str) -> Result<(), SettingError> {
    let books = read::books(store.db()).await?;
    if books.iter().any(|b| b.organisation == code) {
        return Ok(());
    }
    let table = catalogue().table("organisation");
    let at = table.and_then(|t| Some((t, t.position("code")?)));
    if let Some((table, at)) = at {
        let rows = registers::load(store, table, None).await?;
        if rows.iter().any(|r| r.row.values[at].text() == Some(code)) {
            return Ok(());
        }
    }
    Err(SettingError::UnknownOrganisation(code.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::rule::RulePack;
    use crate::pack::Pack;

    fn decision(rule: &str, name: &str, value: &str) -> Setting {
        Setting {
            overlay: false,
            rule: rule.to_owned(),
            name: name.to_owned(),
            organisation: None,
            value: value.to_owned(),
            from: NaiveDate::from_ymd_opt(2025, 1, 1),
            to: None,
            basis: "会议纪要".to_owned(),
            approver: "主任甲".to_owned(),
        }
    }

    #[test]
    fn what_is_no_decision_is_refused_with_its_reason() {
        let pack = RulePack::load(&Pack::embedded());
        let said = |setting: &Setting| match check(&pack, setting) {
            Ok(value) => value.shown(),
            Err(error) => error.to_string(),
        };
        assert_eq!(said(&decision("F-003", "cash_limit", "8,000")), "8,000.00");
        for (setting, code) in [
            (decision("F-003", "nothing", "1"), "参数-1001"),
            (decision("C-001", "max_years", "30"), "参数-1002"),
            (decision("F-003", "cash_limit", "很多"), "参数-1003"),
            (decision("F-003", "cash_limit", "-"), "参数-1003"),
            (decision("F-018", "bench_rate", "1.2345678"), "参数-1003"),
            (decision("F-010", "levels", "董事会;股东"), "参数-1003"),
            (decision("F-011", "mode", "free"), "参数-1003"),
            (decision("F-013", "barred_duties", ";"), "参数-1003"),
            (decision("Z-999", "x", "1"), "审计-2003"),
        ] {
            assert!(said(&setting).starts_with(code), "{}", said(&setting));
        }
        assert!(said(&decision("F-018", "bench_rate", "1.2345678")).contains("六位小数"));
        assert_eq!(
            said(&decision("F-010", "levels", "directors;股东会")),
            "董事会、股东会"
        );
        let refused = said(&decision("F-011", "mode", "free"));
        assert!(
            refused.contains("「招待方式」的值「free」不是可选的词,可选:零招待、年度限额"),
            "{refused}"
        );
        let mut unsigned = decision("F-003", "cash_limit", "8000");
        unsigned.approver = " ".to_owned();
        assert!(said(&unsigned).starts_with("参数-1005"));
        let mut backwards = decision("F-003", "cash_limit", "8000");
        backwards.to = NaiveDate::from_ymd_opt(2024, 1, 1);
        assert!(said(&backwards).starts_with("参数-1006"));
    }
}
