//! Several tables in one answer: in JSON an array of objects, each with a head and rows of its own; in other formats one
//! table, whose first columns tell the parts apart.

use std::{borrow::Cow, io, sync::Arc};

use axum::{
    body::{Body, Bytes},
    http::header,
    response::{IntoResponse as _, Response},
};
use futures_util::{
    Stream, StreamExt as _, TryStreamExt as _, future,
    stream::{self, BoxStream},
};
use serde::Serialize;

use super::{
    caching::Tag,
    column::{Batch, Column, Kind, Table, Values},
    format::Format,
    reply::Names,
    send::send,
    text::Objects,
};
use crate::http::problem::{Answer, Problem};

/// A part of the answer.
pub struct Part {
    head: Vec<u8>,
    texts: Vec<Arc<str>>,
    batches: BoxStream<'static, Answer<Batch>>,
}

impl Part {
    /// `head` is what JSON has before the rows, an object; `texts` what each row begins with elsewhere, one for each of
    /// [`Parts::of`].
    ///
    /// # Errors
    /// When `head` cannot be written.
    pub fn new(
        head: &impl Serialize,
        texts: Vec<Arc<str>>,
        batches: BoxStream<'static, Answer<Batch>>,
    ) -> Answer<Self> {
        Ok(Self { head: serde_json::to_vec(head).map_err(Problem::internal)?, texts, batches })
    }
}

/// Tables of the same columns.
pub struct Parts {
    /// What the parts are told apart by, in rows: columns of texts.
    pub of: &'static [&'static str],
    /// The member of a part that has its rows.
    pub member: &'static str,
    pub columns: Vec<Column>,
    /// Read one after the other, as they are sent.
    pub parts: Vec<Part>,
}

/// The head and the parts in the format asked for, tagged. Formats other than JSON have the rows only.
///
/// # Errors
/// When `head` cannot be written or the first piece cannot be read.
pub async fn send_parts(
    format: Format,
    tag: &Tag,
    names: &Names<'_>,
    head: &impl Serialize,
    mut parts: Parts,
) -> Answer<Response> {
    if format != Format::Json {
        return send(format, tag, names, head, flat(parts)).await;
    }
    // Before anything is sent, a failure can still be told.
    if let Some(part) = parts.parts.first_mut() {
        let first = part.batches.try_next().await?;
        let rest = std::mem::replace(&mut part.batches, stream::empty().boxed());
        part.batches = stream::iter(first.map(Ok)).chain(rest).boxed();
    }
    let mut start = serde_json::to_vec(head).map_err(Problem::internal)?;
    open(&mut start, names.member);
    let body = once(start).chain(json(parts)).chain(once(b"]}".to_vec()));
    let body = body.map_err(|problem| axum::Error::new(io::Error::other(format!("{problem:?}"))));
    Ok(tag.mark(([(header::CONTENT_TYPE, "application/json")], Body::from_stream(body)).into_response()))
}

/// One table of all parts.
fn flat(parts: Parts) -> Table {
    let text = |name: &&'static str| Column { name: Cow::Borrowed(name), kind: Kind::Text };
    let columns = parts.of.iter().map(text).chain(parts.columns).collect();
    let batches = stream::iter(parts.parts).flat_map(|part| {
        let texts = part.texts;
        part.batches.map_ok(move |batch| {
            let rows = batch.rows();
            Batch(texts.iter().map(|text| Values::same(text, rows)).chain(batch.0).collect())
        })
    });
    Table { columns, batches: batches.boxed() }
}

/// The parts as objects, with commas between them.
fn json(parts: Parts) -> impl Stream<Item = Answer<Bytes>> + Send + 'static {
    let (objects, member) = (Arc::new(Objects::new(&parts.columns)), parts.member);
    stream::iter(parts.parts).enumerate().flat_map(move |(at, part)| {
        let mut start = if at > 0 { b",".to_vec() } else { Vec::new() };
        start.extend(part.head);
        open(&mut start, member);
        let (objects, mut first) = (Arc::clone(&objects), true);
        let rows = part.batches.map_ok(move |batch| {
            let mut text = Vec::new();
            if batch.rows() > 0 {
                text.extend((!std::mem::take(&mut first)).then_some(b','));
                objects.write(&batch, b',', &mut text);
                text.pop();
            }
            Bytes::from(text)
        });
        once(start).chain(rows).chain(once(b"]}".to_vec()))
    })
}

/// Goes on with an object that was written: one more member, an array that is still open.
fn open(object: &mut Vec<u8>, member: &str) {
    object.pop();
    if object.last() != Some(&b'{') {
        object.push(b',');
    }
    object.extend_from_slice(format!("\"{member}\":[").as_bytes());
}

fn once(text: Vec<u8>) -> impl Stream<Item = Answer<Bytes>> + Send + 'static {
    stream::once(future::ready(Ok(Bytes::from(text))))
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use serde_json::json;

    use super::*;
    use crate::{http::table::columns, told};

    fn part(name: &str, pieces: Vec<Vec<i64>>) -> Part {
        let batch = |piece: Vec<i64>| Ok(Batch(vec![Values::Whole(piece.into_iter().map(Some).collect())]));
        let batches = stream::iter(pieces.into_iter().map(batch)).boxed();
        Part::new(&json!({ "name": name }), vec![Arc::from(name)], batches).unwrap()
    }

    async fn sent(format: Format, parts: Vec<Part>) -> Answer<String> {
        let parts = Parts { of: &["name"], member: "data", columns: columns(&[("n", Kind::Whole)]), parts };
        let names = Names { member: "series", file: "series" };
        let response = send_parts(format, &Tag::of(["x"]), &names, &json!({}), parts).await?;
        Ok(String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap())
    }

    #[tokio::test]
    async fn parts_are_objects_in_json_and_rows_of_one_table_elsewhere() {
        let parts = || vec![part("a", vec![vec![1, 2], vec![], vec![3]]), part("b", vec![]), part("c", vec![vec![4]])];
        let expected = "{\"series\":[{\"name\":\"a\",\"data\":[{\"n\":1},{\"n\":2},{\"n\":3}]},\
                        {\"name\":\"b\",\"data\":[]},{\"name\":\"c\",\"data\":[{\"n\":4}]}]}";
        assert_eq!(sent(Format::Json, parts()).await.unwrap(), expected);
        assert_eq!(sent(Format::Csv, parts()).await.unwrap(), "name,n\r\na,1\r\na,2\r\na,3\r\nc,4\r\n");
        assert_eq!(sent(Format::Json, vec![]).await.unwrap(), "{\"series\":[]}");
        assert_eq!(sent(Format::Csv, vec![]).await.unwrap(), "name,n\r\n");
    }

    #[tokio::test]
    async fn what_fails_before_the_first_row_is_told() {
        for format in [Format::Json, Format::Csv] {
            let failing =
                || stream::once(future::ready(Err(Problem::unavailable(told!("not now", "今はできません"))))).boxed();
            let part = Part::new(&json!({}), vec![Arc::from("a")], failing()).unwrap();
            assert!(sent(format, vec![part]).await.is_err(), "{format:?}");
        }
    }
}
