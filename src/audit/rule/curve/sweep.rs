//! `name=a..b`, `name=a..b/step`, `name=a、b、c` (or with commas, where that cannot be one number): the values to try.

use crate::audit::params::{ParamValue, Trial};
use crate::audit::rule::trial::{parse_trial, split};
use crate::audit::rule::{ParamSpec, ParamType, RulePack};

/// More would be no curve but a table, and each is a run.
const MOST: i64 = 41;

/// Parts of a range that names no step.
const PARTS: i64 = 10;

/// The values of one parameter, and the other parameters' values that stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    pub name: String,
    pub values: Vec<ParamValue>,
    pub fixed: Trial,
}

impl Sweep {
    /// The values with others among them: numbers in their order, other values after those given.
    pub fn with(&self, others: &[ParamValue]) -> Vec<ParamValue> {
        let mut all = self.values.clone();
        for other in others {
            if !all.contains(other) {
                all.push(other.clone());
            }
        }
        all.sort_by_key(number);
        all
    }
}

/// What a number is sorted by; other values keep their order.
fn number(value: &ParamValue) -> i64 {
    match value {
        ParamValue::Int(n) => *n,
        ParamValue::Decimal { raw, .. } => *raw,
        _ => 0,
    }
}

/// Reads the assignments of `rules try`. `None`: every parameter has one value, and the two runs are compared finding by
/// finding. With `wanted` a single value is a curve too.
///
/// # Errors
/// A Chinese sentence.
pub fn parse_sweep(
    pack: &RulePack,
    rule: &str,
    assignments: &[String],
    wanted: bool,
) -> Result<Option<Sweep>, String> {
    let (mut swept, mut single) = (Vec::new(), Vec::new());
    for assignment in assignments {
        let (name, spec, value) = split(pack, rule, assignment)?;
        let values = values(spec, value).map_err(|m| format!("参数「{name}」的值{m}"))?;
        match values {
            Some(values) => swept.push((name.to_owned(), values)),
            None => single.push(assignment.clone()),
        }
    }
    if swept.is_empty() && wanted {
        let last = single
            .pop()
            .filter(|_| single.is_empty())
            .ok_or_else(|| "曲线须有一个参数给出多个值,如 参数名=1..10".to_owned())?;
        let trial = parse_trial(pack, rule, &[last])?;
        swept.extend(trial.into_iter().map(|(name, value)| (name, vec![value])));
    }
    let fixed = parse_trial(pack, rule, &single)?;
    let mut swept = swept.into_iter();
    match (swept.next(), swept.next()) {
        (None, _) => Ok(None),
        (Some((name, values)), None) => Ok(Some(Sweep {
            name,
            values,
            fixed,
        })),
        (Some((first, _)), Some((second, _))) => Err(format!(
            "一次只能有一个参数给出多个值,「{first}」和「{second}」都给了"
        )),
    }
}

/// The values of a range or a list; `None`: it is one value.
fn values(spec: &ParamSpec, text: &str) -> Result<Option<Vec<ParamValue>>, String> {
    let numeric = matches!(
        spec.kind,
        ParamType::Integer | ParamType::Money | ParamType::Decimal
    );
    if numeric && let Some((from, rest)) = text.split_once("..") {
        let (to, step) = match rest.split_once('/') {
            Some((to, step)) => (to, Some(spec.read(step)?)),
            None => (rest, None),
        };
        let ends = (spec.read(from)?, spec.read(to)?);
        return range(ends, step.as_ref()).map(Some);
    }
    let apart: &[char] = if numeric {
        &[',', ',', '、']
    } else {
        &[',', ',']
    };
    let pieces: Vec<&str> = text.split(apart).map(str::trim).collect();
    if pieces.len() < 2 {
        return Ok(None);
    }
    // `6,000` can only be one number; `5,500` could be two.
    let grouped = pieces.iter().any(|p| p.len() == 3 && p.starts_with('0'));
    match (numeric, spec.read(text).is_ok(), grouped) {
        (true, true, true) => return Ok(None),
        (true, true, false) => {
            return Err(format!(
                "「{text}」可以读作一个数,也可以读作几个:一个数请不写千分位,几个数请以、分隔"
            ));
        }
        (true, false, true) => return Err(format!("「{text}」里,列举几个数时不要写千分位")),
        _ => {}
    }
    let mut out: Vec<ParamValue> = Vec::new();
    for piece in pieces {
        let value = spec.read(piece)?;
        if !out.contains(&value) {
            out.push(value);
        }
    }
    match out.len() as i64 > MOST {
        true => Err(format!("有 {} 个,一次至多试 {MOST} 个", out.len())),
        false => Ok(Some(out)),
    }
}

/// From the first to the last value: by the step, else every integer of a short range, else eleven values.
fn range(
    (from, to): (ParamValue, ParamValue),
    step: Option<&ParamValue>,
) -> Result<Vec<ParamValue>, String> {
    let (first, last) = (i128::from(number(&from)), i128::from(number(&to)));
    let made = |raw: i128| {
        let raw = i64::try_from(raw).unwrap_or_default(); // between two numbers of 64 bits
        match from {
            ParamValue::Decimal { scale, .. } => ParamValue::Decimal { raw, scale },
            _ => ParamValue::Int(raw),
        }
    };
    if last < first {
        return Err("的起止次序反了,请从小写到大".to_owned());
    }
    let span = last - first;
    let step = match step.map(|s| i128::from(number(s))) {
        Some(step) if step < 1 => return Err("的步长须大于 0".to_owned()),
        Some(step) => Some(step),
        None if matches!(from, ParamValue::Int(_)) && span <= 2 * i128::from(PARTS) => Some(1),
        None => None,
    };
    let mut out: Vec<ParamValue> = match step {
        Some(step) if span / step >= i128::from(MOST) => {
            return Err(format!("有 {} 个,一次至多试 {MOST} 个", span / step + 1));
        }
        Some(step) => (0..=span / step).map(|i| made(first + i * step)).collect(),
        None => {
            let parts = i128::from(PARTS);
            (0..=parts)
                .map(|i| made(first + span * i / parts))
                .collect()
        }
    };
    out.dedup();
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::rule::ParamSource;

    fn shown(kind: ParamType, text: &str) -> Result<Option<Vec<String>>, String> {
        let spec = ParamSpec {
            kind,
            default: toml::Value::Boolean(false),
            unit: String::new(),
            label: String::new(),
            source: ParamSource::Practice,
            basis: String::new(),
            choices: None,
        };
        let values = values(&spec, text)?;
        Ok(values.map(|v| v.iter().map(ParamValue::shown).collect()))
    }

    #[test]
    fn ranges_and_lists_become_values() {
        let some = |values: &[&str]| Ok(Some(values.iter().map(|v| (*v).to_owned()).collect()));
        assert_eq!(
            shown(ParamType::Integer, "3..6"),
            some(&["3", "4", "5", "6"])
        );
        assert_eq!(
            shown(ParamType::Integer, "0..90/30"),
            some(&["0", "30", "60", "90"])
        );
        assert_eq!(
            shown(ParamType::Money, "100、200、100"),
            some(&["100.00", "200.00"])
        );
        assert_eq!(
            shown(ParamType::Money, "100..200/50"),
            some(&["100.00", "150.00", "200.00"])
        );
        assert_eq!(
            shown(ParamType::Decimal, "0..1").unwrap().unwrap().len(),
            11
        );
        assert_eq!(
            shown(ParamType::Integer, "0..100").unwrap().unwrap().len(),
            11
        );
        assert_eq!(shown(ParamType::Text, "zero,cap"), some(&["zero", "cap"]));
        // One value, thousands separated.
        assert_eq!(shown(ParamType::Money, "6,000"), Ok(None));
        assert_eq!(shown(ParamType::List, "甲;乙"), Ok(None));
        for bad in ["6..3", "1..9/0", "1..x", "0..100/1", "1,000,2,000", "5,500"] {
            assert!(shown(ParamType::Integer, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn present_values_stand_in_their_order() {
        let sweep = Sweep {
            name: "n".into(),
            values: vec![ParamValue::Int(1), ParamValue::Int(9)],
            fixed: Trial::new(),
        };
        let all = sweep.with(&[ParamValue::Int(5), ParamValue::Int(9)]);
        assert_eq!(all, [1, 5, 9].map(ParamValue::Int));
    }
}
