//! Setting aside in two acts by two persons: one asks, another answers. What is agreed to is a suppression like those of the
//! command line.

use chrono::{NaiveDate, NaiveDateTime};

use super::{Request, SuppressionError, insert, refuse_held};
use crate::store::suppressions::requests::{self, Answered, Asked, NewRequest};
use crate::store::suppressions::{self, Named};
use crate::store::{Store, Transaction};

/// What one person asks for.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// As it reads now.
    pub finding: &'a Named,
    pub reason: &'a str,
    pub document: &'a str,
    /// The last day on which it is to hold.
    pub until: NaiveDate,
    pub by: &'a str,
    pub at: NaiveDateTime,
}

/// What can be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Approve,
    Refuse,
    /// By the person who asked.
    Withdraw,
}

impl Answer {
    pub fn parse(code: &str) -> Option<Answer> {
        match code {
            "approve" => Some(Answer::Approve),
            "refuse" => Some(Answer::Refuse),
            "withdraw" => Some(Answer::Withdraw),
            _ => None,
        }
    }

    /// As the store keeps it.
    fn kept(self) -> &'static str {
        match self {
            Answer::Approve => "approved",
            Answer::Refuse => "refused",
            Answer::Withdraw => "withdrawn",
        }
    }
}

/// Who answers, when and why.
#[derive(Debug, Clone, Copy)]
pub struct Answering<'a> {
    pub answer: Answer,
    pub by: &'a str,
    pub at: NaiveDateTime,
    pub reason: &'a str,
}

/// Records a request and returns its number.
///
/// # Errors
/// [`SuppressionError`]; nothing is written then.
pub async fn ask(store: &Store, ask: &Ask<'_>) -> Result<i64, SuppressionError> {
    let [reason, document, by] = [ask.reason, ask.document, ask.by].map(str::trim);
    if [reason, document, by].contains(&"") {
        return Err(SuppressionError::Unfounded);
    }
    let today = ask.at.date();
    if ask.until <= today {
        return Err(SuppressionError::NotInFuture(ask.until));
    }
    let transaction = store.begin().await?;
    refuse_held(&transaction, ask.finding, today).await?;
    let asked = requests::all(&transaction).await?;
    let mut waiting = asked.iter().filter(|r| r.answered.is_none());
    if let Some(waiting) = waiting.find(|r| r.finding.fingerprint == ask.finding.fingerprint) {
        return Err(SuppressionError::Asked {
            number: ask.finding.number.clone(),
            id: waiting.id,
        });
    }
    let new = NewRequest {
        finding: ask.finding,
        reason,
        document,
        until: ask.until,
        at: ask.at,
        by,
    };
    let id = requests::add(&transaction, new).await?;
    transaction.commit().await?;
    Ok(id)
}

/// Records an answer; with consent the finding is set aside at once.
///
/// # Errors
/// [`SuppressionError`]; nothing is written then.
pub async fn answer(
    store: &Store,
    id: i64,
    answering: &Answering<'_>,
) -> Result<Asked, SuppressionError> {
    let transaction = store.begin().await?;
    let asked = requests::all(&transaction).await?;
    let mut of_id = asked
        .into_iter()
        .filter(|r| r.id == id && r.answered.is_none());
    let asked = of_id.next().ok_or(SuppressionError::NotWaiting(id))?;
    let by = answering.by.trim();
    // Consent comes from another person, withdrawal from the same.
    let own = by == asked.by;
    if by.is_empty() || own != (answering.answer == Answer::Withdraw) {
        return Err(SuppressionError::WrongPerson { by: asked.by });
    }
    let reason = answering.reason.trim();
    if answering.answer != Answer::Approve && reason.is_empty() {
        return Err(SuppressionError::NoReason);
    }
    let suppression = match answering.answer {
        Answer::Approve => Some(agreed(&transaction, &asked, by, answering.at).await?),
        _ => None,
    };
    let answered = Answered {
        answer: answering.answer.kept().to_owned(),
        at: answering.at,
        by: by.to_owned(),
        reason: (!reason.is_empty()).then(|| reason.to_owned()),
        suppression,
    };
    requests::answer(&transaction, id, &answered).await?;
    transaction.commit().await?;
    Ok(Asked {
        answered: Some(answered),
        ..asked
    })
}

/// Consent is to what was read: a finding that says something else by now has to be asked for anew.
async fn agreed(
    transaction: &Transaction,
    asked: &Asked,
    by: &str,
    at: NaiveDateTime,
) -> Result<i64, SuppressionError> {
    let now = suppressions::findings(transaction, &asked.finding.fingerprint).await?;
    if now.iter().any(|f| f.content != asked.finding.content) {
        return Err(SuppressionError::Changed(asked.finding.number.clone()));
    }
    let request = Request {
        finding: &asked.finding.fingerprint,
        reason: &asked.reason,
        document: &asked.document,
        until: asked.until,
        by: &asked.by,
        approved_by: by,
        at,
    };
    Ok(insert(transaction, &request, asked.finding.clone())
        .await?
        .id)
}
