//! `migrate`: the database's schema.

use std::path::Path;

use super::{args::Direction, outcome, outcome::Outcome, setup};
use crate::{app, db};

pub async fn migrate(path: Option<&Path>, direction: Direction) -> Result<(), Outcome> {
    let config = setup::load(path)?;
    setup::log_quietly(&config)?;
    let database = app::connect(&config).await?;
    let url = config.database.url.expose();
    match direction {
        Direction::Up => db::migrate_up(url).await?,
        Direction::Down { steps } => db::migrate_down(url, steps).await?,
        Direction::Fresh => db::fresh(url).await?,
        Direction::Status => {}
    }
    for migration in db::migration_status(&database).await? {
        let state = if migration.applied { "applied" } else { "pending" };
        outcome::print(&format!("{state}  {}", migration.name));
    }
    database.close().await;
    Ok(())
}
