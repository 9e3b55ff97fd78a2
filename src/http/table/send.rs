//! Long tables as they are sent: each piece is read when the one before it has left, so that an answer takes the memory
//! of a piece, whatever its length.

use axum::{
    body::{Body, Bytes},
    http::header,
    response::{IntoResponse as _, Response},
};
use futures_util::{StreamExt as _, TryStreamExt as _, future, stream};
use serde::Serialize;

use super::{
    caching::Tag,
    column::{Batch, Table},
    format::Format,
    reply::Names,
    text::{Objects, csv_head, csv_rows},
};
use crate::http::problem::{Answer, Problem};

/// The head and the rows of a table in the format asked for, tagged. Formats other than JSON have the rows only.
///
/// # Errors
/// When `head` cannot be written or the first piece cannot be read.
pub async fn send(
    format: Format,
    tag: &Tag,
    names: &Names<'_>,
    head: &impl Serialize,
    mut table: Table,
) -> Answer<Response> {
    // Before anything is sent, a failure can still be told.
    let first = table.batches.try_next().await?;
    table.batches = stream::iter(first.map(Ok)).chain(table.batches).boxed();
    let response = match format {
        Format::Json => {
            ([(header::CONTENT_TYPE, "application/json")], json(head, names.member, table)?).into_response()
        }
        Format::Csv => {
            let file = format!("attachment; filename=\"{}.csv\"", names.file);
            let kind = "text/csv; charset=utf-8; header=present".to_owned();
            ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, file)], csv(table)).into_response()
        }
    };
    Ok(tag.mark(response))
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
