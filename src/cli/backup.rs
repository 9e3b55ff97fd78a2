//! `backup`: a copy of the embedded database.

use std::path::Path;

use super::{outcome, outcome::Outcome, setup};
use crate::{app, db::Database};

pub async fn backup(path: Option<&Path>, file: &Path) -> Result<(), Outcome> {
    let config = setup::load(path)?;
    setup::log_quietly(&config)?;
    let url = &config.database.url;
    // Connecting would make an empty one.
    if Database::sqlite_file(url.expose()).is_some_and(|database| !database.exists()) {
        return Err(Outcome::Failed(format!("there is no database at {url}")));
    }
    let database = app::connect(&config).await?;
    let done = database.back_up(file).await;
    database.close().await;
    done?;
    outcome::print(&format!("{url} is in {}", file.display()));
    Ok(())
}
