//! View `current_account`: the accounts of each organisation that no undone batch has taken with it.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "current_account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organisation: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    pub name: String,
    /// debit, credit, either.
    pub normal_side: String,
    pub parent: Option<String>,
    pub is_leaf: bool,
    pub category: String,
    pub tag: Option<String>,
    pub active_from: Option<Date>,
    pub active_to: Option<Date>,
}

impl ActiveModelBehavior for ActiveModel {}
