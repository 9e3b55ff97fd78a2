//! Long tables as they are sent: each piece is read when the one before it has left, so that an answer takes the memory
//! of a piece, whatever its length.

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use futures_util::{StreamExt as _, TryStreamExt as _, future, stream};
use serde::Serialize;

use super::{
    caching::Tag,
    column::{Batch, Table},
    columnar,
    format::Format,
    reply::Names,
    text::{Objects, csv_head, csv_rows},
};
use crate::http::problem::{Answer, Problem};

/// The head and the rows of a table in the format asked for, tagged. CSV and JSON lines have the rows only; Parquet and
/// Arrow have the head, save its `timestamp`, in their metadata under `datainfra`.
///
/// # Errors
/// When `head` cannot be written or the first piece cannot be read; for Parquet, when any piece cannot.
pub async fn send(
    format: Format,
    tag: &Tag,
    names: &Names<'_>,
    head: &impl Serialize,
    mut table: Table,
) -> Answer<Response> {
    if format == Format::Parquet {
        // A file that is there already is sent without a look at the rows.
        return columnar::parquet(tag, names, head, table).await;
    }
    // Before anything is sent, a failure can still be told.
    let first = table.batches.try_next().await?;
    table.batches = stream::iter(first.map(Ok)).chain(table.batches).boxed();
    let body = match format {
        Format::Csv => csv(table),
        Format::Ndjson => ndjson(table),
        Format::Arrow => columnar::arrow(head, table)?,
        Format::Json | Format::Parquet => json(head, names.member, table)?,
    };
    Ok(tag.mark(format.answer(names.file, body)))
}

/// `head` with one more member, an array of the rows.
fn json(head: &impl Serialize, member: &str, table: Table) -> Answer<Body> {
    let mut start = serde_json::to_vec(head).map_err(Problem::internal)?;
    start.pop();
    if start.len() > 1 {
        start.push(b',');
    }
    start.extend_from_slice(format!("\"{member}\":[").as_bytes());
    let objects = Objects::new(&table.columns);
    let mut first = true;
    let pieces = texts(table, move |batch| {
        let mut text = Vec::new();
        if batch.rows() > 0 {
            text.extend((!std::mem::take(&mut first)).then_some(b','));
            objects.write(batch, b',', &mut text);
            text.pop();
        }
        text
    });
    let end = stream::once(future::ready(Ok(Bytes::from_static(b"]}"))));
    Ok(Body::from_stream(stream::once(future::ready(Ok(Bytes::from(start)))).chain(pieces).chain(end)))
}

/// An object a line.
fn ndjson(table: Table) -> Body {
    let objects = Objects::new(&table.columns);
    Body::from_stream(texts(table, move |batch| {
        let mut text = Vec::new();
        objects.write(batch, b'\n', &mut text);
        text
    }))
}

fn csv(table: Table) -> Body {
    let head = csv_head(&table.columns);
    let pieces = texts(table, |batch| {
        let mut text = Vec::new();
        csv_rows(batch, &mut text);
        text
    });
    Body::from_stream(stream::once(future::ready(Ok(Bytes::from(head)))).chain(pieces))
}

/// The pieces as text. What fails in the middle is logged where it is turned into a problem.
fn texts(
    table: Table,
    mut text: impl FnMut(&Batch) -> Vec<u8> + Send + 'static,
) -> impl futures_util::Stream<Item = Result<Bytes, axum::Error>> + Send + 'static {
    table.batches.map(move |batch| match batch {
        Ok(batch) => Ok(Bytes::from(text(&batch))),
        Err(problem) => Err(axum::Error::new(std::io::Error::other(format!("{problem:?}")))),
    })
}
