//! `data-model`: what the database says of its own tables.

use std::path::Path;

use super::{args::DataModelFormat, outcome, outcome::Outcome, setup};
use crate::{
    app,
    data_model::{diagram, markdown, store},
};

/// The document and its drawing lie side by side, each under this name.
const DOCUMENT: &str = "data-model.md";
const DRAWING: &str = "data-model.svg";

pub async fn data_model(path: Option<&Path>, format: DataModelFormat) -> Result<(), Outcome> {
    let config = setup::load(path)?;
    setup::log_quietly(&config)?;
    let database = app::connect(&config).await?;
    let model = store::read(database.connection(), &app::areas()).await?;
    database.close().await;
    if model.sections.is_empty() {
        return Err(Outcome::Failed(
            "the database has none of our tables; make them by: datainfra migrate up".to_owned(),
        ));
    }
    outcome::print(&match format {
        DataModelFormat::Markdown => markdown(&model, DRAWING),
        DataModelFormat::Svg => diagram(&model, DOCUMENT),
    });
    Ok(())
}
