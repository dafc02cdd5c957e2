//! The rows of the 台账: items that are being put right, with the measure and the money on record.

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;

use crate::model::Money;
use crate::review::dossier::Dossier;
use crate::review::event::{Amounts, Plan};
use crate::review::list::{self, Filter};
use crate::review::{Actor, Desk, ReviewError};

/// States of an item that is being put right, in the order of the work.
pub const STATES: [&str; 4] = ["rectifying", "acceptance", "ongoing", "closed"];

/// An item of the 台账.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub number: String,
    /// Number of its last event.
    pub seen: i64,
    pub organisation: String,
    pub title: String,
    /// The fact in one sentence, unmasked.
    pub message: String,
    pub amount: Option<Money>,
    pub state: String,
    pub due: Option<NaiveDate>,
    /// The measure that counts.
    pub plan: Option<Plan>,
    /// The money that counts.
    pub amounts: Option<Amounts>,
}

/// The lines that a person may read, the heaviest first. States that are not of the 台账 are left out.
///
/// # Errors
/// [`ReviewError`].
pub async fn gather<C: ConnectionTrait>(
    connection: &C,
    desk: &Desk,
    actor: &Actor,
    filter: &Filter,
) -> Result<Vec<Line>, ReviewError> {
    let mut filter = filter.clone();
    match filter.states.is_empty() {
        true => filter.states = STATES.map(str::to_owned).to_vec(),
        false => filter.states.retain(|s| STATES.contains(&s.as_str())),
    }
    if filter.states.is_empty() {
        return Ok(Vec::new());
    }
    let mut lines = Vec::new();
    for found in list::list(connection, desk, actor, &filter).await? {
        let dossier = Dossier::read(connection, &desk.workflow, actor, &found.number).await?;
        lines.push(Line {
            plan: dossier.plan()?,
            amounts: dossier.amounts()?,
            number: found.number,
            seen: found.seq,
            organisation: found.organisation_name,
            title: found.title,
            message: found.message,
            amount: found.amount,
            state: found.state_label,
            due: found.due,
        });
    }
    Ok(lines)
}
