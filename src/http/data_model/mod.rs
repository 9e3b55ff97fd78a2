//! `GET /docs/data-model`: what the database says of its own tables, read anew for each reader.

mod page;
mod table;

use axum::{extract::State, response::Html};

use super::{Answer, Listed, NoParams, Reader, Routes, page::layout_with};
use crate::{
    data_model::store,
    db::{Area, Database},
};

/// Whose schema it is, and what belongs together in it.
#[derive(Clone)]
struct Described {
    database: Database,
    areas: Vec<Area>,
}

/// The page, of the areas that their owners hand in.
pub fn data_model(database: Database, areas: Vec<Area>) -> Routes {
    routes().with_state(Described { database, areas })
}

/// What is told of it.
#[must_use]
pub fn data_model_listed() -> Listed {
    routes().listed()
}

fn routes() -> Routes<Described> {
    Routes::new().page("/docs/data-model", show)
}

async fn show(_: Reader, State(described): State<Described>, _: NoParams) -> Answer<Html<String>> {
    let model = store::read(described.database.connection(), &described.areas).await?;
    Ok(Html(layout_with("Data model", page::STYLE, page::page(&model)).into_string()))
}
