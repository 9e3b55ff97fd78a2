//! The database's schema and its history, for SQLite and PostgreSQL.
//!
//! Imports nothing of the application: what a migration did must not change with the code.
//! Each migration is additive, since daemons of the version before run during a rollout.

mod m0001_scheduler;
mod m0002_crawl;
mod m0003_stock;
mod m0004_replicas;
mod m0005_backfill;
mod m0006_alert;
mod m0007_audit;
mod m0008_run_log;
mod m0009_import;
mod m0010_company_list;
mod m0011_quarantine;
mod m0012_source_answer;
mod m0013_differences;
mod m0014_fx;
mod m0015_market_calendar;
mod original;
mod table;
mod tables;

pub use original::{Contents, Found, examine};
use sea_orm_migration::prelude::*;
pub use sea_orm_migration::{MigratorTrait, migrator::MigrationStatus};
pub use tables::TABLES;

/// The migrations in their order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_scheduler::Migration),
            Box::new(m0002_crawl::Migration),
            Box::new(m0003_stock::Migration),
            Box::new(m0004_replicas::Migration),
            Box::new(m0005_backfill::Migration),
            Box::new(m0006_alert::Migration),
            Box::new(m0007_audit::Migration),
            Box::new(m0008_run_log::Migration),
            Box::new(m0009_import::Migration),
            Box::new(m0010_company_list::Migration),
            Box::new(m0011_quarantine::Migration),
            Box::new(m0012_source_answer::Migration),
            Box::new(m0013_differences::Migration),
            Box::new(m0014_fx::Migration),
            Box::new(m0015_market_calendar::Migration),
        ]
    }
}
