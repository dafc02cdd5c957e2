//! The key under which personal identifiers are hashed. It lives outside the database, so that the database alone does
//! not give the identifiers away; the database keeps only a check value of it.

use sea_orm::ConnectionTrait;
use sha2::{Digest, Sha256};

use super::bulk::statement;
use super::{Store, StoreError, key_file};

/// Environment variable that names the key (any text).
pub const KEY_VARIABLE: &str = "SANZI_ID_KEY";

/// The key: from [`KEY_VARIABLE`], or from the user's key file, which is made at first use, readable by its owner only.
pub fn load_key() -> Result<Vec<u8>, StoreError> {
    if let Some(key) = std::env::var(KEY_VARIABLE).ok().filter(|k| !k.is_empty()) {
        return Ok(Sha256::digest(key.as_bytes()).to_vec());
    }
    let path = key_file::path("id.key");
    let error = |e: std::io::Error| StoreError::IdKeyFile {
        path: path.display().to_string(),
        reason: e.to_string(),
    };
    let key = key_file::read(&path).map_err(error)?;
    Ok(Sha256::digest(&key).to_vec())
}

/// Refuses a store that was made with another key; the first use leaves the check value.
pub async fn check_key(store: &Store, key: &[u8]) -> Result<(), StoreError> {
    let check: String = Sha256::new()
        .chain_update(b"sanzi id key check")
        .chain_update(key)
        .finalize()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let db = store.db();
    let insert = "INSERT INTO setting (name, value) VALUES ('id_key_check', ?) ON CONFLICT (name) DO NOTHING";
    db.execute_raw(statement(db, insert, [check.clone().into()]))
        .await?;
    let row = db
        .query_one_raw(statement(
            db,
            "SELECT value FROM setting WHERE name = 'id_key_check'",
            [],
        ))
        .await?;
    let stored: Option<String> = row.map(|r| r.try_get_by_index(0)).transpose()?;
    if stored.as_deref() == Some(&check) {
        Ok(())
    } else {
        Err(StoreError::WrongIdKey)
    }
}
