//! Table `held_voucher`: vouchers kept outside the books: 待纠正 and 作废.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "held_voucher")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub batch_id: i64,
    /// The batch in which a later hand-in put it right; none while it is open.
    pub settled_in: Option<i64>,
    pub organisation: String,
    /// defective or void.
    pub reason: String,
    pub digest: String,
    pub year: i64,
    pub month: i64,
    pub word: String,
    pub number: String,
    pub date_text: String,
    /// Problem codes joined by `;`.
    pub codes: String,
    pub message: String,
    pub maker: Option<String>,
    pub checker: Option<String>,
    pub poster: Option<String>,
    pub cashier: Option<String>,
    pub source_file: String,
    pub source_sheet: Option<String>,
    pub source_row: i64,
}

impl ActiveModelBehavior for ActiveModel {}
