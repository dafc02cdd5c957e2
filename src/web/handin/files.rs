//! The files of a hand-in as they come over the wire, and how they are read.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::Multipart;
use axum::extract::multipart::Field;
use tokio::io::AsyncWriteExt;

use super::uploads::{Reading, fresh_folder, place};
use crate::import::handin::HandIn;
use crate::import::{self, ImportError, Known, ReadOptions};
use crate::web::fault::Fault;
use crate::web::workspace::Workspace;

/// What the form with the files says.
pub struct Received {
    pub organisation: String,
    pub names: Vec<String>,
    folder: tempfile::TempDir,
}

impl Received {
    pub fn into_folder(self) -> tempfile::TempDir {
        self.folder
    }
}

/// Keeps the files of a form; the field `org` names the organisation.
///
/// # Errors
/// A body that is cut or too large, a file name that climbs out of the folder.
pub async fn receive(mut multipart: Multipart) -> Result<Received, Fault> {
    let unreadable = |e: axum::extract::multipart::MultipartError| Fault::of_status(e.status());
    let folder = fresh_folder().map_err(|e| Fault::internal(&e.to_string()))?;
    let mut received = Received {
        organisation: String::new(),
        names: Vec::new(),
        folder,
    };
    while let Some(field) = multipart.next_field().await.map_err(unreadable)? {
        match field.name() {
            Some("org") => received.organisation = field.text().await.map_err(unreadable)?,
            Some("files") => {
                let name = field.file_name().unwrap_or_default().to_owned();
                if name.is_empty() {
                    continue;
                }
                let path = place(received.folder.path(), &name);
                let path = path.ok_or_else(|| {
                    Fault::bad_input(&format!("文件名「{name}」不能用。请改名后再传"))
                })?;
                keep(field, path).await?;
                received.names.push(name);
            }
            _ => {}
        }
    }
    Ok(received)
}

/// Writes the bytes of a file as they come.
async fn keep(mut field: Field<'_>, path: PathBuf) -> Result<(), Fault> {
    let io = |e: std::io::Error| Fault::internal(&e.to_string());
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await.map_err(io)?;
    }
    let mut file = tokio::fs::File::create(&path).await.map_err(io)?;
    loop {
        let chunk = field.chunk().await;
        match chunk.map_err(|e| Fault::of_status(e.status()))? {
            Some(bytes) => file.write_all(&bytes).await.map_err(io)?,
            None => break,
        }
    }
    file.flush().await.map_err(io)
}

/// Counts rows for the page that waits.
struct Counter {
    rows: AtomicU64,
    workspace: Workspace,
    upload: String,
}

impl import::Progress for Counter {
    fn rows(&self, count: u64) {
        let rows = self.rows.fetch_add(count, Ordering::Relaxed) + count;
        self.workspace
            .uploads
            .set(&self.upload, Reading::Running(rows));
    }
}

/// Where the files of an upload begin: one folder that holds everything is the hand-in itself, as is one file.
fn root(folder: &Path) -> PathBuf {
    let entries = std::fs::read_dir(folder).map(|all| all.flatten().map(|e| e.path()));
    let entries: Vec<PathBuf> = entries.map(Iterator::collect).unwrap_or_default();
    match entries.as_slice() {
        [only] => only.clone(),
        _ => folder.to_path_buf(),
    }
}

/// Reads an upload and writes nothing.
pub async fn read(
    workspace: &Workspace,
    upload: &str,
    folder: Arc<tempfile::TempDir>,
    organisation: Option<String>,
) -> Result<HandIn, Fault> {
    let known = Known::load(&workspace.store).await?;
    let counter = Counter {
        rows: AtomicU64::new(0),
        workspace: workspace.clone(),
        upload: upload.to_owned(),
    };
    let work = workspace.clone();
    let reading = tokio::task::spawn_blocking(move || -> Result<HandIn, ImportError> {
        let options = ReadOptions {
            org: organisation,
            rules: &work.pack,
            ids: &work.ids,
            known,
            progress: Some(&counter),
        };
        import::read(&root(folder.path()), &options)
    });
    let read = reading.await.map_err(|e| Fault::internal(&e.to_string()))?;
    Ok(read?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_folder_is_the_hand_in_itself() {
        let folder = tempfile::tempdir().unwrap();
        let street = folder.path().join("九峰");
        std::fs::create_dir(&street).unwrap();
        assert_eq!(root(folder.path()), street);
        std::fs::write(folder.path().join("a.csv"), "x").unwrap();
        assert_eq!(root(folder.path()), folder.path());
    }
}
