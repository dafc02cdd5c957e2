//! The rule pack: everything in `ledger_rules/` that a supervisor may read or change without compiling — charts, layout
//! profiles, laws, lists, marts, rules. It is embedded in the program; `--rules DIR` puts a folder in its place.
//! This module only hands out texts by path: what they mean is read by those who use them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/ledger_rules");

/// The files of a rule pack by path relative to its folder, with `/` between the parts (`charts/village_2023.csv`).
#[derive(Debug, Clone)]
pub struct Pack {
    files: BTreeMap<String, Cow<'static, [u8]>>,
    digest: String,
}

/// A folder given as rule pack cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("规则-1001 规则包「{}」无法读取:{source}。请检查 --rules 指向的文件夹", path.display())]
pub struct PackError {
    pub path: PathBuf,
    pub source: std::io::Error,
}

impl Pack {
    /// The pack that was compiled in.
    pub fn embedded() -> Pack {
        let mut files = BTreeMap::new();
        collect_embedded(&EMBEDDED, &mut files);
        Pack::new(files)
    }

    /// The pack in a folder, read at once and whole: later changes on disk do not reach a running audit.
    /// Files whose names begin with a dot are left out.
    pub fn from_dir(path: &Path) -> Result<Pack, PackError> {
        let mut files = BTreeMap::new();
        collect_folder(path, "", &mut files)?;
        Ok(Pack::new(files))
    }

    fn new(files: BTreeMap<String, Cow<'static, [u8]>>) -> Pack {
        let digest = digest_of(&files);
        Pack { files, digest }
    }

    /// The pack with one file more, or another in its place. The digest stays: what is added here is how a hand-in is
    /// read, not what it is judged by.
    pub fn with(mut self, path: &str, text: String) -> Pack {
        let bytes = Cow::Owned(text.into_bytes());
        self.files.insert(path.to_owned(), bytes);
        self
    }

    /// The text of a file, without a byte-order mark. `None`: no such file, or it is not UTF-8.
    pub fn text(&self, path: &str) -> Option<Cow<'_, str>> {
        let text = std::str::from_utf8(self.bytes(path)?).ok()?;
        Some(Cow::Borrowed(text.strip_prefix('\u{feff}').unwrap_or(text)))
    }

    /// The bytes of a file.
    pub fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(AsRef::as_ref)
    }

    /// Paths that begin with `prefix` (`profiles/`), sorted. An empty prefix gives all files.
    pub fn files(&self, prefix: &str) -> Vec<String> {
        self.files
            .range(prefix.to_owned()..)
            .take_while(|(path, _)| path.starts_with(prefix))
            .map(|(path, _)| path.clone())
            .collect()
    }

    /// SHA-256 over all paths and contents, hex: equal packs have equal digests, embedded or in a folder.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

fn collect_embedded(dir: &'static Dir<'static>, files: &mut BTreeMap<String, Cow<'static, [u8]>>) {
    for file in dir.files() {
        let path = file.path().to_string_lossy().replace('\\', "/");
        if !path.split('/').any(|part| part.starts_with('.')) {
            files.insert(path, Cow::Borrowed(file.contents()));
        }
    }
    for sub in dir.dirs() {
        collect_embedded(sub, files);
    }
}

fn collect_folder(
    folder: &Path,
    prefix: &str,
    files: &mut BTreeMap<String, Cow<'static, [u8]>>,
) -> Result<(), PackError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| PackError { path, source }
    };
    for item in fs::read_dir(folder).map_err(at(folder))? {
        let item = item.map_err(at(folder))?;
        let name = item.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let path = item.path();
        if path.is_dir() {
            collect_folder(&path, &format!("{prefix}{name}/"), files)?;
        } else {
            let bytes = fs::read(&path).map_err(at(&path))?;
            files.insert(format!("{prefix}{name}"), Cow::Owned(bytes));
        }
    }
    Ok(())
}

fn digest_of(files: &BTreeMap<String, Cow<'static, [u8]>>) -> String {
    let mut hasher = Sha256::new();
    for (path, bytes) in files {
        for part in [path.as_bytes(), bytes.as_ref()] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
    }
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_pack_equals_its_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("ledger_rules");
        let (embedded, on_disk) = (Pack::embedded(), Pack::from_dir(&folder).unwrap());
        assert_eq!(embedded.files(""), on_disk.files(""));
        assert_eq!(embedded.digest(), on_disk.digest());
        assert!(embedded.text("bundle.toml").unwrap().contains("[voucher]"));
    }

    #[test]
    fn folder_pack_finds_files_by_prefix_and_notices_changes() {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("a/2.sql", "\u{feff}two"),
            ("a/1.sql", "one"),
            ("ab.toml", "x"),
            (".x", "y"),
        ] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let pack = Pack::from_dir(folder.path()).unwrap();
        assert_eq!(pack.files("a/"), ["a/1.sql", "a/2.sql"]);
        assert_eq!(pack.files(""), ["a/1.sql", "a/2.sql", "ab.toml"]);
        assert_eq!(pack.text("a/2.sql").as_deref(), Some("two"));
        assert_eq!(pack.text("nope"), None);
        fs::write(folder.path().join("a/1.sql"), "One").unwrap();
        assert_ne!(
            Pack::from_dir(folder.path()).unwrap().digest(),
            pack.digest()
        );
        assert!(Pack::from_dir(&folder.path().join("nope")).is_err());
    }
}
