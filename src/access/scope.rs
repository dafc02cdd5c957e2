//! Which organisations a person may see.

use std::collections::BTreeSet;

/// All organisations of the street, or a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    All,
    Only(BTreeSet<String>),
}

impl Scope {
    /// Whether an organisation lies within.
    pub fn covers(&self, organisation: &str) -> bool {
        match self {
            Scope::All => true,
            Scope::Only(codes) => codes.contains(organisation),
        }
    }

    /// Whether all of several organisations lie within; of none at all, only for those who see all.
    pub fn covers_all<'a>(&self, organisations: impl IntoIterator<Item = &'a str>) -> bool {
        let mut some = false;
        let inside = organisations.into_iter().all(|o| {
            some = true;
            self.covers(o)
        });
        inside && (some || *self == Scope::All)
    }

    /// The only organisation within, when there is just one.
    pub fn single(&self) -> Option<&str> {
        match self {
            Scope::Only(codes) if codes.len() == 1 => codes.first().map(String::as_str),
            _ => None,
        }
    }
}
