//! What most commands need: the store, the key for identifiers, the rule pack.

use std::path::PathBuf;

use super::output::Failure;
use crate::import::IdHasher;
use crate::pack::Pack;
use crate::store::{Store, identity};

/// Opens the store and checks that it was made with this user's key.
pub async fn open_store(url: &str) -> Result<(Store, IdHasher), Failure> {
    let key = identity::load_key()?;
    let store = Store::open(url).await?;
    identity::check_key(&store, &key).await?;
    Ok((store, IdHasher::new(&key)))
}

/// The hasher of personal identifiers with this user's key.
pub fn id_hasher() -> Result<IdHasher, Failure> {
    Ok(IdHasher::new(&identity::load_key()?))
}

/// The rule pack: the one compiled in, or the folder named by `--rules`.
pub fn pack(rules: &Option<PathBuf>) -> Result<Pack, Failure> {
    match rules {
        None => Ok(Pack::embedded()),
        Some(folder) => Pack::from_dir(folder).map_err(|e| Failure::Input(e.to_string())),
    }
}

/// The wall clock, for stamps in the store and on covers; never part of a digest.
pub fn now() -> chrono::NaiveDateTime {
    use chrono::Timelike;
    let now = chrono::Local::now().naive_local();
    now.with_nanosecond(0).unwrap_or(now)
}
