//! Reading a file into the database, all of it or nothing.

use tokio::sync::mpsc;

use super::pieces::Gatherer;
use crate::{
    db::{Database, DbError},
    stock::{
        sources::files::{Content, FileError, Given, Summary, read},
        store::imports::{self, ImportFile, Piece},
    },
};

/// Why a file is not imported. Nothing of it is left.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("database: {0}")]
    Database(#[from] DbError),
    #[error("the reader of the file ended: {0}")]
    Reader(String),
}

/// Reads a file into the database, from where a run of the job `import` loads it. Memory is bounded, whatever the file.
///
/// # Errors
/// What is wrong with the file; what the database says.
pub async fn stage(database: &Database, content: Content, given: Given, actor: &str) -> Result<ImportFile, StageError> {
    let id = uuid::Uuid::now_v7().to_string();
    let name = given.name.clone();
    imports::begin(database.connection(), &id, &name, actor).await?;
    let staged = async {
        let summary = rows(database, &id, content, given).await?;
        let Summary { layout, basis, rows, bytes, sha256 } = summary;
        let file = ImportFile { id: id.clone(), name, layout: layout.as_str().to_owned(), basis, sha256, bytes, rows };
        imports::complete(database.connection(), &file).await?;
        Ok(file)
    }
    .await;
    if staged.is_err()
        && let Err(error) = imports::remove(database.connection(), &id).await
    {
        tracing::warn!(%error, import = id, "what was read of a file could not be removed; it will be later");
    }
    staged
}

async fn rows(database: &Database, id: &str, content: Content, given: Given) -> Result<Summary, StageError> {
    let (sender, mut receiver) = mpsc::channel::<Vec<Piece>>(2);
    let reading = tokio::task::spawn_blocking(move || {
        let mut gatherer = Gatherer::new(sender);
        let summary = read(content, &given, &mut gatherer)?;
        gatherer.finish()?;
        Ok::<_, FileError>(summary)
    });
    let mut failure = None;
    while let Some(pieces) = receiver.recv().await {
        if let Err(error) = imports::add(database.connection(), id, &pieces).await {
            failure = Some(error);
            break;
        }
    }
    // The reader stops at the next piece that nobody takes.
    drop(receiver);
    let summary = reading.await.map_err(|error| StageError::Reader(error.to_string()))?;
    match failure {
        Some(error) => Err(error.into()),
        None => Ok(summary?),
    }
}
