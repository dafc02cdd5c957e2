//! Files that were dropped and not yet submitted: a folder of their own each, gone when submitted, discarded or old.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::preview::Preview;

/// How long an upload waits for its owner.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// Uploads of one person that wait at the same time; the oldest goes.
const EACH: usize = 5;

/// Marks our folders among those of other programs.
const PREFIX: &str = "sanzi-handin-";

/// A folder for the files of one upload; its owner alone reads it.
///
/// # Errors
/// The disk's.
pub fn fresh_folder() -> std::io::Result<tempfile::TempDir> {
    tempfile::Builder::new().prefix(PREFIX).tempdir()
}

/// Removes what a killed program left in the folder for temporary files: uploads older than any that still waits. What cannot
/// be removed belongs to somebody else and stays.
pub fn sweep() {
    sweep_in(&std::env::temp_dir(), KEPT);
}

fn sweep_in(folder: &Path, kept: Duration) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let modified = entry.metadata().and_then(|m| m.modified());
        let old = modified.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > kept));
        if ours && old {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// How the reading of an upload stands.
#[derive(Debug, Clone)]
pub enum Reading {
    /// Rows read so far.
    Running(u64),
    Read(Arc<Preview>),
    Failed(String),
}

/// One upload.
#[derive(Debug)]
pub struct Upload {
    pub by: String,
    pub organisation: Option<String>,
    /// What it is called in the list of batches.
    pub label: String,
    /// Removed with the last holder.
    pub folder: Arc<tempfile::TempDir>,
    pub reading: Reading,
    at: Instant,
}

impl Upload {
    pub fn new(
        by: &str,
        organisation: Option<String>,
        label: String,
        folder: tempfile::TempDir,
    ) -> Upload {
        Upload {
            by: by.to_owned(),
            organisation,
            label,
            folder: Arc::new(folder),
            reading: Reading::Running(0),
            at: Instant::now(),
        }
    }
}

/// All uploads by their unguessable name.
#[derive(Debug, Default)]
pub struct Uploads {
    all: Mutex<HashMap<String, Upload>>,
}

impl Uploads {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Upload>> {
        self.all.lock().unwrap_or_else(|p| p.into_inner())
    }

    pub fn add(&self, upload: Upload) -> String {
        let name = crate::access::fresh_token();
        let mut all = self.lock();
        all.retain(|_, u| u.at.elapsed() < KEPT);
        let mut mine: Vec<(Instant, String)> = all
            .iter()
            .filter(|(_, u)| u.by == upload.by)
            .map(|(name, u)| (u.at, name.clone()))
            .collect();
        mine.sort();
        let surplus = (mine.len() + 1).saturating_sub(EACH);
        for (_, old) in mine.into_iter().take(surplus) {
            all.remove(&old);
        }
        all.insert(name.clone(), upload);
        name
    }

    /// Looks at an upload of its owner.
    pub fn with<T>(&self, name: &str, by: &str, look: impl FnOnce(&Upload) -> T) -> Option<T> {
        self.lock().get(name).filter(|u| u.by == by).map(look)
    }

    pub fn set(&self, name: &str, reading: Reading) {
        if let Some(upload) = self.lock().get_mut(name) {
            upload.reading = reading;
        }
    }

    /// Takes an upload out; its owner only.
    pub fn take(&self, name: &str, by: &str) -> Option<Upload> {
        let mut all = self.lock();
        match all.get(name).is_some_and(|u| u.by == by) {
            true => all.remove(name),
            false => None,
        }
    }

    /// Puts an upload back whose submission failed.
    pub fn put_back(&self, name: &str, upload: Upload) {
        self.lock().insert(name.to_owned(), upload);
    }
}

/// A path below `folder` for a file name that a browser sent: plain names only, nothing that climbs out.
pub fn place(folder: &Path, name: &str) -> Option<PathBuf> {
    let name = name.replace('\\', "/");
    let mut path = folder.to_path_buf();
    let mut parts = 0;
    for part in Path::new(&name).components() {
        match part {
            Component::Normal(part) if part.len() <= 255 => path.push(part),
            Component::CurDir => continue,
            _ => return None,
        }
        parts += 1;
    }
    (1..=8).contains(&parts).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_old_folders_of_ours_are_swept() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["sanzi-handin-a", "other"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
            std::fs::write(folder.path().join(name).join("凭证.csv"), "x").unwrap();
        }
        let left = || std::fs::read_dir(folder.path()).unwrap().count();
        sweep_in(folder.path(), KEPT);
        assert_eq!(left(), 2);
        std::thread::sleep(Duration::from_millis(20));
        sweep_in(folder.path(), Duration::from_millis(1));
        assert_eq!(left(), 1);
        assert!(folder.path().join("other/凭证.csv").exists());
    }

    #[test]
    fn names_stay_below_the_folder() {
        let folder = Path::new("/f");
        assert_eq!(place(folder, "凭证.csv"), Some("/f/凭证.csv".into()));
        assert_eq!(
            place(folder, "九峰\\JF01\\凭证.csv"),
            Some("/f/九峰/JF01/凭证.csv".into())
        );
        for bad in ["", "../x", "/etc/passwd", "a/../../x", "a/b/c/d/e/f/g/h/i"] {
            assert_eq!(place(folder, bad), None, "{bad}");
        }
    }
}
