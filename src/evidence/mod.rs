//! Evidence bundles: one zip for the inspector that opens offline and proves itself. What an item rests on is taken out of the
//! store (`collect`), listed with two digests per file in a signed manifest ([`manifest`], [`key`]), packed the same way every
//! time ([`package`]), and checked on another machine without the database ([`check`]). `docs/bundle.md` describes the format.

pub mod check;
mod collect;
mod error;
pub mod key;
pub mod manifest;
pub mod package;
mod page;
mod record;
mod tables;

use chrono::NaiveDateTime;

use crate::model::Role;
use crate::pack::Pack;
use crate::review::{Actor, Desk};
use crate::store::Store;

pub use error::EvidenceError;
use key::Signer;
use manifest::Manifest;

/// Who may take a bundle: it holds an item with its whole history and nothing masked, so only those who may read all of that.
pub const MAY_TAKE: [Role; 3] = [
    Role::Inspector,
    Role::StreetSupervisor,
    Role::StreetReviewer,
];

/// A file of the bundle: its path within the zip, with `/`, and its bytes.
pub type File = (String, Vec<u8>);

/// The bundle of these items (numbers), as the zip's bytes with its manifest.
///
/// # Errors
/// Items that are not there for this person, chains that do not hold, what the store says.
pub async fn make(
    store: &Store,
    desk: &Desk,
    pack: &Pack,
    actor: &Actor,
    items: &[String],
    signer: &Signer,
    at: NaiveDateTime,
) -> Result<(Vec<u8>, Manifest), EvidenceError> {
    if !MAY_TAKE.contains(&actor.role) {
        return Err(EvidenceError::Role(actor.role.label()));
    }
    let collected = collect::collect(store, desk, pack, actor, items).await?;
    let mut manifest = Manifest::new(actor, at, signer);
    manifest.items = collected
        .items
        .iter()
        .map(|i| i.number().to_owned())
        .collect();
    manifest.runs = collected.runs.clone();
    manifest.chains = collected.chains.clone();
    manifest.pack_digest = pack.digest().to_owned();
    let mut files = collected.files;
    let index = page::draw(&collected.items, &manifest, desk)?;
    files.push(("index.html".to_owned(), index.into_bytes()));
    files.sort();
    manifest.files = files.iter().map(manifest::Listed::of).collect();
    let listed = serde_json::to_vec_pretty(&manifest).map_err(EvidenceError::internal)?;
    let signature = crate::model::hex(&signer.sign(&listed)) + "\n";
    files.push((manifest::SIGNATURE.to_owned(), signature.into_bytes()));
    files.insert(0, (manifest::MANIFEST.to_owned(), listed));
    Ok((package::write(&files)?, manifest))
}
