//! Who acts: a person in a role, with the organisations that the person is there for.

use std::collections::BTreeSet;

use super::ReviewError;
use crate::model::Role;

/// A person in a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Never blank.
    user: String,
    pub role: Role,
    /// `None`: all organisations. A company's people always have theirs named.
    organisations: Option<BTreeSet<String>>,
}

impl Actor {
    /// # Errors
    /// [`ReviewError::Anonymous`] when the name is blank.
    pub fn new(
        user: &str,
        role: Role,
        organisations: Option<BTreeSet<String>>,
    ) -> Result<Actor, ReviewError> {
        let user = user.trim();
        if user.is_empty() {
            return Err(ReviewError::Anonymous);
        }
        Ok(Actor {
            user: user.to_owned(),
            role,
            organisations,
        })
    }

    pub fn user(&self) -> &str {
        &self.user
    }

    /// Whether the person is there for all organisations.
    pub fn everywhere(&self) -> bool {
        self.organisations.is_none()
    }

    /// Whether the organisation is among those named.
    pub fn names(&self, organisation: &str) -> bool {
        self.organisations
            .as_ref()
            .is_some_and(|o| o.contains(organisation))
    }

    /// The organisations named; `None`: all.
    pub fn organisations(&self) -> Option<&BTreeSet<String>> {
        self.organisations.as_ref()
    }
}
