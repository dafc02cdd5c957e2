//! The catalogue of the hand-in folder: which tables and columns there are, under which Chinese and English names.
//! It is read once from `ledger_rules/bundle.toml`; file reader, store, rules, generator and export all follow it.

use std::collections::HashMap;
use std::sync::LazyLock;

const SOURCE: &str = include_str!("../../ledger_rules/bundle.toml");

/// Whether a table stands once per street or once per company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Street,
    Company,
}

/// How a column's cells are read, stored and shown to rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnType {
    Text,
    Date,
    Time,
    Year,
    Int,
    YesNo,
    /// 元 on the outside, 分 inside.
    Money,
    /// m² or 亩, four decimals.
    Area,
    /// Per cent, six decimals.
    Rate,
    /// Degrees, seven decimals.
    Coord,
    /// A quantity, four decimals.
    Number,
    /// Texts separated by `;`.
    List,
    /// A place on the ground: GeoJSON, kept as it was handed in.
    Geometry,
    /// A personal identifier or account number: kept only as keyed hash and last four characters.
    Id,
    /// One of a few words: Chinese outside, English code inside. An open enumeration takes other words as they are.
    Enum {
        values: Vec<(String, String)>,
        open: bool,
    },
}

impl ColumnType {
    /// Decimals of the stored integer: a cell holds `value × 10^scale`.
    pub fn scale(&self) -> u8 {
        match self {
            ColumnType::Money => 2,
            ColumnType::Area | ColumnType::Number => 4,
            ColumnType::Rate => 6,
            ColumnType::Coord => 7,
            _ => 0,
        }
    }

    /// Stored and shown as an exact decimal.
    pub fn is_decimal(&self) -> bool {
        self.scale() > 0
    }
}

/// One column of a table.
#[derive(Debug, Clone)]
pub struct Column {
    /// English name, in the store and in rules.
    pub name: String,
    /// Accepted Chinese headers; the first is the one we write.
    pub headers: Vec<String>,
    pub kind: ColumnType,
    pub required: bool,
}

/// One table of the hand-in folder.
#[derive(Debug, Clone)]
pub struct Table {
    /// English name, in the store and in rules.
    pub name: String,
    /// CSV file or sheet name, in Chinese.
    pub file: String,
    pub level: Level,
    /// Column names that identify a row within its organisation; empty: every row stands for itself.
    pub key: Vec<String>,
    pub columns: Vec<Column>,
}

impl Table {
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == column)
    }

    pub fn column(&self, column: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == column)
    }

    /// Positions of the key columns.
    pub fn key_positions(&self) -> Vec<usize> {
        self.key.iter().filter_map(|k| self.position(k)).collect()
    }

    /// The column that names the organisation a street-level row belongs to, if it has one.
    pub fn organisation_column(&self) -> Option<usize> {
        self.position(if self.name == "organisation" {
            "code"
        } else {
            "organisation"
        })
    }
}

/// All tables of the hand-in folder, in the order of `bundle.toml`.
#[derive(Debug)]
pub struct Catalogue {
    pub tables: Vec<Table>,
    by_name: HashMap<String, usize>,
    by_file: HashMap<String, usize>,
}

impl Catalogue {
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.by_name.get(name).map(|&i| &self.tables[i])
    }

    /// The table whose file or sheet has this Chinese name.
    pub fn by_file(&self, file: &str) -> Option<&Table> {
        self.by_file.get(file).map(|&i| &self.tables[i])
    }

    /// Tables kept as register rows: all but the vouchers, which are posted.
    pub fn registers(&self) -> impl Iterator<Item = &Table> {
        self.tables
            .iter()
            .filter(|t| t.name != "voucher" && t.name != "opening_balance")
    }

    fn parse(source: &str) -> Result<Catalogue, String> {
        let document: toml::Table = source.parse().map_err(|e| format!("{e}"))?;
        // TOML tables do not keep their order; the file's order is recovered from the headings.
        let order: Vec<&str> = source
            .lines()
            .filter_map(|l| l.strip_prefix('[')?.strip_suffix(']'))
            .collect();
        let mut catalogue = Catalogue {
            tables: Vec::new(),
            by_name: HashMap::new(),
            by_file: HashMap::new(),
        };
        for name in order {
            let table = parse_table(name, &document[name])
                .ok_or_else(|| format!("bundle.toml: table {name}"))?;
            catalogue
                .by_name
                .insert(table.name.clone(), catalogue.tables.len());
            catalogue
                .by_file
                .insert(table.file.clone(), catalogue.tables.len());
            catalogue.tables.push(table);
        }
        Ok(catalogue)
    }
}

/// The catalogue built into the program.
pub fn catalogue() -> &'static Catalogue {
    // The file is compiled in and read by a unit test: it cannot fail at a user's.
    static CATALOGUE: LazyLock<Catalogue> =
        LazyLock::new(|| Catalogue::parse(SOURCE).expect("built-in bundle.toml is valid"));
    &CATALOGUE
}

fn parse_table(name: &str, table: &toml::Value) -> Option<Table> {
    let level = match table.get("level").and_then(|v| v.as_str()) {
        Some("street") => Level::Street,
        None => Level::Company,
        Some(_) => return None,
    };
    let key = table
        .get("key")?
        .as_array()?
        .iter()
        .map(|k| k.as_str().map(str::to_owned))
        .collect::<Option<Vec<_>>>()?;
    let columns = table
        .get("columns")?
        .as_str()?
        .lines()
        .filter(|l| !l.trim().is_empty())
        .map(parse_column)
        .collect::<Option<Vec<_>>>()?;
    let table = Table {
        name: name.to_owned(),
        file: table.get("file")?.as_str()?.to_owned(),
        level,
        key,
        columns,
    };
    table
        .key
        .iter()
        .all(|k| table.position(k).is_some())
        .then_some(table)
}

fn parse_column(line: &str) -> Option<Column> {
    let mut words = line.split_whitespace();
    let (header, name, kind) = (words.next()?, words.next()?, words.next()?);
    let required = header.ends_with('*');
    let kind = match kind {
        "text" => ColumnType::Text,
        "date" => ColumnType::Date,
        "time" => ColumnType::Time,
        "year" => ColumnType::Year,
        "int" => ColumnType::Int,
        "yesno" => ColumnType::YesNo,
        "money" => ColumnType::Money,
        "area" => ColumnType::Area,
        "rate" => ColumnType::Rate,
        "coord" => ColumnType::Coord,
        "number" => ColumnType::Number,
        "list" => ColumnType::List,
        "geometry" => ColumnType::Geometry,
        "id" => ColumnType::Id,
        "enum" | "enum?" => {
            let values = words.next()?.split('|').map(|pair| {
                pair.split_once('=')
                    .map(|(zh, en)| (zh.to_owned(), en.to_owned()))
            });
            ColumnType::Enum {
                values: values.collect::<Option<Vec<_>>>()?,
                open: kind.ends_with('?'),
            }
        }
        _ => return None,
    };
    let headers = header
        .trim_end_matches('*')
        .split('|')
        .map(str::to_owned)
        .collect();
    Some(Column {
        name: name.to_owned(),
        headers,
        kind,
        required,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_catalogue_is_whole() {
        let catalogue = Catalogue::parse(SOURCE).unwrap();
        assert_eq!(catalogue.tables.len(), 45);
        let contract = catalogue.by_file("合同").unwrap();
        assert_eq!(contract.key, ["contract_no"]);
        assert!(contract.column("contract_no").unwrap().required);
        assert_eq!(
            catalogue
                .by_file("清查明细")
                .unwrap()
                .column("subject_no")
                .unwrap()
                .headers,
            ["编号", "名称"]
        );
    }
}
