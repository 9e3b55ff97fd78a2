//! Series for notebooks: Arrow streams, sent while they are read, and Parquet files, written as a whole before they are
//! sent, since readers ask for their end first.

mod batch;
mod files;
mod part;
mod stream;
#[cfg(test)]
mod tests;
mod write;

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use futures_util::stream::try_unfold;
use serde::Serialize;
use serde_json::Value;
use tokio::task::spawn_blocking;

use self::{
    files::Asked,
    part::{Part, part},
    write::Written,
};
use super::{
    caching::{Tag, marked},
    column::Table,
    format::Format,
    reply::Names,
};
use crate::{
    http::problem::{Answer, Problem},
    told,
};

pub use files::Files;
pub use stream::arrow;

/// Bytes read from a file at once.
const PIECE: u64 = 128 * 1024;

/// The table as a file, or the part of it that was asked for. Made once for all who ask within a short while.
pub async fn parquet(tag: &Tag, names: &Names<'_>, head: &impl Serialize, table: Table) -> Answer<Response> {
    let head = about(head)?;
    let asked = Asked::now()?;
    let file = asked.files.file(tag, |folder| write::write(folder, head, table)).await?;
    let tag = tag.strong(&file.hash);
    let (status, bytes) = match part(&asked, &tag, file.length) {
        Part::Whole => (StatusCode::OK, 0..file.length),
        Part::Of(bytes) => (StatusCode::PARTIAL_CONTENT, bytes),
        Part::Nothing => return Err(no_such_part(file.length)),
    };
    let (length, first, last) = (bytes.end - bytes.start, bytes.start, bytes.end.saturating_sub(1));
    let all = file.length;
    let mut response = Format::Parquet.answer(names.file, body(file, bytes.start, bytes.end));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, length.into());
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if status == StatusCode::PARTIAL_CONTENT {
        let range = HeaderValue::try_from(format!("bytes {first}-{last}/{all}")).map_err(Problem::internal)?;
        headers.insert(header::CONTENT_RANGE, range);
    }
    Ok(marked(response, &tag))
}

/// The head as files carry it: without the time it was written, so that the same data are the same bytes.
fn about(head: &impl Serialize) -> Answer<String> {
    let mut head = serde_json::to_value(head).map_err(Problem::internal)?;
    if let Value::Object(members) = &mut head {
        members.remove("timestamp");
    }
    Ok(head.to_string())
}

/// The key of the head in the metadata of a file or a stream.
const ABOUT: &str = "datainfra";

/// 416.
fn no_such_part(length: u64) -> Problem {
    let told = told!(
        "the file has {length} bytes, and none in the range asked for",
        "ファイルは {length} バイトで、指定された範囲にデータはありません"
    );
    let problem = Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, told);
    match HeaderValue::try_from(format!("bytes */{length}")) {
        Ok(range) => problem.with_header(header::CONTENT_RANGE, range),
        Err(_) => problem,
    }
}

/// The bytes from `start` to before `end`, read while they are sent.
fn body(file: Arc<Written>, start: u64, end: u64) -> Body {
    Body::from_stream(try_unfold((file, start), move |(file, at)| async move {
        if at >= end {
            return Ok(None);
        }
        let (length, reader) = (PIECE.min(end - at), Arc::clone(&file));
        let read = spawn_blocking(move || reader.read(at, length)).await.map_err(std::io::Error::other)??;
        Ok::<_, std::io::Error>(Some((Bytes::from(read), (file, at + length))))
    }))
}
