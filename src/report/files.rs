//! Files that appear whole or not at all: written beside their place, synced, renamed at the end.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::ReportError;

/// A set of files that get their final names together. Dropped without [`Batch::commit`], it leaves nothing behind.
pub struct Batch {
    folder: PathBuf,
    /// Temporary and final path.
    pending: Vec<(PathBuf, PathBuf)>,
}

impl Batch {
    /// Makes the folder if needed.
    pub fn new(folder: &Path) -> Result<Batch, ReportError> {
        fs::create_dir_all(folder).map_err(at(folder))?;
        Ok(Batch {
            folder: folder.to_owned(),
            pending: Vec::new(),
        })
    }

    /// Writes `bytes` under a temporary name and syncs them to disk.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), ReportError> {
        let temporary = self
            .folder
            .join(format!(".{name}.{}.part", std::process::id()));
        self.pending
            .push((temporary.clone(), self.folder.join(name)));
        let mut file = File::create(&temporary).map_err(at(&temporary))?;
        file.write_all(bytes).map_err(at(&temporary))?;
        file.sync_all().map_err(at(&temporary))
    }

    /// Gives every file its final name, replacing older ones, and returns the final paths.
    pub fn commit(mut self) -> Result<Vec<PathBuf>, ReportError> {
        let mut done = Vec::with_capacity(self.pending.len());
        for (temporary, target) in &self.pending {
            fs::rename(temporary, target).map_err(at(target))?;
            done.push(target.clone());
        }
        self.pending.clear();
        sync_folder(&self.folder)?;
        Ok(done)
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        for (temporary, _) in &self.pending {
            // Nothing better can be done about a file that will not go away.
            let _ = fs::remove_file(temporary);
        }
    }
}

/// Makes the renames themselves durable; other systems than Unix cannot open a folder.
fn sync_folder(folder: &Path) -> Result<(), ReportError> {
    if cfg!(unix) {
        File::open(folder)
            .and_then(|f| f.sync_all())
            .map_err(at(folder))?;
    }
    Ok(())
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> ReportError + '_ {
    move |source| ReportError::Write {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn an_abandoned_batch_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.txt"), "old").unwrap();
        let mut batch = Batch::new(folder.path()).unwrap();
        batch.add("a.txt", b"new").unwrap();
        batch.add("b.txt", b"new").unwrap();
        assert_eq!(names(folder.path()).len(), 3);
        drop(batch);
        assert_eq!(names(folder.path()), ["a.txt"]);
        assert_eq!(fs::read(folder.path().join("a.txt")).unwrap(), b"old");
    }

    #[test]
    fn a_committed_batch_replaces() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.txt"), "old").unwrap();
        let mut batch = Batch::new(folder.path()).unwrap();
        batch.add("a.txt", b"new").unwrap();
        assert_eq!(batch.commit().unwrap(), [folder.path().join("a.txt")]);
        assert_eq!(names(folder.path()), ["a.txt"]);
        assert_eq!(fs::read(folder.path().join("a.txt")).unwrap(), b"new");
    }

    #[test]
    fn a_place_that_is_a_file_is_refused_in_plain_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report");
        fs::write(&path, "").unwrap();
        let error = Batch::new(&path).err().unwrap();
        assert_eq!(error.code(), "报告-6001");
        assert!(error.to_string().starts_with("报告-6001 写不成文件 "));
    }
}
