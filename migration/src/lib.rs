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
mod m0016_trace;
mod m0019_compatibility;
mod m0020_view_comments;
mod m0021_comments;
mod original;
mod table;
mod tables;

pub use original::{Contents, Found, examine};
pub use sea_orm_migration::{MigratorTrait, migrator::MigrationStatus};
use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, EntityTrait as _, QueryOrder as _},
    seaql_migrations,
};
pub use tables::TABLES;

/// The migrations in their order.
pub struct Migrator;

impl Migrator {
    /// Applied migrations that are not in this program, by their names: they are of a newer version.
    ///
    /// # Errors
    /// What the database says.
    pub async fn newer(connection: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
        let applied = applied(connection).await?;
        Ok(applied.into_iter().map(|model| model.version).filter(|name| !is_known(name)).collect())
    }
}

fn is_known(name: &str) -> bool {
    Migrator::migrations().iter().any(|migration| migration.name() == name)
}

async fn applied(connection: &impl ConnectionTrait) -> Result<Vec<seaql_migrations::Model>, DbErr> {
    Migrator::install(connection).await?;
    seaql_migrations::Entity::find().order_by_asc(seaql_migrations::Column::Version).all(connection).await
}

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    /// Only those of this program: beside those of a newer version it goes on, where the default is an error.
    async fn get_migration_models<C: ConnectionTrait>(db: &C) -> Result<Vec<seaql_migrations::Model>, DbErr> {
        let mut applied = applied(db).await?;
        applied.retain(|model| is_known(&model.version));
        Ok(applied)
    }

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
            Box::new(m0016_trace::Migration),
            Box::new(m0019_compatibility::Migration),
            Box::new(m0020_view_comments::Migration),
            Box::new(m0021_comments::Migration),
        ]
    }
}
