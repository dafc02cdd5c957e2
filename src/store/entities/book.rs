//! Table `book`: one ledger per organisation, with the head of its chain.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "book")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organisation: String,
    pub standard: String,
    /// How the standard was found.
    pub standard_evidence: String,
    /// Number of sealed vouchers.
    pub length: i64,
    /// Hash of the last sealed voucher; 32 zero bytes when empty.
    pub head: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
