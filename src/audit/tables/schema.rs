//! Name, columns and types of every table that rules see. Most follow the catalogue of the hand-in folder; the tables of
//! the books are flattened for rules and described here.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::model::{Column, ColumnType, catalogue};

/// Where a row was handed in; hidden columns at the end of most tables.
pub const SOURCE_COLUMNS: [&str; 3] = ["source_file", "source_sheet", "source_row"];

/// One table that rules see.
#[derive(Debug, Clone)]
pub struct TableSpec {
    pub name: String,
    /// Chinese name, as a user knows it.
    pub title: String,
    /// Natural key within the organisation.
    pub key: Vec<String>,
    /// All columns in order: `organisation` first (but for `calendar` and `keyword`), the source columns last.
    pub columns: Vec<Column>,
    /// Position among the hand-in table's columns for each of ours: `None` for added ones. Empty for tables of the books.
    pub from_catalogue: Vec<Option<usize>>,
}

impl TableSpec {
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == column)
    }

    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == name)
    }

    pub fn arrow(&self) -> SchemaRef {
        let fields: Vec<Field> = self
            .columns
            .iter()
            .map(|c| Field::new(&c.name, arrow_type(&c.kind), true))
            .collect();
        Arc::new(Schema::new(fields))
    }

    /// A register: its rows come from a table of the hand-in folder.
    pub fn is_register(&self) -> bool {
        !self.from_catalogue.is_empty()
    }
}

/// Arrow type of a column type (the binding contract of `docs/rules-format.md`).
pub fn arrow_type(kind: &ColumnType) -> DataType {
    match kind {
        ColumnType::Date => DataType::Date32,
        ColumnType::Time => DataType::Timestamp(TimeUnit::Second, None),
        ColumnType::YesNo => DataType::Boolean,
        ColumnType::Year | ColumnType::Int => DataType::Int64,
        // The scale is at most 7.
        kind if kind.is_decimal() => DataType::Decimal128(18, kind.scale() as i8),
        _ => DataType::Utf8,
    }
}

/// All tables, by name.
pub fn tables() -> &'static [TableSpec] {
    static TABLES: LazyLock<Vec<TableSpec>> = LazyLock::new(build_all);
    &TABLES
}

pub fn table(name: &str) -> Option<&'static TableSpec> {
    static INDEX: LazyLock<HashMap<&'static str, &'static TableSpec>> =
        LazyLock::new(|| tables().iter().map(|t| (t.name.as_str(), t)).collect());
    INDEX.get(name).copied()
}

/// Tables of the books: name, Chinese name, key, columns as `header name type`.
const BOOKS: [(&str, &str, &str, &str); 11] = [
    (
        "voucher",
        "凭证",
        "voucher",
        "凭证字号 voucher text;年度 year int;期间 month int;凭证字 word text;凭证号 number text;日期 date date;\
         附件数 attachments int;制单人 maker text;审核人 checker text;记账人 poster text;出纳 cashier text;\
         制单时间 entered_at time;红冲凭证 reverses text;来源 source 手工=manual|系统=system|结转=closing;\
         修订 revision int;凭证金额 total money;分录数 entries int",
    ),
    (
        "entry",
        "凭证分录",
        "voucher,line",
        "凭证字号 voucher text;分录号 line int;日期 date date;年度 year int;期间 month int;凭证字 word text;\
         凭证号 number text;摘要 summary text;科目编码 account text;科目名称 account_name text;标签 tag text;\
         科目类别 category text;余额方向 side 借=debit|贷=credit|借或贷=either;借方金额 debit money;\
         贷方金额 credit money;往来单位 counterparty text;合同编号 contract_no text;资产编号 asset_no text;\
         项目 project text;专项资金 fund text;发票号 invoice_no text;收据号 receipt_no text;\
         银行流水号 bank_txn_no text;结算方式 settlement 现金=cash|转账=transfer|支票=cheque|其他=other;\
         制单人 maker text;审核人 checker text;来源 source 手工=manual|系统=system|结转=closing;\
         红冲凭证 reverses text",
    ),
    (
        "opening_balance",
        "期初余额",
        "year,account,counterparty",
        "年度 year int;科目编码 account text;科目名称 account_name text;标签 tag text;科目类别 category text;\
         余额方向 side 借=debit|贷=credit|借或贷=either;往来单位 counterparty text;借方 debit money;贷方 credit money",
    ),
    (
        "account",
        "科目",
        "code",
        "科目编码 code text;科目名称 name text;余额方向 normal_side 借=debit|贷=credit|借或贷=either;\
         上级编码 parent text;是否末级 is_leaf yesno;标签 tag text;科目类别 category text;启用日期 active_from date;\
         停用日期 active_to date;起始年度 first_year int;截止年度 last_year int",
    ),
    (
        "held_voucher",
        "账外凭证(待纠正、作废)",
        "voucher",
        "凭证字号 voucher text;原因 reason 待纠正=defective|作废=void;凭证字 word text;凭证号 number text;\
         年度 year int;期间 month int;日期 date date;日期原文 date_text text;借方合计 debit money;\
         贷方合计 credit money;分录数 entries int;问题代码 codes text;问题说明 message text",
    ),
    (
        "held_entry",
        "账外凭证分录",
        "voucher,line",
        "凭证字号 voucher text;原因 reason 待纠正=defective|作废=void;分录号 line int;科目编码 account text;\
         科目名称 account_name text;摘要 summary text;借方金额 debit money;贷方金额 credit money;\
         往来单位 counterparty text",
    ),
    (
        "voucher_revision",
        "凭证旧版本",
        "voucher,revision",
        "凭证字号 voucher text;修订 revision int;日期 date date;凭证金额 total money;分录数 entries int",
    ),
    (
        "period_event",
        "结账与反结账记录",
        "",
        "年度 year int;期间 month int;事项 event 结账=closed|反结账=reopened;时间 at time;经办人 by_whom text;\
         批准人 approved_by text;原因 reason text",
    ),
    (
        "undone_voucher",
        "已撤销的凭证",
        "batch,voucher",
        "批次 batch int;凭证字号 voucher text;日期 date date;凭证金额 total money;撤销时间 at time;撤销人 by_whom text;\
         原因 reason text",
    ),
    (
        "rent_due",
        "应收租金(按合同推算)",
        "contract_no,seq",
        "合同编号 contract_no text;期次 seq int;应收日期 due_date date;租期起 period_start date;\
         租期止 period_end date;应收金额 due money;减免 waived money;按合同推算 derived yesno",
    ),
    ("keyword", "关键词", "", "词表 list text;关键词 word text"),
];

/// Tables whose rows carry no source columns.
const UNSOURCED: [&str; 5] = [
    "period_event",
    "undone_voucher",
    "rent_due",
    "keyword",
    "calendar",
];

fn build_all() -> Vec<TableSpec> {
    let mut tables: Vec<TableSpec> = BOOKS
        .iter()
        .map(|(name, title, key, columns)| {
            let mut all = match *name {
                "keyword" => Vec::new(),
                _ => vec![organisation_column()],
            };
            all.extend(columns.split(';').filter_map(parse_column));
            append_source(name, &mut all);
            TableSpec {
                name: (*name).to_owned(),
                title: (*title).to_owned(),
                key: key
                    .split(',')
                    .filter(|k| !k.is_empty())
                    .map(str::to_owned)
                    .collect(),
                columns: all,
                from_catalogue: Vec::new(),
            }
        })
        .collect();
    let registers = catalogue()
        .registers()
        .filter(|t| BOOKS.iter().all(|b| b.0 != t.name));
    tables.extend(registers.map(register_spec));
    tables
}

fn register_spec(table: &crate::model::Table) -> TableSpec {
    let own = table.organisation_column();
    let (mut columns, mut from) = (Vec::new(), Vec::new());
    if table.name != "calendar" {
        columns.push(organisation_column());
        from.push(own);
    }
    for (i, column) in table.columns.iter().enumerate() {
        if column.name != "organisation" {
            columns.push(column.clone());
            from.push(Some(i));
        }
    }
    append_source(&table.name, &mut columns);
    from.resize(columns.len(), None);
    TableSpec {
        name: table.name.clone(),
        title: table.file.clone(),
        key: table
            .key
            .iter()
            .filter(|k| *k != "organisation")
            .cloned()
            .collect(),
        columns,
        from_catalogue: from,
    }
}

fn organisation_column() -> Column {
    plain("单位编码", "organisation", ColumnType::Text)
}

fn append_source(table: &str, columns: &mut Vec<Column>) {
    if !UNSOURCED.contains(&table) {
        columns.push(plain("来源文件", SOURCE_COLUMNS[0], ColumnType::Text));
        columns.push(plain("来源工作表", SOURCE_COLUMNS[1], ColumnType::Text));
        columns.push(plain("来源行号", SOURCE_COLUMNS[2], ColumnType::Int));
    }
}

fn plain(header: &str, name: &str, kind: ColumnType) -> Column {
    Column {
        name: name.to_owned(),
        headers: vec![header.to_owned()],
        kind,
        required: false,
    }
}

fn parse_column(line: &str) -> Option<Column> {
    let mut words = line.split_whitespace();
    let (header, name, kind) = (words.next()?, words.next()?, words.next()?);
    let kind = match kind {
        "text" => ColumnType::Text,
        "int" => ColumnType::Int,
        "date" => ColumnType::Date,
        "time" => ColumnType::Time,
        "yesno" => ColumnType::YesNo,
        "money" => ColumnType::Money,
        values => ColumnType::Enum {
            values: values
                .split('|')
                .filter_map(|pair| pair.split_once('='))
                .map(|(zh, en)| (zh.to_owned(), en.to_owned()))
                .collect(),
            open: true,
        },
    };
    Some(plain(header, name, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_there_with_its_organisation_first() {
        // Those of the folder, and entry, held_voucher, held_entry, voucher_revision, period_event, rent_due, keyword.
        assert_eq!(tables().len(), catalogue().tables.len() + 7);
        for table in tables() {
            let leading = table.columns[0].name == "organisation";
            assert_eq!(
                leading,
                !["calendar", "keyword"].contains(&table.name.as_str()),
                "{}",
                table.name
            );
            let mut names: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), table.columns.len(), "{}", table.name);
        }
    }

    #[test]
    fn types_follow_the_contract() {
        let schema = table("contract").unwrap().arrow();
        let kind = |name: &str| schema.field_with_name(name).unwrap().data_type().clone();
        assert_eq!(kind("total_amount"), DataType::Decimal128(18, 2));
        assert_eq!(kind("area"), DataType::Decimal128(18, 4));
        assert_eq!(kind("start_date"), DataType::Date32);
        assert_eq!(kind("sublet"), DataType::Boolean);
        assert_eq!(kind("kind"), DataType::Utf8);
        assert_eq!(kind("source_row"), DataType::Int64);
    }
}
