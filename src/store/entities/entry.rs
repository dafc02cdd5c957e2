//! Table `entry`: entries of posted vouchers; amounts in 分.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organisation: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub line: i64,
    /// The voucher's number of entries.
    pub lines: i64,
    pub summary: Option<String>,
    pub account: String,
    pub account_name: Option<String>,
    pub debit: i64,
    pub credit: i64,
    pub counterparty: Option<String>,
    pub contract_no: Option<String>,
    pub asset_no: Option<String>,
    pub project: Option<String>,
    pub fund: Option<String>,
    pub invoice_no: Option<String>,
    pub receipt_no: Option<String>,
    pub bank_txn_no: Option<String>,
    pub settlement: Option<String>,
    pub source_row: i64,
}

impl ActiveModelBehavior for ActiveModel {}
