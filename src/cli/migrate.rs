//! `migrate`: the database's schema.

use std::path::Path;

use super::{args::Direction, outcome, outcome::Outcome, partition, schema, setup};
use crate::{
    app,
    db::{self, Migrated},
};

pub async fn migrate(path: Option<&Path>, direction: Direction) -> Result<(), Outcome> {
    let config = setup::load(path)?;
    setup::log_quietly(&config)?;
    let database = app::connect(&config).await?;
    let url = config.database.url.expose();
    let (action, migrated) = match direction {
        Direction::Partition { by, dry_run } => return partition::partition(&config, &database, by, dry_run).await,
        Direction::Unpartition => return partition::unpartition(&database).await,
        #[cfg(feature = "timescaledb")]
        Direction::Hypertable { compress_after } => return partition::hypertable(&database, compress_after).await,
        Direction::Up => ("schema.up", db::migrate_up(url).await?),
        Direction::Down { steps } => ("schema.down", db::migrate_down(url, steps).await?),
        Direction::Fresh => ("schema.fresh", db::fresh(url).await?),
        Direction::Status => ("", Migrated::default()),
    };
    schema::record(&database, &setup::actor(), action, &migrated, "").await?;
    if let Some(found) = &migrated.adopted {
        outcome::print(&format!("taken over: {found}"));
    } else if let Some(found) = db::adoptable(&database).await? {
        outcome::print(&format!("to be taken over by `migrate up`: {found}"));
    }
    for migration in db::migration_status(&database).await? {
        let state = if migration.applied { "applied" } else { "pending" };
        let note = if migration.newer { "  (from a newer version)" } else { "" };
        outcome::print(&format!("{state}  {}{note}", migration.name));
    }
    database.close().await;
    Ok(())
}
