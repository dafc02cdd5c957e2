//! Table `voucher`: heads of posted vouchers, every revision, in the order of the chain.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "voucher")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organisation: String,
    /// Place in the organisation's chain, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// Number of entries.
    pub lines: i64,
    pub year: i64,
    pub month: i64,
    pub word: String,
    pub number: String,
    /// 1 as first handed in; a changed voucher in a later export is 2, and so on.
    pub revision: i64,
    pub date: Date,
    pub attachments: Option<i64>,
    pub maker: Option<String>,
    pub checker: Option<String>,
    pub poster: Option<String>,
    pub cashier: Option<String>,
    pub entered_at: Option<DateTime>,
    pub reverses: Option<String>,
    pub origin: Option<String>,
    pub source_file: String,
    pub source_sheet: Option<String>,
    pub source_row: i64,
    /// SHA-256 of what the voucher says, without where it came from: equal content is the same voucher.
    pub content: Vec<u8>,
    /// Version of the hash format.
    pub format: i64,
    pub previous_hash: Vec<u8>,
    pub hash: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
