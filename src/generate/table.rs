//! Writes the tables of a hand-in folder row by row, with the headers of the catalogue.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use super::GenerateError;
use crate::model::bundle::{Table, catalogue};

/// The files of one folder, opened when their first row is written.
pub struct Folder {
    path: PathBuf,
    open: BTreeMap<&'static str, Sheet>,
}

/// Another text for a column.
pub type Change = (&'static str, String);

struct Sheet {
    table: &'static Table,
    csv: csv::Writer<BufWriter<File>>,
    cells: Vec<String>,
}

impl Folder {
    /// Creates the folder if need be.
    pub fn new(path: &Path) -> Result<Folder, GenerateError> {
        fs::create_dir_all(path).map_err(|e| GenerateError::file(path, e))?;
        Ok(Folder {
            path: path.to_owned(),
            open: BTreeMap::new(),
        })
    }

    /// Appends a row to a table, by English column names. Empty values may be left out.
    pub fn row(
        &mut self,
        table: &'static str,
        cells: &[(&str, &dyn Display)],
    ) -> Result<(), GenerateError> {
        self.row_of(table, None, table, cells)
    }

    /// As [`Folder::row`], into a file of another name.
    pub fn row_in(
        &mut self,
        file: &'static str,
        table: &'static str,
        cells: &[(&str, &dyn Display)],
    ) -> Result<(), GenerateError> {
        self.row_of(file, Some(file), table, cells)
    }

    fn row_of(
        &mut self,
        key: &'static str,
        file: Option<&str>,
        table: &'static str,
        cells: &[(&str, &dyn Display)],
    ) -> Result<(), GenerateError> {
        if !self.open.contains_key(key) {
            let sheet = Sheet::create(&self.path, file, table)?;
            self.open.insert(key, sheet);
        }
        match self.open.get_mut(key) {
            Some(sheet) => sheet.row(&self.path, cells),
            None => Ok(()),
        }
    }

    /// [`Folder::row`] with some columns otherwise: an injected violation is often one cell of an ordinary row.
    pub fn row_but(
        &mut self,
        table: &'static str,
        cells: &[(&str, &dyn Display)],
        change: &[Change],
    ) -> Result<(), GenerateError> {
        let mut row: Vec<(&str, &dyn Display)> = cells
            .iter()
            .filter(|c| change.iter().all(|other| other.0 != c.0))
            .copied()
            .collect();
        row.extend(
            change
                .iter()
                .map(|(column, text)| (*column, text as &dyn Display)),
        );
        self.row(table, &row)
    }

    /// Flushes every file.
    pub fn finish(self) -> Result<(), GenerateError> {
        for mut sheet in self.open.into_values() {
            sheet
                .csv
                .flush()
                .map_err(|e| GenerateError::file(&self.path, e))?;
        }
        Ok(())
    }
}

impl Sheet {
    fn create(
        folder: &Path,
        file: Option<&str>,
        name: &'static str,
    ) -> Result<Sheet, GenerateError> {
        let table = catalogue()
            .table(name)
            .ok_or(GenerateError::UnknownName(name.to_owned()))?;
        let path = folder.join(format!("{}.csv", file.unwrap_or(&table.file)));
        let file = File::create(&path).map_err(|e| GenerateError::file(&path, e))?;
        let mut csv = csv::Writer::from_writer(BufWriter::with_capacity(1 << 18, file));
        csv.write_record(
            table
                .columns
                .iter()
                .map(|c| c.headers.first().map_or("", String::as_str)),
        )
        .map_err(|e| GenerateError::file(&path, e.into()))?;
        let cells = vec![String::new(); table.columns.len()];
        Ok(Sheet { table, csv, cells })
    }

    fn row(&mut self, folder: &Path, cells: &[(&str, &dyn Display)]) -> Result<(), GenerateError> {
        self.cells.iter_mut().for_each(String::clear);
        for (column, value) in cells {
            let cell = self
                .table
                .position(column)
                .and_then(|i| self.cells.get_mut(i));
            let cell = cell.ok_or_else(|| GenerateError::UnknownName((*column).to_owned()))?;
            // Writing to a String cannot fail.
            let _ = write!(cell, "{value}");
        }
        self.csv
            .write_record(&self.cells)
            .map_err(|e| GenerateError::file(folder, e.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_catalogue_headers_and_refuses_unknown_columns() {
        let dir = tempfile::tempdir().unwrap();
        let mut folder = Folder::new(dir.path()).unwrap();
        folder
            .row("kinship", &[("person", &"P1"), ("relation", &"配偶")])
            .unwrap();
        assert!(folder.row("kinship", &[("nobody", &1)]).is_err());
        folder.finish().unwrap();
        let text = fs::read_to_string(dir.path().join("亲属关系.csv")).unwrap();
        assert_eq!(text, "人员编号,亲属编号,关系\nP1,,配偶\n");
    }
}
