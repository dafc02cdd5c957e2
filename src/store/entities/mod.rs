//! SeaORM entities of the tables that are read row by row. Registers are dynamic: see `store::registers`.

pub mod account;
pub mod book;
pub mod held_entry;
pub mod held_voucher;
pub mod period_lock;
pub mod voucher;
