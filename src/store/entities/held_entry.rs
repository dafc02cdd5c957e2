//! Table `held_entry`: entries of held vouchers, as handed in.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "held_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub held_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub line: i64,
    pub summary: Option<String>,
    pub account: String,
    pub account_name: Option<String>,
    pub debit: i64,
    pub credit: i64,
    pub counterparty: Option<String>,
    pub source_row: i64,
}

impl ActiveModelBehavior for ActiveModel {}
