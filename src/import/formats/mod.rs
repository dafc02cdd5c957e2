//! Formats that are no tables: the data interfaces GB/T 24589.1 and GB/T 19581, SAF-T, dBase. Each becomes sheets with our
//! own headers, which are then read and checked like any other. A format is told by its content, never by the file's name.

pub mod balance;
pub mod build;
pub mod collect;
pub mod dbf;
pub mod json;
pub mod manifest;
pub mod profile;
pub mod stream;
pub mod textset;
pub mod xml;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;

use crate::model::{Problem, Text};
use crate::pack::Pack;

use self::build::{Archives, Builder, Built, Extracted, Origin};
use self::collect::Collector;
use self::profile::{FormatContainer, FormatProfile};
use self::stream::TextFile;
use super::bytes::{self, Kind};
use super::codes;
use super::files::Listed;
use super::guard::guarded;
use super::handin::SetAside;
use super::identifier::IdHasher;
use super::refusal::Refusal;
use super::table::{Container, Sheet};
use super::text::Undecodable;

/// How much of a file is looked at to tell its format, in bytes.
const BEGINNING: usize = 1 << 16;

/// The data interfaces that are known.
#[derive(Debug)]
pub struct Formats {
    profiles: Vec<FormatProfile>,
}

/// What a file holds at the outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outside {
    Xml,
    Json,
}

impl Outside {
    fn label(self) -> &'static str {
        match self {
            Outside::Xml => "XML",
            Outside::Json => "JSON",
        }
    }

    /// Name of format and encoding, for people.
    fn encoding(self, text: &TextFile) -> &'static str {
        match (self, text.encoding()) {
            (Outside::Xml, "GB18030") => "XML GB18030",
            (Outside::Xml, "UTF-16") => "XML UTF-16",
            (Outside::Xml, _) => "XML UTF-8",
            (Outside::Json, "GB18030") => "JSON GB18030",
            (Outside::Json, "UTF-16") => "JSON UTF-16",
            (Outside::Json, _) => "JSON UTF-8",
        }
    }

    fn read(self, text: &TextFile, collector: &mut Collector<'_, '_>) -> Result<(), Refusal> {
        match self {
            Outside::Xml => xml::read(text, collector),
            Outside::Json => json::read(text, collector),
        }
    }
}

impl Formats {
    /// The error is for people.
    pub fn load(pack: &Pack) -> Result<Formats, String> {
        let profiles = FormatProfile::load(pack)?;
        Ok(Formats { profiles })
    }

    /// Reads a file in XML or JSON, piece by piece; also its digest. `None`: it is neither.
    pub fn read_tree(
        &self,
        file: &Listed,
        archives: &Archives,
        ids: &IdHasher,
    ) -> Option<(Text, Result<Built, Box<Problem>>)> {
        let beginning = first_bytes(file)?;
        if dbf::is_dbf(&beginning) {
            return None;
        }
        let outside = self.outside(&beginning)?;
        // A file that cannot be read is told of by those who read it whole.
        let survey = stream::survey(&file.path, &|text| self.familiar(text)).ok()?;
        let read = survey.text.map_err(undecodable).and_then(|text| {
            let origin = Origin {
                file: file.name.as_str().into(),
                encoding: outside.encoding(&text),
                digest: survey.digest.clone(),
            };
            let beginning = text.beginning(BEGINNING).unwrap_or_default();
            if outside == Outside::Json && json::first_key(&beginning) == Some(manifest::KEY) {
                return manifest::read(&beginning, origin, ids);
            }
            let Some(profile) = self.profile(&beginning, outside) else {
                let message = format!("是 {},但不是认识的数据接口", outside.label());
                return Err(Refusal::new(codes::FILE_SKIPPED, message));
            };
            let builder = Builder::new(profile, origin, archives.clone());
            let built = collected(profile, builder, |c| outside.read(&text, c));
            built.map(|(builder, unread)| builder.finish(&unread))
        });
        let read = read.map_err(|refusal| Box::new(refusal.of(&file.name)));
        Some((survey.digest, read))
    }

    /// Reads a file in dBase. It is none: its bytes are given back.
    pub fn read(
        &self,
        file: &str,
        bytes: Vec<u8>,
        digest: &Text,
    ) -> Result<Result<Built, Box<Problem>>, Vec<u8>> {
        if !dbf::is_dbf(&bytes) {
            return Err(bytes);
        }
        let read = guarded(|| dbf::read(&bytes));
        let built = read.map(|table| of_dbf(table, file.into(), digest.clone()));
        Ok(built.map_err(|refusal: Refusal| Box::new(refusal.of(file))))
    }

    /// XML or JSON by the first character. Web pages and workbooks in XML are none, but `<Header>` makes no web page.
    fn outside(&self, bytes: &[u8]) -> Option<Outside> {
        let noise = |b: &&u8| {
            !matches!(b, 0 | 0xef | 0xbb | 0xbf | 0xfe | 0xff) && !b.is_ascii_whitespace()
        };
        let first = bytes.iter().take(512).find(noise)?;
        let roots = self.profiles.iter().flat_map(|p| &p.roots);
        match (first, bytes::kind(bytes)) {
            (b'{' | b'[', _) => Some(Outside::Json),
            (b'<', Kind::Text) => Some(Outside::Xml),
            (b'<', Kind::Html) => {
                let beginning = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]);
                let known = roots.into_iter().any(|root| is_root(&beginning, root));
                known.then_some(Outside::Xml)
            }
            _ => None,
        }
    }

    /// Whether a text begins like a data interface.
    fn familiar(&self, text: &str) -> bool {
        self.profiles.iter().any(|p| score(p, text) > 0)
    }

    /// The profile with the best score; the first of equals.
    fn profile(&self, text: &str, outside: Outside) -> Option<&FormatProfile> {
        let container = match outside {
            Outside::Xml => FormatContainer::Xml,
            Outside::Json => FormatContainer::Json,
        };
        let beginning = beginning(text);
        let fitting = self.profiles.iter().filter(|p| p.takes(container));
        let scored = fitting.map(|p| (score(p, beginning), p));
        let mut best: Option<(usize, &FormatProfile)> = None;
        for (score, profile) in scored.filter(|(score, _)| *score > 0) {
            if best.is_none_or(|(s, _)| score > s) {
                best = Some((score, profile));
            }
        }
        best.map(|(_, profile)| profile)
    }

    /// A part of a set of text files.
    pub fn text_set(
        &self,
        sheet: &Sheet,
        archives: &Archives,
    ) -> Option<Result<Built, Box<Problem>>> {
        let part = textset::recognise(&self.profiles, sheet)?;
        let read = part.read(sheet, archives.clone());
        Some(read.map_err(|refusal| Box::new(refusal.of(&sheet.file))))
    }

    /// Whether a sheet is a part of a set of text files.
    pub fn is_text_set(&self, sheet: &Sheet) -> bool {
        textset::recognise(&self.profiles, sheet).is_some()
    }

    /// Whether a file is text by its beginning, and no data interface.
    pub fn is_plain(&self, file: &Listed) -> bool {
        let text = |bytes: &[u8]| bytes::kind(bytes) == Kind::Text && !dbf::is_dbf(bytes);
        first_bytes(file).is_some_and(|b| text(&b) && self.outside(&b).is_none())
    }

    /// What files explain to each other, read before all of them: names of codes, the year of balances.
    pub fn archives(&self, files: &[Listed], familiar: &dyn Fn(&str) -> bool) -> Archives {
        let mut archives = Archives::default();
        for file in files {
            let Some(beginning) = first_bytes(file) else {
                continue;
            };
            archives = match self.outside(&beginning) {
                Some(outside) => self.of_tree(file, outside, archives),
                None => self.of_text(file, &beginning, familiar, archives),
            };
        }
        archives
    }

    /// A damaged file is told of when it is read itself.
    fn of_tree(&self, file: &Listed, outside: Outside, archives: Archives) -> Archives {
        let explains = |text: &str| {
            let profile = self.profile(text, outside);
            profile.filter(|p| p.archive_roots.iter().any(|r| is_root(text, r)))
        };
        let survey = stream::survey(&file.path, &|text| self.familiar(text)).ok();
        let Some(text) = survey.and_then(|s| s.text.ok()) else {
            return archives;
        };
        let beginning = text.beginning(BEGINNING).unwrap_or_default();
        let Some(profile) = explains(&beginning) else {
            return archives;
        };
        let builder = explaining(profile, file, outside.encoding(&text), archives.clone());
        let read = collected(profile, builder, |c| outside.read(&text, c));
        read.map_or(archives, |(builder, _)| builder.archives)
    }

    /// Text files of a set; whole files are read only where the beginning is of one.
    fn of_text(
        &self,
        file: &Listed,
        beginning: &[u8],
        familiar: &dyn Fn(&str) -> bool,
        mut archives: Archives,
    ) -> Archives {
        let plain = bytes::kind(beginning) == Kind::Text && !dbf::is_dbf(beginning);
        let whole_lines = match beginning.iter().rposition(|b| *b == b'\n') {
            Some(end) => &beginning[..=end],
            None => beginning,
        };
        let sheet = |bytes: &[u8]| {
            let sheets = bytes::sheets(&file.name, bytes.to_vec(), Text::default(), familiar);
            sheets.ok().and_then(|mut s| s.pop())
        };
        let Some(first) = plain.then(|| sheet(whole_lines)).flatten() else {
            return archives;
        };
        let Some(part) = textset::recognise(&self.profiles, &first) else {
            return archives;
        };
        if part.has_vouchers() {
            archives.year = archives.year.or(part.year(&first));
        }
        if part.explains()
            && let Some(whole) = fs::read(&file.path).ok().and_then(|b| sheet(&b))
        {
            archives = part.explain(&whole, archives);
        }
        archives
    }
}

/// A dBase file is a table already: only what is marked as deleted is not.
fn of_dbf(table: dbf::Table, file: Text, digest: Text) -> Built {
    let deleted = table.deleted.into_iter().map(|row| SetAside {
        row,
        kind: "已删除".to_owned(),
        text: String::new(),
    });
    let extracted = Extracted {
        aside: deleted.collect(),
        sheet: Sheet {
            file,
            sheet: None,
            container: Container::Text,
            encoding: table.encoding,
            digest,
            grid: table.grid,
            merged: Vec::new(),
        },
        layout: String::new(),
        explaining: 0,
    };
    Built {
        tables: vec![extracted],
        problems: Vec::new(),
    }
}

/// A builder for a file that is read for what it explains only.
fn explaining<'p>(
    profile: &'p FormatProfile,
    file: &Listed,
    encoding: &'static str,
    archives: Archives,
) -> Builder<'p> {
    let origin = Origin {
        file: file.name.as_str().into(),
        encoding,
        digest: Text::default(),
    };
    Builder::new(profile, origin, archives)
}

fn undecodable(bad: Undecodable) -> Refusal {
    let message = "既不是 UTF-8 也不是 GBK/GB18030";
    let mut refusal = Refusal::new(codes::ENCODING_UNKNOWN, message);
    refusal.row = u32::try_from(bad.line).ok();
    refusal
}

/// Runs a document through a builder; also what belongs to no table.
fn collected<'p>(
    profile: &'p FormatProfile,
    mut builder: Builder<'p>,
    feed: impl FnOnce(&mut Collector<'p, '_>) -> Result<(), Refusal>,
) -> Result<(Builder<'p>, BTreeMap<String, u32>), Refusal> {
    let mut collector = Collector::new(profile, &mut builder);
    feed(&mut collector)?;
    let unread = std::mem::take(&mut collector.unread);
    Ok((builder, unread))
}

/// How much in the beginning speaks for a profile.
fn score(profile: &FormatProfile, text: &str) -> usize {
    let text = beginning(text);
    let roots = profile.roots.iter().chain(&profile.archive_roots);
    let roots = roots.filter(|r| is_root(text, r)).count();
    let marks = profile.marks.iter().filter(|m| text.contains(m.as_str()));
    3 * roots + marks.count()
}

/// Whether an element or member of this name begins before any other of the profile could end.
fn is_root(text: &str, name: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('{') {
        return json::first_key(text) == Some(name);
    }
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if rest.starts_with(['?', '!']) {
            continue;
        }
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'));
        let full = &rest[..end.unwrap_or(rest.len())];
        return full.rsplit(':').next() == Some(name);
    }
    false
}

fn beginning(text: &str) -> &str {
    let mut end = text.len().min(BEGINNING);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn first_bytes(file: &Listed) -> Option<Vec<u8>> {
    if !bytes::is_table_file(&file.name) {
        return None;
    }
    let mut out = Vec::new();
    let limit = BEGINNING as u64;
    File::open(&file.path)
        .ok()?
        .take(limit)
        .read_to_end(&mut out)
        .ok()?;
    if out.len() == BEGINNING {
        // None of these is the second byte of a Chinese character, so none is cut in two.
        let end = out.iter().rposition(|b| matches!(b, b'\n' | b'>' | b','));
        out.truncate(end.map_or(0, |end| end + 1));
    }
    Some(out)
}
