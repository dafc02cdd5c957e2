//! Elements of a tree → records of tables, as they end: nothing of the tree is kept but the elements that are open.
//!
//! A record is an element named by its section, or one of the profile's wrappers inside such an element. What stands in
//! groups inside a record is a field `group/field`; what stands in an element around it holds for all records inside.

use std::collections::{BTreeMap, HashMap};

use super::profile::{FormatProfile, Found, Section};
use crate::import::codes;
use crate::import::refusal::Refusal;

/// Deepest nesting; the interfaces need six or seven.
const MAX_DEPTH: usize = 64;
/// Longest text of one field, in bytes.
const MAX_TEXT: usize = 1 << 16;
/// Most fields of one record, those around it included.
const MAX_FIELDS: usize = 1024;
/// Most different names of fields; a damaged or hostile file may have any number.
const MAX_NAMES: usize = 20_000;

/// Takes the records.
pub trait Sink {
    /// A record of the section with this index.
    fn record(&mut self, section: usize, record: Record<'_>) -> Result<(), Refusal>;
    /// An element that holds for what is inside it has ended.
    fn context(&mut self, name: &str);
}

/// One record: values in the order of the kind's fields, and what was not known.
pub struct Record<'r> {
    values: &'r [Slot],
    texts: &'r Texts<'r>,
    /// Auxiliary items by number; 0 where they have none.
    pub aux: Vec<(u32, &'r str)>,
    /// Names of fields that nobody knows and that are not empty.
    pub unknown: Vec<&'r str>,
}

type Texts<'r> = Vec<&'r str>;

/// Which text a field has, and how good its name was.
#[derive(Clone, Copy)]
struct Slot {
    text: usize,
    rank: usize,
}

const NONE: Slot = Slot {
    text: usize::MAX,
    rank: usize::MAX,
};

impl<'r> Record<'r> {
    /// A field's text without surrounding blanks; empty if it is not there.
    pub fn get(&self, field: usize) -> &'r str {
        let slot = self.values.get(field);
        let text = slot.and_then(|slot| self.texts.get(slot.text));
        text.copied().unwrap_or("")
    }
}

/// What each column of a file without elements means.
pub fn meanings(spec: &Section) -> Vec<Meaning> {
    let of = |name: &String| (spec.find(name), spec.ignores(name));
    spec.columns.iter().map(of).collect()
}

/// Puts a record together from the cells of a row, for containers that are no trees.
pub fn with_record<'r, T>(
    spec: &'r Section,
    meanings: &[Meaning],
    cells: impl Iterator<Item = &'r str>,
    take: impl FnOnce(Record<'_>) -> T,
) -> T {
    let mut record = Assembly::default();
    let columns = spec.columns.iter().zip(meanings).zip(cells);
    for ((name, (found, ignored)), text) in columns.filter(|(_, t)| !t.is_empty()) {
        record.add(*found, *ignored, name, text);
    }
    record.give(take)
}

/// A record under way.
#[derive(Default)]
struct Assembly<'r> {
    values: Vec<Slot>,
    texts: Texts<'r>,
    aux: Vec<(u32, &'r str)>,
    unknown: Vec<&'r str>,
}

impl<'r> Assembly<'r> {
    fn add(&mut self, found: Option<Found>, ignored: bool, name: &'r str, text: &'r str) {
        match found {
            Some(found) if found.is_item => self.aux.push((found.number, text)),
            Some(found) => {
                if found.field >= self.values.len() {
                    self.values.resize(found.field + 1, NONE);
                }
                let slot = &mut self.values[found.field];
                if found.rank < slot.rank {
                    *slot = Slot {
                        text: self.texts.len(),
                        rank: found.rank,
                    };
                    self.texts.push(text);
                }
            }
            None if !ignored => self.unknown.push(name),
            None => {}
        }
    }

    fn give<T>(self, take: impl FnOnce(Record<'_>) -> T) -> T {
        take(Record {
            values: &self.values,
            texts: &self.texts,
            aux: self.aux,
            unknown: self.unknown,
        })
    }
}

/// Fields of an open element: names by number, texts in one buffer.
#[derive(Default)]
struct Fields {
    names: Vec<u32>,
    ends: Vec<usize>,
    text: String,
}

impl Fields {
    fn clear(&mut self) {
        self.names.clear();
        self.ends.clear();
        self.text.clear();
    }

    fn push(&mut self, name: u32, text: &str) {
        self.names.push(name);
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        self.names.iter().enumerate().map(|(i, name)| {
            let start = if i == 0 { 0 } else { self.ends[i - 1] };
            (*name, &self.text[start..self.ends[i]])
        })
    }
}

/// An element that has begun and not ended.
#[derive(Default)]
struct Open {
    name: String,
    id: Option<String>,
    /// It is a record of this section, or holds records of it.
    section: Option<usize>,
    context: bool,
    /// Its own text, if it has no elements inside.
    text: String,
    fields: Fields,
    has_elements: bool,
    /// It has texts that are not kept.
    has_leaves: bool,
    has_records: bool,
}

/// What a name means to a section: the field, or whether it is known and not kept.
pub type Meaning = (Option<Found>, bool);

/// See the module.
pub struct Collector<'p, 's> {
    profile: &'p FormatProfile,
    sink: &'s mut dyn Sink,
    open: Vec<Open>,
    /// Used elements, for their buffers.
    spare: Vec<Open>,
    nested: usize,
    names: Vec<String>,
    by_name: HashMap<String, u32>,
    meanings: HashMap<(usize, u32), Meaning>,
    sections: HashMap<&'p str, usize>,
    /// Groups outside all tables: name → how many.
    pub unread: BTreeMap<String, u32>,
}

impl<'p, 's> Collector<'p, 's> {
    pub fn new(profile: &'p FormatProfile, sink: &'s mut dyn Sink) -> Collector<'p, 's> {
        let mut sections = HashMap::new();
        for (index, section) in profile.sections.iter().enumerate() {
            for element in &section.elements {
                sections.entry(element.as_str()).or_insert(index);
            }
        }
        Collector {
            profile,
            sink,
            open: Vec::new(),
            spare: Vec::new(),
            nested: 0,
            names: Vec::new(),
            by_name: HashMap::new(),
            meanings: HashMap::new(),
            sections,
            unread: BTreeMap::new(),
        }
    }

    /// Number of open elements.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// One level deeper that is no element.
    pub fn nest(&mut self) -> Result<(), Refusal> {
        self.nested += 1;
        self.check_depth()
    }

    pub fn unnest(&mut self) {
        self.nested = self.nested.saturating_sub(1);
    }

    fn check_depth(&self) -> Result<(), Refusal> {
        if self.open.len() + self.nested >= MAX_DEPTH {
            let message = format!("嵌套超过 {MAX_DEPTH} 层");
            return Err(Refusal::new(codes::MARKUP_REFUSED, message));
        }
        Ok(())
    }

    /// An element begins. `id` is its `locID`.
    pub fn start(&mut self, name: &str, id: Option<&str>) -> Result<(), Refusal> {
        self.check_depth()?;
        let mut section = self.sections.get(name).copied();
        if let Some(parent) = self.open.last_mut() {
            parent.has_elements = true;
            // A field that bears the name of a table is a field all the same.
            let wrapped = self.profile.wrappers.iter().any(|w| w == name);
            if section.is_none() && wrapped {
                section = parent.section;
            }
        }
        let mut element = self.spare.pop().unwrap_or_default();
        element.name.clear();
        element.name.push_str(name);
        element.id = id.map(str::to_owned);
        element.section = section;
        element.context = self.profile.context.iter().any(|c| c == name);
        self.open.push(element);
        Ok(())
    }

    /// Text inside the innermost element.
    pub fn text(&mut self, text: &str) -> Result<(), Refusal> {
        let Some(element) = self.open.last_mut() else {
            return Ok(());
        };
        if element.has_elements {
            return Ok(());
        }
        if element.text.len() + text.len() > MAX_TEXT {
            let message = format!("「{}」的内容超过 {} 字节", element.name, MAX_TEXT);
            return Err(Refusal::new(codes::MARKUP_REFUSED, message));
        }
        element.text.push_str(text);
        Ok(())
    }

    /// The innermost element ends.
    pub fn end(&mut self) -> Result<(), Refusal> {
        let Some(mut element) = self.open.pop() else {
            return Ok(());
        };
        let done = match (element.has_elements, element.section) {
            (false, _) => self.leaf(&element),
            (true, Some(section)) if !element.has_records && !element.fields.names.is_empty() => {
                self.record(&element, section)
            }
            (true, Some(_)) => {
                self.mark_parent();
                Ok(())
            }
            (true, None) if element.context => Ok(()),
            (true, None) => self.group(&element),
        };
        if element.context {
            self.sink.context(&element.name);
        }
        element.text.clear();
        element.fields.clear();
        element.has_elements = false;
        (element.has_leaves, element.has_records) = (false, false);
        self.spare.push(element);
        done
    }

    fn leaf(&mut self, element: &Open) -> Result<(), Refusal> {
        let text = element.text.trim();
        let in_table = self.open.iter().any(|e| e.section.is_some());
        let Some(parent) = self.open.last_mut().filter(|_| !text.is_empty()) else {
            return Ok(());
        };
        if !in_table && !parent.context {
            parent.has_leaves = true;
            return Ok(());
        }
        let section = parent.section;
        let name = match parent.context {
            true => {
                let path = format!("{}/{}", parent.name, element.name);
                self.name(&path)?
            }
            false => self.known_name(element, section)?,
        };
        self.push(name, text)
    }

    /// A field's name, or its `locID` where only that is known.
    fn known_name(&mut self, element: &Open, section: Option<usize>) -> Result<u32, Refusal> {
        let name = self.name(&element.name)?;
        let (Some(section), Some(id)) = (section, &element.id) else {
            return Ok(name);
        };
        let by_id = self.name(id)?;
        let is_known = |m: Meaning| m.0.is_some() || m.1;
        if !is_known(self.meaning(section, name)) && is_known(self.meaning(section, by_id)) {
            return Ok(by_id);
        }
        Ok(name)
    }

    fn push(&mut self, name: u32, text: &str) -> Result<(), Refusal> {
        let Some(parent) = self.open.last_mut() else {
            return Ok(());
        };
        if parent.fields.names.len() >= MAX_FIELDS {
            let message = format!("「{}」一条记录超过 {MAX_FIELDS} 个字段", parent.name);
            return Err(Refusal::new(codes::MARKUP_REFUSED, message));
        }
        parent.fields.push(name, text);
        Ok(())
    }

    /// A group that is no record: its fields go up, or are only counted.
    fn group(&mut self, element: &Open) -> Result<(), Refusal> {
        if !self.open.iter().any(|e| e.section.is_some()) {
            if element.has_leaves && self.unread.len() < MAX_NAMES {
                *self.unread.entry(element.name.clone()).or_default() += 1;
            }
            return Ok(());
        }
        if let Some(item) = self.pair(element) {
            let name = self.name(&element.name)?;
            return self.push(name, &item);
        }
        for (name, text) in element.fields.iter() {
            let inner = self.names.get(name as usize).cloned().unwrap_or_default();
            let name = self.name(&format!("{}/{inner}", element.name))?;
            self.push(name, text)?;
        }
        Ok(())
    }

    /// The auxiliary item `what:which` that a group is.
    fn pair(&self, element: &Open) -> Option<String> {
        let wanted = self.profile.pair.as_ref()?;
        let value = |wanted: &String| {
            let named = |(name, _): &(u32, &str)| self.names.get(*name as usize) == Some(wanted);
            element.fields.iter().find(named).map(|(_, text)| text)
        };
        Some(format!("{}:{}", value(&wanted[0])?, value(&wanted[1])?))
    }

    fn mark_parent(&mut self) {
        if let Some(parent) = self.open.last_mut() {
            parent.has_records = true;
        }
    }

    fn record(&mut self, element: &Open, section: usize) -> Result<(), Refusal> {
        self.mark_parent();
        let around = self.open.iter().rev();
        let around = around.filter(|e| e.context || e.section.is_some());
        let spans: Vec<&Fields> = std::iter::once(&element.fields)
            .chain(around.map(|e| &e.fields))
            .collect();
        let profile = self.profile;
        let mut record = Assembly::default();
        for (depth, fields) in spans.into_iter().enumerate() {
            for (name, text) in fields.iter() {
                let key = (section, name);
                let label = self.names[name as usize].as_str();
                let (found, ignored) = *self.meanings.entry(key).or_insert_with(|| {
                    let spec = &profile.sections[section];
                    (spec.find(label), spec.ignores(label))
                });
                // What is around belongs to others as well: it may be none of this record's business.
                record.add(found, ignored || depth > 0, label, text);
            }
        }
        let sink = &mut *self.sink;
        record.give(|record| sink.record(section, record))
    }

    fn meaning(&mut self, section: usize, name: u32) -> Meaning {
        let (profile, names) = (self.profile, &self.names);
        *self.meanings.entry((section, name)).or_insert_with(|| {
            let spec = &profile.sections[section];
            let label = names[name as usize].as_str();
            (spec.find(label), spec.ignores(label))
        })
    }

    fn name(&mut self, name: &str) -> Result<u32, Refusal> {
        if let Some(known) = self.by_name.get(name) {
            return Ok(*known);
        }
        if self.names.len() >= MAX_NAMES || name.len() > MAX_TEXT {
            let message = "不同的字段名太多,不像是账簿";
            return Err(Refusal::new(codes::MARKUP_REFUSED, message));
        }
        let number = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.by_name.insert(name.to_owned(), number);
        Ok(number)
    }
}
