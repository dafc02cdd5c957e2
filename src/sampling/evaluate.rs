//! What the examined items say of the population: a bound for monetary-unit samples, estimates for stratified ones.

mod bound;
mod estimate;

use serde::Serialize;

pub use bound::{Bound, Direction};
pub use estimate::{Estimate, Estimates};

use super::SamplingError;
use super::confidence::Confidence;
use super::model::{Design, Sample};
use crate::model::Money;

/// An item with the amount that the auditor found right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// As in the sample.
    pub number: usize,
    pub audited: Money,
    pub note: String,
}

/// An item whose amount is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Error {
    pub number: usize,
    pub identity: String,
    pub book: Money,
    pub audited: Money,
    pub note: String,
}

/// The evaluation of a sample; amounts in 分.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// Per cent.
    pub confidence: f64,
    pub examined: usize,
    pub errors: Vec<Error>,
    #[serde(flatten)]
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Bound(Bound),
    Estimates(Estimates),
}

/// Evaluates a sample. `examined` has one entry for each item of the sample, in its order.
///
/// # Errors
/// [`SamplingError::Overflow`].
pub fn evaluate(
    sample: &Sample,
    examined: &[Examined],
    confidence: Confidence,
) -> Result<Evaluation, SamplingError> {
    let pairs = sample.items.iter().zip(examined);
    let wrong = pairs.clone().filter(|(d, e)| d.item.amount != e.audited);
    let errors = wrong.map(|(d, e)| Error {
        number: d.number,
        identity: d.item.identity(),
        book: d.item.amount,
        audited: e.audited,
        note: e.note.clone(),
    });
    let amounts: Vec<(usize, Money, Money)> = pairs
        .map(|(d, e)| (d.stratum, d.item.amount, e.audited))
        .collect();
    let outcome = match &sample.design {
        Design::MonetaryUnit { interval, .. } => Outcome::Bound(bound::bound(
            *interval,
            &sample.strata,
            &amounts,
            confidence,
        )?),
        Design::Stratified { .. } | Design::TopAndRandom { .. } => {
            Outcome::Estimates(estimate::estimates(&sample.strata, &amounts, confidence)?)
        }
    };
    Ok(Evaluation {
        confidence: confidence.percent(),
        examined: examined.len(),
        errors: errors.collect(),
        outcome,
    })
}

#[cfg(test)]
mod tests;
