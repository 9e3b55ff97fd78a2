//! Arrow's stream format: the schema, a record batch for each piece of the table, and an end.

use std::{collections::HashMap, error::Error, mem};

use arrow_ipc::writer::StreamWriter;
use axum::body::{Body, Bytes};
use futures_util::{StreamExt as _, stream::try_unfold};
use serde::Serialize;

use super::{
    ABOUT, about,
    batch::{record, schema},
};
use crate::http::{
    problem::{Answer, Problem},
    table::column::Table,
};

/// The table, each piece as it is read; the head stands in the schema's metadata. What breaks off has no end, which its
/// reader notices.
///
/// # Errors
/// When the head or the schema cannot be written.
pub fn arrow(head: &impl Serialize, table: Table) -> Answer<Body> {
    let schema = schema(&table.columns, HashMap::from([(ABOUT.to_owned(), about(head)?)]));
    // Its first bytes, the schema, leave with those of the first piece.
    let writer = StreamWriter::try_new(Vec::new(), &schema).map_err(Problem::internal)?;
    let pieces = try_unfold(Some((writer, table.batches)), move |state| {
        let schema = schema.clone();
        async move {
            let Some((mut writer, mut batches)) = state else { return Ok(None) };
            match batches.next().await {
                Some(batch) => {
                    let batch = batch.map_err(|problem| format!("{problem:?}"))?;
                    writer.write(&record(&schema, &batch)?)?;
                    let bytes = Bytes::from(mem::take(writer.get_mut()));
                    Ok(Some((bytes, Some((writer, batches)))))
                }
                None => {
                    writer.finish()?;
                    Ok::<_, Box<dyn Error + Send + Sync>>(Some((Bytes::from(mem::take(writer.get_mut())), None)))
                }
            }
        }
    });
    Ok(Body::from_stream(pieces))
}
