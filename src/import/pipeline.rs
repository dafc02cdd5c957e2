//! Reading and writing at the same time: companies are read on all cores, and each goes to the one writer as soon as it is
//! complete. Databases have one writer here because a hand-in is one transaction: whole or not at all, and exactly once
//! when it is handed in again.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use tokio::runtime::Handle;

use super::commit::{Entering, Receipt, Writer};
use super::folder::{self, Found};
use super::handin::{CompanyHandIn, HandIn};
use super::{Companies, Context, ImportError, Progress, ReadOptions};
use crate::ledger::LedgerError;
use crate::store::Store;

/// Complete companies that may wait for the writer; readers that are further ahead pause.
const WAITING: usize = 2;

/// Why a hand-in was not received. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    #[error(transparent)]
    Reading(#[from] ImportError),
    #[error(transparent)]
    Writing(#[from] LedgerError),
}

/// Companies on their way to the writer.
struct Queue(SyncSender<Arc<CompanyHandIn>>);

impl Companies for Queue {
    fn ready(&self, company: Arc<CompanyHandIn>) {
        // The writer is gone when it has failed: then there is nobody to tell.
        let _ = self.0.send(company);
    }
}

/// What a hand-in is called: the name of its file or folder.
pub fn label(path: &Path) -> String {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
    name.unwrap_or_else(|| path.display().to_string())
}

/// Reads a hand-in and writes it. Must be called where blocking is allowed, within a runtime of several threads.
///
/// # Errors
/// [`Failed`]; nothing is written then.
pub fn receive(
    path: &Path,
    options: &ReadOptions<'_>,
    store: &Store,
    entering: Entering<'_>,
) -> Result<(HandIn, Receipt), Failed> {
    let runtime = Handle::current();
    let (sender, receiver) = sync_channel(WAITING);
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || -> Result<Found, ImportError> {
            let queue = Queue(sender);
            let context = Context::new(options, Some(&queue))?;
            folder::read(path, &context)
        });
        let written = runtime.block_on(write(store, entering, &receiver, options));
        // A writer that failed must not leave readers waiting.
        drop(receiver);
        let found = match reader.join() {
            Ok(found) => found?,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        let writer = written?;
        let hand_in = found.hand_in();
        let hand_in = hand_in.ok_or_else(|| ImportError::NothingFound(path.to_owned()))?;
        let receipt = runtime.block_on(writer.finish(&hand_in))?;
        Ok((hand_in, receipt))
    })
}

/// Writes companies until the reader has no more.
async fn write(
    store: &Store,
    entering: Entering<'_>,
    companies: &Receiver<Arc<CompanyHandIn>>,
    options: &ReadOptions<'_>,
) -> Result<Writer, LedgerError> {
    let mut writer = Writer::begin(store, entering).await?;
    while let Ok(company) = companies.recv() {
        writer.company(&company).await?;
        if let Some(progress) = options.progress {
            let progress: &dyn Progress = progress;
            progress.written(&company.organisation);
        }
    }
    Ok(writer)
}
