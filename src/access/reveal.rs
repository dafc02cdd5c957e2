//! Personal numbers in free text: shown masked, and shown in full only as a logged act with a reason.
//!
//! Identifiers in columns of their own are hashed at the door and cannot be shown at all. What people write into summaries
//! and names is kept as handed in, because it is sealed; it is masked here, on its way to the page.

use std::sync::LazyLock;

use chrono::NaiveDateTime;
use regex::Regex;

use super::AccessError;
use super::log::{self, Act};
use crate::store::Store;

/// Identity numbers, mobile numbers, account numbers: long runs of digits. Amounts and voucher numbers are shorter.
static NUMBERS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[0-9]{17}[0-9Xx]|[0-9]{12,19}|1[3-9][0-9]{9}").ok());

/// The text with its personal numbers masked down to their last four signs; `None` when it has none.
pub fn masked(text: &str) -> Option<String> {
    let numbers = NUMBERS.as_ref()?;
    if !numbers.is_match(text) {
        return None;
    }
    let shown = numbers.replace_all(text, |found: &regex::Captures<'_>| {
        let number = &found[0];
        format!("***{}", &number[number.len() - 4..])
    });
    Some(shown.into_owned())
}

/// Logs that somebody looks behind the mask of an object; only then may it be shown.
///
/// # Errors
/// [`AccessError::ReasonMissing`].
pub async fn reveal(
    store: &Store,
    login: &str,
    organisation: &str,
    object: &str,
    reason: &str,
    now: NaiveDateTime,
) -> Result<(), AccessError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(AccessError::ReasonMissing);
    }
    let act = Act::new("reveal", login)
        .organisation(organisation)
        .object(object)
        .reason(reason);
    log::append(store, &act, now).await
}
