//! What the elements of data interfaces are called: `ledger_rules/profiles/formats/*.toml`. Readers and writers follow the
//! same lists, so that a name that turns out to be another is corrected in one place, without compiling.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use foldhash::HashMap;
use serde::Deserialize;

use crate::pack::Pack;

/// Where the profiles of this kind lie in the rule pack.
pub const FOLDER: &str = "profiles/formats/";

/// One data interface.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormatProfile {
    /// File name without its ending.
    pub id: String,
    /// Shown to people: `GB/T 24589.1-2010 会计核算软件数据接口`.
    pub title: String,
    /// Containers it comes in.
    pub containers: Vec<FormatContainer>,
    /// Names of the outermost element.
    #[serde(default)]
    pub roots: Vec<String>,
    /// Names that speak for it when they stand in the beginning of a file.
    #[serde(default)]
    pub marks: Vec<String>,
    /// Outermost elements of files that only explain codes; they are looked into before all others.
    #[serde(default)]
    pub archive_roots: Vec<String>,
    /// Elements that are one record of the table around them.
    #[serde(default)]
    pub wrappers: Vec<String>,
    /// Elements whose own fields hold for every record inside them, as `element/field`.
    #[serde(default)]
    pub context: Vec<String>,
    /// Two fields of a group that are an auxiliary item: what it is, and which.
    #[serde(default)]
    pub pair: Option<[String; 2]>,
    #[serde(default)]
    pub debit_words: Vec<String>,
    #[serde(default)]
    pub credit_words: Vec<String>,
    #[serde(default)]
    pub void_words: Vec<String>,
    /// Column of the vouchers → words in the name or archive of an auxiliary item that belongs there.
    #[serde(default)]
    pub aux_kinds: BTreeMap<String, Vec<String>>,
    #[serde(rename = "section")]
    pub sections: Vec<Section>,
}

/// What a file of a data interface is at the outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FormatContainer {
    Xml,
    Json,
    /// Rows of fields without a header, one file a table.
    Text,
}

/// One table of a data interface.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    pub kind: Kind,
    /// Elements that hold one record, or all records of the table; for text the names of the file.
    pub elements: Vec<String>,
    /// Field → names of the element or its `locID`, best first. One `*` stands for a number.
    pub fields: BTreeMap<String, Vec<String>>,
    /// Known fields that are not kept.
    #[serde(default)]
    pub ignored: Vec<String>,
    /// The columns of a text file, in order.
    #[serde(default)]
    pub columns: Vec<String>,
    /// `locID` by field, for those who write.
    #[serde(default)]
    pub ids: BTreeMap<String, String>,
}

/// What a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The book as such: whose it is, which year.
    Book,
    Account,
    /// Which auxiliary items an account has.
    Aux,
    /// Codes and names of voucher words.
    Word,
    /// Codes and names of customers, suppliers, persons.
    Party,
    /// Codes and names of anything else that auxiliary items name.
    Item,
    Balance,
    /// One record per entry; a record without account and amounts is a head whose entries stand apart.
    Voucher,
    /// Control totals over all entries.
    Totals,
}

impl Kind {
    /// Fields that a section of this kind may name.
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Kind::Book => &["name", "code", "year", "end_year", "end_month"],
            Kind::Account => &[
                "code",
                "name",
                "side",
                "parent",
                "level",
                "category",
                "opening_debit",
                "opening_credit",
                "closing_debit",
                "closing_credit",
            ],
            Kind::Aux => &["account", "index", "name", "archive"],
            Kind::Word | Kind::Party | Kind::Item => &["code", "name"],
            Kind::Balance => &[
                "year",
                "month",
                "account",
                "aux",
                "currency",
                "opening_side",
                "opening",
                "debit",
                "credit",
                "closing_side",
                "closing",
            ],
            Kind::Voucher => &[
                "date",
                "year",
                "month",
                "word",
                "number",
                "line",
                "summary",
                "account",
                "account_name",
                "debit",
                "credit",
                "counterparty",
                "contract_no",
                "asset_no",
                "project",
                "fund",
                "invoice_no",
                "receipt_no",
                "bank_txn_no",
                "settlement",
                "attachments",
                "maker",
                "checker",
                "poster",
                "cashier",
                "entered_at",
                "reverses",
                "source",
                "void",
                "aux",
                "currency",
                "posted",
            ],
            Kind::Totals => &["entries", "debit", "credit"],
        }
    }

    const ALL: [Kind; 9] = [
        Kind::Book,
        Kind::Account,
        Kind::Aux,
        Kind::Word,
        Kind::Party,
        Kind::Item,
        Kind::Balance,
        Kind::Voucher,
        Kind::Totals,
    ];

    /// Where a field stands in [`Kind::fields`].
    pub fn field(self, name: &str) -> Option<usize> {
        POSITIONS.get(self as usize)?.get(name).copied()
    }
}

/// Where each field of each kind stands: asked for several times a record.
static POSITIONS: LazyLock<[HashMap<&str, usize>; Kind::ALL.len()]> = LazyLock::new(|| {
    Kind::ALL.map(|kind| {
        let fields = kind.fields().iter().enumerate();
        fields.map(|(at, name)| (*name, at)).collect()
    })
});

impl FormatProfile {
    /// All profiles of a pack. The error is for people.
    pub fn load(pack: &Pack) -> Result<Vec<FormatProfile>, String> {
        let mut profiles = Vec::new();
        for path in pack.files(FOLDER) {
            if !path.ends_with(".toml") {
                continue;
            }
            let text = pack.text(&path).ok_or(format!("{path} 不是 UTF-8"))?;
            let profile: FormatProfile =
                toml::from_str(&text).map_err(|e| format!("{path}:{e}"))?;
            profile.check().map_err(|e| format!("{path}:{e}"))?;
            profiles.push(profile);
        }
        Ok(profiles)
    }

    /// The profile of this name.
    pub fn named(pack: &Pack, id: &str) -> Result<FormatProfile, String> {
        let all = FormatProfile::load(pack)?;
        let found = all.into_iter().find(|p| p.id == id);
        found.ok_or(format!("缺少 {FOLDER}{id}.toml"))
    }

    fn check(&self) -> Result<(), String> {
        for section in &self.sections {
            for name in section.fields.keys().chain(section.ids.keys()) {
                if section.kind.field(name).is_none() {
                    return Err(format!("{:?} 没有名为 {name} 的字段", section.kind));
                }
            }
            if section.elements.is_empty() {
                return Err(format!("{:?} 没有元素名", section.kind));
            }
        }
        let voucher = crate::model::catalogue().table("voucher");
        let unknown = |c: &&String| voucher.is_none_or(|t| t.column(c).is_none());
        match self.aux_kinds.keys().find(unknown) {
            Some(column) => Err(format!("凭证没有名为 {column} 的列")),
            None => Ok(()),
        }
    }

    pub fn section(&self, kind: Kind) -> Option<&Section> {
        self.sections.iter().find(|s| s.kind == kind)
    }

    pub fn takes(&self, container: FormatContainer) -> bool {
        self.containers.contains(&container)
    }

    /// `Some(true)`: debit.
    pub fn side(&self, text: &str) -> Option<bool> {
        let is_in = |words: &[String]| words.iter().any(|w| w == text);
        match (is_in(&self.debit_words), is_in(&self.credit_words)) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }

    /// The voucher column for an auxiliary item, by the longest word found in its name or archive.
    pub fn aux_column(&self, text: &str) -> Option<&str> {
        let words = self.aux_kinds.iter();
        words
            .flat_map(|(column, words)| words.iter().map(move |w| (column, w)))
            .filter(|(_, word)| text.contains(word.as_str()))
            .max_by_key(|(_, word)| word.len())
            .map(|(column, _)| column.as_str())
    }
}

impl Section {
    /// The name under which a field is written: the first of its names.
    pub fn name_of(&self, field: &str) -> Option<&str> {
        self.fields.get(field)?.first().map(String::as_str)
    }

    /// The field that a name stands for, and how good the name is (0 best); for `aux` also its number.
    pub fn find(&self, name: &str) -> Option<Found> {
        let mut best: Option<Found> = None;
        for (field, names) in &self.fields {
            let Some(index) = self.kind.field(field) else {
                continue;
            };
            for (rank, accepted) in names.iter().enumerate() {
                let number = match accepted.split_once('*') {
                    None => (accepted == name).then_some(0),
                    Some((head, tail)) => numbered(name, head, tail),
                };
                if let Some(number) = number
                    && best.is_none_or(|b| rank < b.rank)
                {
                    best = Some(Found {
                        field: index,
                        rank,
                        number,
                        is_item: field == "aux",
                    });
                }
            }
        }
        best
    }

    pub fn ignores(&self, name: &str) -> bool {
        self.ignored.iter().any(|i| match i.split_once('*') {
            None => i == name,
            Some((head, tail)) => name.starts_with(head) && name.ends_with(tail),
        })
    }
}

/// Where a name leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Index in [`Kind::fields`].
    pub field: usize,
    pub rank: usize,
    /// The number in a name with one, else 0.
    pub number: u32,
    /// It is an auxiliary item, of which a record may have several.
    pub is_item: bool,
}

fn numbered(name: &str, head: &str, tail: &str) -> Option<u32> {
    let middle = name.strip_prefix(head)?.strip_suffix(tail)?;
    let digits = (1..=3).contains(&middle.len()) && middle.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| middle.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_where_their_kind_says() {
        for kind in Kind::ALL {
            for (at, name) in kind.fields().iter().enumerate() {
                assert_eq!(kind.field(name), Some(at), "{kind:?} {name}");
            }
            assert_eq!(kind.field("colour"), None);
        }
    }

    #[test]
    fn shipped_profiles_are_sound_and_named_by_their_file() {
        let pack = Pack::embedded();
        let profiles = FormatProfile::load(&pack).unwrap();
        assert!(profiles.len() >= 4);
        for profile in &profiles {
            let path = format!("{FOLDER}{}.toml", profile.id);
            assert!(pack.text(&path).is_some(), "{path}");
        }
    }

    #[test]
    fn names_lead_to_fields_by_rank_and_number() {
        let pack = Pack::embedded();
        let profile = FormatProfile::named(&pack, "gbt24589_2010").unwrap();
        let voucher = profile.section(Kind::Voucher).unwrap();
        let date = voucher.find("记账凭证日期").unwrap();
        assert_eq!(Kind::Voucher.fields()[date.field], "date");
        let aux = voucher.find("辅助项12编号").unwrap();
        assert_eq!((Kind::Voucher.fields()[aux.field], aux.number), ("aux", 12));
        assert_eq!(voucher.find("辅助项x编号"), None);
        assert_eq!(profile.aux_column("客户档案"), Some("counterparty"));
        assert_eq!(profile.aux_column("部门"), None);
    }
}
