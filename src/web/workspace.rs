//! What all requests share: the store, the rule pack, jobs, uploads.

use std::ops::Deref;
use std::sync::Arc;

use chrono::{NaiveDateTime, Timelike};
use sea_orm::ConnectionTrait;

use super::auditor::Auditor;
use super::fault::Fault;
use super::handin::uploads::Uploads;
use super::jobs::Jobs;
use super::kept::Kept;
use super::limiter::Limiter;
use super::street::StreetCache;
use super::surroundings;
use super::tiles::Tiles;
use crate::access::password::Hasher;
use crate::audit::rule::RulePack;
use crate::document::Typesetter;
use crate::import::IdHasher;
use crate::pack::Pack;
use crate::store::bulk::statement;
use crate::store::{Store, StoreError};

/// Cheap to clone: every handler gets one.
#[derive(Clone)]
pub struct Workspace(Arc<Shared>);

/// See [`Workspace`].
pub struct Shared {
    pub store: Store,
    pub pack: Pack,
    pub rules: RulePack,
    pub ids: IdHasher,
    pub hasher: Hasher,
    pub jobs: Jobs,
    pub uploads: Uploads,
    pub limiter: Limiter,
    pub street: StreetCache,
    pub surroundings: surroundings::Known,
    pub kept: Kept,
    /// Served over TLS: cookies are for TLS only.
    pub secure: bool,
    /// What lies under the map; `None`: nothing.
    pub tiles: Option<Tiles>,
    /// Makes PDF; `None`: documents are DOCX only.
    pub typesetter: Option<Typesetter>,
    /// Audits in a program of its own; `None`: in this one.
    pub auditor: Option<Auditor>,
}

impl Workspace {
    /// `rules` are those of the pack, as the street wants them; `secure` says that TLS is spoken.
    pub fn new(
        store: Store,
        pack: Pack,
        rules: RulePack,
        ids: IdHasher,
        hasher: Hasher,
        secure: bool,
    ) -> Workspace {
        Workspace(Arc::new(Shared {
            store,
            pack,
            rules,
            ids,
            hasher,
            jobs: Jobs::default(),
            uploads: Uploads::default(),
            limiter: Limiter::default(),
            street: StreetCache::default(),
            surroundings: surroundings::Known::default(),
            kept: Kept::default(),
            secure,
            tiles: None,
            typesetter: None,
            auditor: None,
        }))
    }

    /// Puts a background under the map, before anything is served: once the workspace is shared it stays as it is.
    pub fn with_tiles(mut self, tiles: Tiles) -> Workspace {
        if let Some(shared) = Arc::get_mut(&mut self.0) {
            shared.tiles = Some(tiles);
        }
        self
    }

    /// Offers documents as PDF too; before anything is served, like the background.
    pub fn with_typesetter(mut self, typesetter: Typesetter) -> Workspace {
        if let Some(shared) = Arc::get_mut(&mut self.0) {
            shared.typesetter = Some(typesetter);
        }
        self
    }

    /// Audits in a program of its own; before anything is served, like the background.
    pub fn with_auditor(mut self, auditor: Auditor) -> Workspace {
        if let Some(shared) = Arc::get_mut(&mut self.0) {
            shared.auditor = Some(auditor);
        }
        self
    }

    /// The one whole number that a query gives; 0 when it gives no row.
    ///
    /// # Errors
    /// What the database says.
    pub async fn number(&self, sql: &str) -> Result<i64, Fault> {
        let db = self.store.db();
        let row = db.query_one_raw(statement(db, sql, [])).await;
        let row = row.map_err(StoreError::from)?;
        let number = row.map(|r| r.try_get_by_index(0)).transpose();
        Ok(number.map_err(StoreError::from)?.unwrap_or(0))
    }
}

impl Deref for Workspace {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// Work that writes much or folds much, on a thread of its own: pages go on being served meanwhile.
///
/// # Errors
/// Those of the work.
pub async fn apart<T, F>(work: impl FnOnce() -> F + Send + 'static) -> Result<T, Fault>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Fault>>,
{
    let runtime = tokio::runtime::Handle::current();
    let done = tokio::task::spawn_blocking(move || runtime.block_on(work()));
    done.await.map_err(|e| Fault::internal(&e.to_string()))?
}

/// The wall clock, to the second: for stamps, never part of a digest.
pub fn now() -> NaiveDateTime {
    let now = chrono::Local::now().naive_local();
    now.with_nanosecond(0).unwrap_or(now)
}
