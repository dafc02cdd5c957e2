//! Segments: the columns of an organisation's books in files of their own, so that an audit need not read the rows again.
//!
//! A segment is a cache. It is named by what it was made of and recorded with the digest of its bytes; one that is
//! missing, older than the books or changed by somebody is not read but made anew. Deleting the folder loses nothing.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use sea_orm::ConnectionTrait as _;
use sha2::{Digest, Sha256};

use super::bulk::statement;
use super::{Store, StoreError};
use crate::model::hex;

/// The bytes of a segment if they are those that were recorded for exactly these rows.
///
/// # Errors
/// Only what the database says: an unreadable file is a missing one.
pub async fn read(
    store: &Store,
    organisation: &str,
    name: &str,
    made_of: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT digest FROM segment WHERE organisation = ? AND name = ? AND made_of = ?";
    let values = [organisation.into(), name.into(), made_of.into()];
    let row = store
        .db()
        .query_one_raw(statement(store.db(), sql, values))
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let digest: String = row.try_get_by_index(0)?;
    let bytes = folder(store).and_then(|f| fs::read(f.join(file_name(organisation, name))).ok());
    Ok(bytes.filter(|bytes| hex(&Sha256::digest(bytes)) == digest))
}

/// Keeps a segment in place of the one before. A cache that cannot be written is done without.
///
/// # Errors
/// Only what the database says.
pub async fn write(
    store: &Store,
    organisation: &str,
    name: &str,
    made_of: &str,
    bytes: &[u8],
) -> Result<(), StoreError> {
    let Some(folder) = folder(store) else {
        return Ok(());
    };
    if let Err(error) = replace(&folder, &file_name(organisation, name), bytes) {
        tracing::debug!(%error, "segment not kept");
        return Ok(());
    }
    let sql = "INSERT INTO segment (organisation, name, made_of, digest) VALUES (?, ?, ?, ?) \
               ON CONFLICT (organisation, name) DO UPDATE SET made_of = excluded.made_of, digest = excluded.digest";
    let values = [
        organisation.into(),
        name.into(),
        made_of.into(),
        hex(&Sha256::digest(bytes)).into(),
    ];
    store
        .db()
        .execute_raw(statement(store.db(), sql, values))
        .await?;
    Ok(())
}

/// Beside the SQLite file; for a server's store in the user's cache, apart for each address.
pub fn folder(store: &Store) -> Option<PathBuf> {
    if store.is_sqlite() {
        let file = Path::new(store.location());
        let mut name = file.file_name()?.to_owned();
        name.push(".segments");
        return Some(file.with_file_name(name));
    }
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    let address = hex(&Sha256::digest(store.location()));
    Some(cache.join("sanzi").join("segments").join(&address[..16]))
}

/// An organisation's code may hold any character: the file is named by its digest.
fn file_name(organisation: &str, name: &str) -> String {
    let digest = hex(&Sha256::digest(organisation));
    format!("{}-{name}.arrow", &digest[..16])
}

/// Whole or not at all: written beside, then renamed.
fn replace(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let unfinished = folder.join(format!("{name}.{}", std::process::id()));
    let written = fs::File::create(&unfinished).and_then(|mut file| file.write_all(bytes));
    written
        .and_then(|()| fs::rename(&unfinished, folder.join(name)))
        .inspect_err(|_| {
            // Nothing can be done about a leftover that cannot be removed either.
            let _ = fs::remove_file(&unfinished);
        })
}
