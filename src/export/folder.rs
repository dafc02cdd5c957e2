//! A folder under way: everything is written beside the place where it will stand, and moved there when it is whole.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::ExportError;
use crate::model::Table;

/// The folder before it has its name. Dropped unpublished, it is removed.
pub struct Staging {
    target: PathBuf,
    path: PathBuf,
    published: bool,
}

impl Staging {
    /// `target` must not exist, or be an empty folder.
    pub fn new(target: &Path) -> Result<Staging, ExportError> {
        let at = |source| ExportError::Unwritable {
            path: target.to_owned(),
            source,
        };
        match fs::read_dir(target) {
            Ok(mut items) => {
                if items.next().is_some() {
                    return Err(ExportError::NotEmpty(target.to_owned()));
                }
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(at(e)),
        }
        let full = std::path::absolute(target).map_err(at)?;
        let name = full.file_name().unwrap_or_default().to_string_lossy();
        let path = full.with_file_name(format!(".{name}.未完成-{}", std::process::id()));
        if path.exists() {
            fs::remove_dir_all(&path).map_err(at)?;
        }
        fs::create_dir_all(&path).map_err(at)?;
        Ok(Staging {
            target: full,
            path,
            published: false,
        })
    }

    /// The path of a file in the folder; the folders above it are made.
    pub fn file(&self, name: &str) -> Result<PathBuf, ExportError> {
        let path = self.path.join(name);
        let folder = path.parent().unwrap_or(&self.path);
        fs::create_dir_all(folder).map_err(|e| self.unwritable(&path, e))?;
        Ok(path)
    }

    /// Creates a file.
    pub fn create(&self, name: &str) -> Result<Out, ExportError> {
        let path = self.file(name)?;
        let file = File::create(&path).map_err(|e| self.unwritable(&path, e))?;
        Ok(Out {
            file: BufWriter::with_capacity(1 << 18, file),
            shown: self.shown(&path),
        })
    }

    /// Gives the folder its name.
    pub fn publish(mut self) -> Result<(), ExportError> {
        let at = |source| ExportError::Unwritable {
            path: self.target.clone(),
            source,
        };
        if self.target.exists() {
            fs::remove_dir(&self.target).map_err(at)?;
        }
        fs::rename(&self.path, &self.target).map_err(at)?;
        self.published = true;
        Ok(())
    }

    fn unwritable(&self, path: &Path, source: std::io::Error) -> ExportError {
        ExportError::Unwritable {
            path: self.shown(path),
            source,
        }
    }

    /// Where the user will look for a file.
    fn shown(&self, path: &Path) -> PathBuf {
        let inside = path.strip_prefix(&self.path).unwrap_or(path);
        self.target.join(inside)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.published {
            // Nothing more can be done about a folder that cannot be removed.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// A file being written.
pub struct Out {
    file: BufWriter<File>,
    shown: PathBuf,
}

impl Out {
    pub fn write(&mut self, text: &str) -> Result<(), ExportError> {
        let written = self.file.write_all(text.as_bytes());
        written.map_err(|e| self.failed(e))
    }

    /// Appends a file that was written before.
    pub fn append(&mut self, path: &Path) -> Result<(), ExportError> {
        let copied = File::open(path).and_then(|mut f| std::io::copy(&mut f, &mut self.file));
        copied.map(|_| ()).map_err(|e| self.failed(e))
    }

    pub fn finish(mut self) -> Result<(), ExportError> {
        let flushed = self.file.flush();
        flushed.map_err(|e| self.failed(e))
    }

    fn failed(&self, source: std::io::Error) -> ExportError {
        ExportError::Unwritable {
            path: self.shown.clone(),
            source,
        }
    }
}

/// A table of the hand-in folder as CSV, made when its first row comes.
pub struct Sheet<'s> {
    staging: &'s Staging,
    name: String,
    table: &'static Table,
    csv: Option<csv::Writer<BufWriter<File>>>,
    pub rows: u64,
}

impl<'s> Sheet<'s> {
    /// `folder` is empty or ends with `/`; `suffix` stands behind the table's name.
    pub fn new(
        staging: &'s Staging,
        folder: &str,
        table: &'static Table,
        suffix: &str,
    ) -> Sheet<'s> {
        Sheet {
            staging,
            name: format!("{folder}{}{suffix}.csv", table.file),
            table,
            csv: None,
            rows: 0,
        }
    }

    /// Writes a row: one cell for each column of the table.
    pub fn row<C: AsRef<[u8]>>(&mut self, cells: &[C]) -> Result<(), ExportError> {
        self.rows += 1;
        self.record(cells)
    }

    /// Writes a row of nothing, which parts what stands above it from what stands below.
    pub fn blank(&mut self) -> Result<(), ExportError> {
        let cells = vec![""; self.table.columns.len()];
        self.record(&cells)
    }

    fn record<C: AsRef<[u8]>>(&mut self, cells: &[C]) -> Result<(), ExportError> {
        if self.csv.is_none() {
            let out = self.staging.create(&self.name)?;
            let mut csv = csv::Writer::from_writer(out.file);
            let header = self.table.columns.iter().map(|c| c.headers[0].as_str());
            csv.write_record(header)
                .map_err(|e| self.failed(e.into()))?;
            self.csv = Some(csv);
        }
        match &mut self.csv {
            Some(csv) => csv.write_record(cells).map_err(|e| self.failed(e.into())),
            None => Ok(()),
        }
    }

    /// Ends the file; how many files that were.
    pub fn finish(mut self) -> Result<u64, ExportError> {
        match self.csv.take() {
            None => Ok(0),
            Some(mut csv) => csv.flush().map(|()| 1).map_err(|e| self.failed(e)),
        }
    }

    fn failed(&self, source: std::io::Error) -> ExportError {
        let path = self.staging.path.join(&self.name);
        self.staging.unwritable(&path, source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_its_name_only_when_it_is_whole() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("账套");
        let staging = Staging::new(&target).unwrap();
        let mut out = staging.create("A/x.txt").unwrap();
        out.write("一").unwrap();
        out.finish().unwrap();
        assert!(!target.exists());
        drop(staging);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
        let staging = Staging::new(&target).unwrap();
        staging.create("A/x.txt").unwrap().finish().unwrap();
        staging.publish().unwrap();
        assert!(target.join("A/x.txt").exists());
        assert!(matches!(
            Staging::new(&target),
            Err(ExportError::NotEmpty(_))
        ));
    }
}
