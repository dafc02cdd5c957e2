//! The schema of the store, SQLite and PostgreSQL from one source. Each migration runs in one transaction.
//!
//! What must never happen is refused here, by the database itself: changing or deleting a posted voucher, posting into a
//! locked period, sealing a voucher that does not balance. Rust explains it nicely; the database makes it impossible.

pub use sea_orm_migration::prelude::*;

mod ddl;
mod m0001_books;
mod m0002_registers;
mod m0003_audit;
mod m0004_close;
mod m0005_segments;
mod m0006_batches;
mod m0008_stated_balance;
mod m0009_seal_guards;
mod m0010_suppression;
mod m0011_review;
mod m0012_access;
mod m0014_parameter_history;
mod m0015_api_token;
mod m0016_plan;
mod m0017_register_state;
mod m0018_suppression_request;
mod registers_v1;

pub use registers_v1::TABLES as REGISTER_TABLES;

/// Runs the migrations in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_books::Migration),
            Box::new(m0002_registers::Migration),
            Box::new(m0003_audit::Migration),
            Box::new(m0004_close::Migration),
            Box::new(m0005_segments::Migration),
            Box::new(m0006_batches::Migration),
            Box::new(m0008_stated_balance::Migration),
            Box::new(m0009_seal_guards::Migration),
            Box::new(m0010_suppression::Migration),
            Box::new(m0011_review::Migration),
            Box::new(m0012_access::Migration),
            Box::new(m0014_parameter_history::Migration),
            Box::new(m0015_api_token::Migration),
            Box::new(m0016_plan::Migration),
            Box::new(m0017_register_state::Migration),
            Box::new(m0018_suppression_request::Migration),
        ]
    }
}
