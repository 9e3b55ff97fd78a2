//! `check`: is the configuration good, and is the database there?

use std::path::Path;

use super::{outcome, outcome::Outcome, setup};
use crate::{app, stock::sources::SourceName};

pub async fn check(path: Option<&Path>) -> Result<(), Outcome> {
    let config = setup::load(path)?;
    outcome::print(&config.effective_toml().to_string());
    if let Some(weakness) = config.server.weakness() {
        outcome::print(&format!("# {weakness}: give it one such as `openssl rand -hex 32` makes"));
    }
    let jquants = config.stock.sources.get(SourceName::Jquants.as_str());
    if config.stock.company_job.enabled && !jquants.is_some_and(|source| source.enabled) {
        outcome::print("# there is no job company: it needs sources.jquants.enabled");
    }
    let database = app::connect(&config)
        .await
        .map_err(|e| Outcome::Failed(format!("the configuration is valid, but the database cannot be reached: {e}")))?;
    database.ping().await?;
    database.close().await;
    outcome::print("# the configuration is valid and the database answers");
    Ok(())
}
