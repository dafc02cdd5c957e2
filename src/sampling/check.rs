//! Drawing again from what was stored: the same items, the same population?

use super::SamplingError;
use super::draw::{in_reach, select};
use super::model::{Drawn, Population, Sample};
use super::population;
use crate::ledger::read;
use crate::model::hex;
use crate::store::Store;

/// What has become of the organisation's chain since the draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    Same,
    /// So many vouchers were added; what stood then stands.
    Grown(i64),
    /// At the place of the head then is another voucher, or none: this is not the book that was drawn from.
    Other,
}

/// The outcome of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub chain: Chain,
    /// As it is now.
    pub population: Population,
    pub same_population: bool,
    /// Identities drawn then and not now.
    pub missing: Vec<String>,
    /// Identities drawn now and not then.
    pub new: Vec<String>,
    /// Identities drawn both times, with another amount.
    pub changed: Vec<String>,
}

impl Checked {
    /// The same items of the same population.
    pub fn same(&self) -> bool {
        self.same_population && self.same_items()
    }

    pub fn same_items(&self) -> bool {
        self.missing.is_empty() && self.new.is_empty() && self.changed.is_empty()
    }
}

/// Draws again with the stored design and seed.
///
/// # Errors
/// What reading the book says.
pub async fn check(store: &Store, sample: &Sample) -> Result<Checked, SamplingError> {
    let book = population::read(store.db(), &sample.filter).await?;
    let organisation = &sample.filter.organisation;
    let (_, items) = select(&book.items, &sample.design, &sample.seed, organisation)?;
    let now = book.mark(|i| in_reach(&sample.design, i))?;
    let then = &sample.population;
    let find = |list: &[Drawn], identity: &str| {
        let found = list.iter().find(|d| d.item.identity() == identity);
        found.map(|d| (d.item.amount, d.hits))
    };
    let (mut missing, mut changed) = (Vec::new(), Vec::new());
    for drawn in &sample.items {
        let identity = drawn.item.identity();
        match find(&items, &identity) {
            None => missing.push(identity),
            Some(other) if other != (drawn.item.amount, drawn.hits) => changed.push(identity),
            Some(_) => {}
        }
    }
    let identities = items.iter().map(|d| d.item.identity());
    let new = identities.filter(|i| find(&sample.items, i).is_none());
    Ok(Checked {
        chain: chain(store, sample).await?,
        same_population: now.digest == then.digest,
        population: now,
        missing,
        new: new.collect(),
        changed,
    })
}

async fn chain(store: &Store, sample: &Sample) -> Result<Chain, SamplingError> {
    let (organisation, then) = (&sample.filter.organisation, &sample.population);
    let book = read::book(store.db(), organisation).await?;
    if hex(&book.head) == then.chain_head {
        return Ok(Chain::Same);
    }
    let at = then.chain_length;
    let standing = read::vouchers(store, organisation, at, at).await?;
    Ok(match standing.first() {
        Some(v) if hex(&v.hash) == then.chain_head => Chain::Grown(book.length - at),
        _ => Chain::Other,
    })
}
