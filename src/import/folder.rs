//! A hand-in on disk: which files there are, and whose they are.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::book::{self, Pieces, Shelf};
use super::bytes;
use super::chart::Charts;
use super::codes::{self, Code};
use super::handin::{HandIn, RegisterTable};
use super::identifier::IdHasher;
use super::profile::{Profile, RowWords};
use super::recognise::Recogniser;
use crate::model::{Place, Problem, Standard, Text, Value};
use crate::pack::Pack;

/// How to read a hand-in.
pub struct ReadOptions<'a> {
    /// The organisation that everything belongs to, where no folder says so.
    pub org: Option<String>,
    pub rules: &'a Pack,
    pub ids: &'a IdHasher,
    /// Standards of organisations that are known already; 单位 outranks them.
    pub standards: HashMap<String, Standard>,
    /// Told the number of rows read so far.
    pub progress: Option<&'a (dyn Fn(u64) + Sync)>,
}

/// Nothing could be read at all.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ImportError(pub Box<Problem>);

/// What reading needs throughout.
pub(super) struct Reader<'a> {
    pub recogniser: Recogniser,
    pub words: RowWords,
    pub charts: Charts,
    pub ids: &'a IdHasher,
    pub rows: AtomicU64,
    pub progress: Option<&'a (dyn Fn(u64) + Sync)>,
}

/// A file with the path shown to people and the organisation whose folder it lies in.
struct Found {
    path: PathBuf,
    shown: String,
    organisation: Option<Text>,
}

/// Reads a street folder, a company's folder or a single file, and checks it. Problems of content are in the result; an
/// error means that there was nothing to read.
pub fn read(path: &Path, options: &ReadOptions<'_>) -> Result<HandIn, ImportError> {
    let reader = Reader::new(options)?;
    let files = find(path, options.org.as_deref())?;
    let mut hand_in = HandIn {
        label: path.display().to_string(),
        ..HandIn::default()
    };
    let (street, companies) = shelves(files);
    let pieces = reader.read_shelf(&street);
    take_street(&mut hand_in, pieces);
    let mut read: Vec<Pieces> = companies
        .par_iter()
        .map(|shelf| reader.read_shelf(shelf))
        .collect();
    for pieces in &mut read {
        hand_in.street.append(&mut pieces.street);
    }
    let organisations = organisations(&hand_in.street);
    let built: Vec<_> = read
        .into_par_iter()
        .map(|pieces| {
            let code = pieces.organisation.clone().unwrap_or_default();
            let stated = organisations
                .get(&*code)
                .or_else(|| options.standards.get(&*code));
            book::build(pieces, stated.copied(), &reader.charts)
        })
        .collect();
    for (mut company, files) in built {
        if !organisations.is_empty() && !organisations.contains_key(&*company.organisation) {
            let place = Place {
                file: company.organisation.to_string(),
                ..Place::default()
            };
            let message = format!("文件夹 {} 不在单位表中", company.organisation);
            company
                .problems
                .push(codes::FOLDER_UNKNOWN.at(place, message, ""));
        }
        hand_in.files.extend(files);
        hand_in.companies.push(company);
    }
    if hand_in.files.is_empty() {
        return Err(fail(codes::NOTHING_FOUND, path, "没有可以读的账表"));
    }
    Ok(hand_in)
}

fn fail(code: &'static Code, path: &Path, message: &str) -> ImportError {
    let place = Place {
        file: path.display().to_string(),
        ..Place::default()
    };
    ImportError(Box::new(code.at(place, message, "")))
}

impl<'a> Reader<'a> {
    fn new(options: &ReadOptions<'a>) -> Result<Reader<'a>, ImportError> {
        let broken = |message: String| fail(codes::RULES_BROKEN, Path::new("规则包"), &message);
        let (profiles, words) = Profile::load(options.rules).map_err(broken)?;
        Ok(Reader {
            recogniser: Recogniser::new(profiles),
            words,
            charts: Charts::load(options.rules).map_err(broken)?,
            ids: options.ids,
            rows: AtomicU64::new(0),
            progress: options.progress,
        })
    }

    fn read_shelf(&self, shelf: &[Found]) -> Pieces {
        let organisation = shelf.first().and_then(|f| f.organisation.clone());
        let mut pieces = Pieces::new(organisation);
        for found in shelf {
            let place = Place {
                file: found.shown.clone(),
                ..Place::default()
            };
            if !bytes::is_table_file(&found.shown) {
                pieces
                    .problems
                    .push(codes::FILE_SKIPPED.at(place, "文件不是表格,没有读取", ""));
                continue;
            }
            let sheets = std::fs::read(&found.path)
                .map_err(|e| codes::PATH_UNREADABLE.at(place, format!("读不了这个文件:{e}"), ""))
                .and_then(|content| {
                    bytes::sheets(&found.shown, &content, &|t| self.recogniser.familiar(t))
                });
            match sheets {
                Ok(sheets) => {
                    for sheet in &sheets {
                        Shelf {
                            reader: self,
                            pieces: &mut pieces,
                        }
                        .add(sheet);
                        self.count(sheet.grid.len() as u64);
                    }
                }
                Err(problem) => pieces.damaged(&found.shown, problem),
            }
        }
        pieces
    }

    fn count(&self, rows: u64) {
        let total = self.rows.fetch_add(rows, Ordering::Relaxed) + rows;
        if let Some(progress) = self.progress {
            progress(total);
        }
    }
}

/// Street-level files first, then one shelf per company in the order of their codes.
fn shelves(files: Vec<Found>) -> (Vec<Found>, Vec<Vec<Found>>) {
    let mut street = Vec::new();
    let mut companies: std::collections::BTreeMap<Text, Vec<Found>> = Default::default();
    for file in files {
        match &file.organisation {
            None => street.push(file),
            Some(code) => companies.entry(code.clone()).or_default().push(file),
        }
    }
    (street, companies.into_values().collect())
}

fn take_street(hand_in: &mut HandIn, mut pieces: Pieces) {
    for table in pieces.registers.drain(..) {
        let place = Place {
            file: table.file.to_string(),
            sheet: table.sheet.as_deref().map(str::to_owned),
            ..Place::default()
        };
        let message = format!("{}是公司一级的表", table.table.file);
        pieces
            .problems
            .push(codes::WRONG_LEVEL.at(place.clone(), message, ""));
        // Its rows were not taken after all.
        for file in pieces
            .files
            .iter_mut()
            .filter(|f| f.place.file == place.file && f.place.sheet == place.sheet)
        {
            file.refused += file.taken;
            file.taken = 0;
        }
    }
    let mut journals: Vec<usize> = pieces.runs.iter().map(|r| r.file).collect();
    journals.dedup();
    for file in journals {
        let place = pieces.files[file].place.clone();
        let message = "这是一家公司的凭证,却没有指明是哪个单位";
        pieces
            .problems
            .push(codes::ORGANISATION_MISSING.at(place, message, ""));
        pieces.files[file].refused += pieces
            .runs
            .iter()
            .filter(|r| r.file == file)
            .map(|r| r.voucher.entries.len() as u32)
            .sum::<u32>();
    }
    hand_in.street.append(&mut pieces.street);
    hand_in.files.append(&mut pieces.files);
    hand_in.problems.append(&mut pieces.problems);
}

/// Code → standard, of the 单位 rows; the span that begins last counts.
fn organisations(street: &[RegisterTable]) -> HashMap<String, Standard> {
    let mut found: HashMap<String, (Option<chrono::NaiveDate>, Standard)> = HashMap::new();
    for table in street.iter().filter(|t| t.table.name == "organisation") {
        let value = |row: &crate::model::RegisterRow, column: &str| {
            table
                .table
                .position(column)
                .and_then(|i| row.values.get(i).cloned())
                .unwrap_or(Value::Null)
        };
        for row in &table.rows {
            let (code, standard, from) = (
                value(row, "code"),
                value(row, "standard"),
                value(row, "valid_from").date(),
            );
            let (Some(code), Some(standard)) =
                (code.text(), standard.text().and_then(Standard::from_code))
            else {
                continue;
            };
            match found.get(code) {
                Some((known, _)) if *known > from => {}
                _ => {
                    found.insert(code.to_owned(), (from, standard));
                }
            }
        }
    }
    found
        .into_iter()
        .map(|(code, (_, standard))| (code, standard))
        .collect()
}

/// All files of a hand-in, sorted by path.
fn find(path: &Path, org: Option<&str>) -> Result<Vec<Found>, ImportError> {
    let unreadable = |e: std::io::Error| fail(codes::PATH_UNREADABLE, path, &format!("打不开:{e}"));
    let organisation = org.map(Text::from);
    let meta = std::fs::metadata(path).map_err(unreadable)?;
    if meta.is_file() {
        let shown = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !bytes::is_table_file(&shown) {
            return Err(fail(codes::NOTHING_FOUND, path, "这个文件不是表格"));
        }
        return Ok(vec![Found {
            path: path.to_owned(),
            shown,
            organisation,
        }]);
    }
    let (mut own, folders) = list(path).map_err(unreadable)?;
    let mut files = Vec::new();
    let is_street = !folders.is_empty() && org.is_none();
    let whole = organisation.or_else(|| (!is_street).then(|| folder_name(path)));
    own.sort();
    for file in own {
        files.push(Found {
            shown: name_of(&file),
            path: file,
            organisation: whole.clone(),
        });
    }
    for folder in folders {
        let code = whole.clone().unwrap_or_else(|| folder_name(&folder));
        let prefix = name_of(&folder);
        collect(&folder, &prefix, &code, 0, &mut files).map_err(unreadable)?;
    }
    if files.is_empty() {
        return Err(fail(codes::NOTHING_FOUND, path, "文件夹是空的"));
    }
    Ok(files)
}

/// Deepest nesting of folders inside a company's folder that is followed.
const DEPTH: u32 = 8;

fn collect(
    folder: &Path,
    prefix: &str,
    code: &Text,
    depth: u32,
    files: &mut Vec<Found>,
) -> std::io::Result<()> {
    let (mut own, mut folders) = list(folder)?;
    own.sort();
    folders.sort();
    for file in own {
        let shown = format!("{prefix}/{}", name_of(&file));
        files.push(Found {
            path: file,
            shown,
            organisation: Some(code.clone()),
        });
    }
    for inner in folders.iter().filter(|_| depth < DEPTH) {
        collect(
            inner,
            &format!("{prefix}/{}", name_of(inner)),
            code,
            depth + 1,
            files,
        )?;
    }
    Ok(())
}

/// Files and folders in a folder; hidden ones and a spreadsheet's lock files (`~$…`) are left out.
fn list(folder: &Path) -> std::io::Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for item in std::fs::read_dir(folder)? {
        let path = item?.path();
        let name = name_of(&path);
        if name.starts_with('.') || name.starts_with("~$") {
            continue;
        }
        if path.is_dir() {
            folders.push(path)
        } else {
            files.push(path)
        }
    }
    folders.sort();
    Ok((files, folders))
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// A company's folder is named by its code.
fn folder_name(path: &Path) -> Text {
    let full = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    name_of(&full).as_str().into()
}
