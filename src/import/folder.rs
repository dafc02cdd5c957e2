//! What lies where in a hand-in: a street folder with a folder per company, one company's folder, or one file.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::model::{Level, Place, Problems, Standard, Text, Value};

use super::book::assemble;
use super::books::{self, Owners};
use super::bytes::is_table_file;
use super::files::{self, Listed, Pieces};
use super::handin::{CompanyHandIn, FileAccount, HandIn, RegisterTable};
use super::standard::{Span, Stated};
use super::{Context, ImportError, Progress, codes};

/// A hand-in as it is found; its companies may be in the hands of a writer at the same time.
pub struct Found {
    pub label: String,
    pub street: Vec<RegisterTable>,
    pub companies: Vec<Arc<CompanyHandIn>>,
    pub files: Vec<FileAccount>,
    pub problems: Problems,
}

impl Found {
    /// `None`: somebody still has a company in hand.
    pub fn hand_in(self) -> Option<HandIn> {
        let companies = self.companies.into_iter().map(Arc::into_inner);
        Some(HandIn {
            label: self.label,
            street: self.street,
            companies: companies.collect::<Option<_>>()?,
            files: self.files,
            problems: self.problems,
        })
    }
}

/// Deepest folder that is looked into, so that a circle of links ends.
const MAX_DEPTH: usize = 8;

/// Reads whatever is at `path`.
pub fn read(path: &Path, context: &Context<'_>) -> Result<Found, ImportError> {
    let at = |source| ImportError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let label = path.file_name().map(|n| n.to_string_lossy().into_owned());
    let label = label.unwrap_or_else(|| path.display().to_string());
    if fs::metadata(path).map_err(at)?.is_file() {
        let file = Listed {
            name: label.clone(),
            path: path.to_owned(),
        };
        let pieces = files::read(&[file], None, context);
        return one_company(path, label, pieces, context);
    }
    let (files, folders) = list(path).map_err(at)?;
    let mut companies = Vec::new();
    if context.org.is_none() {
        for folder in folders {
            let name = folder
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let inside = walk(&folder, &format!("{name}/"), 1).map_err(at)?;
            if inside.iter().any(|f| is_table_file(&f.name)) {
                companies.push((name, inside));
            }
        }
    }
    if !companies.is_empty() {
        let top = files::read(&files, None, context);
        return Ok(street(label, top, companies, context));
    }
    let files = walk(path, "", 0).map_err(at)?;
    if !files.iter().any(|f| is_table_file(&f.name)) {
        return Err(ImportError::NothingFound(path.to_owned()));
    }
    let pieces = files::read(&files, None, context);
    one_company(path, label, pieces, context)
}

/// Files and folders directly in a folder, sorted. Hidden files and lock files of office programs are not seen.
fn list(folder: &Path) -> std::io::Result<(Vec<Listed>, Vec<PathBuf>)> {
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for item in fs::read_dir(folder)? {
        let path = item?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.starts_with('.') || name.starts_with("~$") {
            continue;
        }
        if path.is_dir() {
            folders.push(path);
        } else {
            files.push(Listed { name, path });
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    folders.sort();
    Ok((files, folders))
}

/// All files below a folder, names prefixed.
fn walk(folder: &Path, prefix: &str, depth: usize) -> std::io::Result<Vec<Listed>> {
    let (files, folders) = list(folder)?;
    let mut out: Vec<Listed> = files
        .into_iter()
        .map(|f| Listed {
            name: format!("{prefix}{}", f.name),
            path: f.path,
        })
        .collect();
    if depth < MAX_DEPTH {
        for folder in folders {
            let name = folder
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            out.extend(walk(&folder, &format!("{prefix}{name}/"), depth + 1)?);
        }
    }
    Ok(out)
}

/// A single file or a flat folder: one company, perhaps with street-level tables beside its own.
fn one_company(
    path: &Path,
    label: String,
    mut pieces: Pieces,
    context: &Context<'_>,
) -> Result<Found, ImportError> {
    let street: Vec<&RegisterTable> = street_tables(&pieces);
    let standards = standards(&street);
    let listed = codes_of(&street);
    let owners = Owners::of(&street, context.known);
    let books = books::names(&pieces.runs);
    let of_several = books.len() > 1 && context.org.is_none();
    let owned: HashSet<&Text> = books.iter().filter_map(|b| owners.owner(b)).collect();
    let several_known = listed.len() > 1 || owned.len() > 1;
    // A company's folder holds its own books; a folder without a name to go by may hold those of a street.
    if of_several && (several_known || fs::metadata(path).is_ok_and(|m| m.is_file())) {
        return Ok(self::street(label, pieces, Vec::new(), context));
    }
    let company_level = pieces
        .registers
        .iter()
        .any(|(_, t)| t.table.level == Level::Company);
    if !company_level && pieces.runs.is_empty() && !street.is_empty() {
        return Ok(Found {
            label,
            street: pieces.registers.into_iter().map(|(_, t)| t).collect(),
            companies: Vec::new(),
            files: pieces.accounts,
            problems: pieces.problems,
        });
    }
    let only_listed = match listed.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    };
    let folder = fs::canonicalize(path)
        .ok()
        .filter(|p| p.is_dir())
        .and_then(|p| p.file_name().map(|n| n.to_string_lossy().into_owned()));
    let organisation: Text = match (&context.org, only_listed, folder) {
        (Some(org), _, _) => org.as_str().into(),
        (None, Some(one), _) => one,
        (None, None, Some(folder)) => folder.into(),
        (None, None, None) => return Err(ImportError::OrganisationMissing(path.to_owned())),
    };
    books::own(&mut pieces, &organisation, &owners);
    for account in &mut pieces.accounts {
        account.organisation = Some(organisation.clone());
    }
    let stated = context.stated(&organisation, &standards);
    let place = Place {
        file: label.clone(),
        ..Place::default()
    };
    let done = assemble(organisation.clone(), pieces, &stated, place, context);
    context.progress(|p: &dyn Progress| p.company(&organisation));
    Ok(Found {
        label,
        street: done.street,
        companies: vec![context.ready(done.company)],
        files: done.files,
        problems: Vec::new(),
    })
}

/// What lies at street level, and the companies' folders with their names.
fn street(
    label: String,
    mut top: Pieces,
    folders: Vec<(String, Vec<Listed>)>,
    context: &Context<'_>,
) -> Found {
    let owners = Owners::of(&street_tables(&top), context.known);
    let mut dealt = books::deal(&mut top, &owners);
    misplaced(&mut top);
    let tables = street_tables(&top);
    let (standards, listed) = (standards(&tables), codes_of(&tables));
    let listed: HashSet<Text> = listed.into_iter().collect();
    let mut companies: Vec<(String, Vec<Listed>, Pieces)> = folders
        .into_iter()
        .map(|(name, files)| {
            let books = dealt.remove(&*name).unwrap_or_default();
            (name, files, books)
        })
        .collect();
    companies.extend(
        dealt
            .into_iter()
            .map(|(name, books)| (name.to_string(), Vec::new(), books)),
    );
    let done: Vec<_> = companies
        .into_par_iter()
        .map(|(name, files, books)| {
            let organisation: Text = name.as_str().into();
            let mut pieces = files::read(&files, Some(&organisation), context);
            books::own(&mut pieces, &organisation, &owners);
            pieces.append(books);
            let place = Place {
                file: name.clone(),
                ..Place::default()
            };
            let known =
                listed.contains(&organisation) || context.known.standards.contains_key(&name);
            if !listed.is_empty() && !known {
                let message = "单位表里没有这个单位编码";
                pieces
                    .problems
                    .push(codes::FOLDER_UNKNOWN.at(place.clone(), message, &name));
            }
            let stated = context.stated(&organisation, &standards);
            let done = assemble(organisation, pieces, &stated, place, context);
            context.progress(|p: &dyn Progress| p.company(&name));
            (context.ready(done.company), done.street, done.files)
        })
        .collect();
    let mut found = Found {
        label,
        street: top.registers.into_iter().map(|(_, t)| t).collect(),
        companies: Vec::with_capacity(done.len()),
        files: top.accounts,
        problems: top.problems,
    };
    for (company, street, files) in done {
        found.companies.push(company);
        found.street.extend(street);
        found.files.extend(files);
    }
    found
}

/// Company tables at street level have no owner: they are refused.
fn misplaced(top: &mut Pieces) {
    let mut owned: Vec<usize> = top.runs.iter().map(|r| r.file).collect();
    let tables = top.registers.iter();
    owned.extend(
        tables
            .filter(|(_, t)| t.table.level == Level::Company)
            .map(|(f, _)| *f),
    );
    owned.sort_unstable();
    owned.dedup();
    for file in owned {
        let account = &mut top.accounts[file];
        let aside = u32::try_from(account.set_aside.len()).unwrap_or(0);
        account.taken = 0;
        account.refused = account.rows - account.heads - aside;
        let message = format!("「{}」是公司的表,这里不知道属于哪个单位", account.layout);
        let place = account.place.clone();
        top.problems.push(codes::WRONG_LEVEL.at(place, message, ""));
    }
    top.registers
        .retain(|(_, t)| t.table.level == Level::Street);
    top.runs.clear();
}

impl Context<'_> {
    /// What 单位 says of an organisation's standard, or else the store.
    fn stated(&self, organisation: &Text, standards: &HashMap<Text, Vec<Span>>) -> Stated {
        Stated {
            spans: standards.get(organisation).cloned().unwrap_or_default(),
            known: self
                .known
                .standards
                .get(&**organisation)
                .cloned()
                .unwrap_or_default(),
        }
    }
}

fn street_tables(pieces: &Pieces) -> Vec<&RegisterTable> {
    let tables = pieces.registers.iter().map(|(_, t)| t);
    tables.filter(|t| t.table.level == Level::Street).collect()
}

fn organisations<'t>(tables: &[&'t RegisterTable]) -> Vec<(&'t RegisterTable, &'t [Value])> {
    let tables = tables.iter().filter(|t| t.table.name == "organisation");
    tables
        .flat_map(|t| t.rows.iter().map(|r| (*t, r.values.as_slice())))
        .collect()
}

/// The codes of 单位 in order, each once.
fn codes_of(tables: &[&RegisterTable]) -> Vec<Text> {
    let mut out: Vec<Text> = Vec::new();
    for (table, values) in organisations(tables) {
        let code = table.table.position("code").and_then(|i| values[i].text());
        let code = code.map(Text::from).filter(|c| !out.contains(c));
        out.extend(code);
    }
    out
}

/// Each organisation's standards by 单位, each with the day from which it holds, in order.
fn standards(tables: &[&RegisterTable]) -> HashMap<Text, Vec<Span>> {
    let mut spans: HashMap<Text, Vec<Span>> = HashMap::new();
    for (table, values) in organisations(tables) {
        let value = |name: &str| table.table.position(name).map(|i| &values[i]);
        let code = value("code").and_then(Value::text);
        let standard = value("standard")
            .and_then(Value::text)
            .and_then(Standard::from_code);
        let from = value("valid_from").and_then(Value::date);
        if let (Some(code), Some(standard)) = (code, standard) {
            spans.entry(code.into()).or_default().push((from, standard));
        }
    }
    for spans in spans.values_mut() {
        // A span without a day comes first; of equal ones the last row counts.
        spans.sort_by_key(|(from, _)| *from);
    }
    spans
}
