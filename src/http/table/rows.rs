//! Long answers as they are sent: text is made piece by piece from the rows, never as a whole.

use std::io;

use axum::body::{Body, Bytes};
use futures_util::stream;
use serde::Serialize;

/// Rows made into text at once: some tens of kilobytes.
const PIECE: usize = 512;

/// A row of a table: what JSON has as an object and CSV as a line.
pub trait Row: Serialize + Send + 'static {
    /// The names of its members in their order: CSV's header.
    const COLUMNS: &'static [&'static str];
}

/// `head` with one more member, an array of the rows.
///
/// # Errors
/// When `head` is no object that can be written.
pub fn json<R: Row>(
    head: &impl Serialize,
    member: &str,
    rows: impl Iterator<Item = R> + Send + 'static,
) -> serde_json::Result<Body> {
    let mut start = serde_json::to_vec(head)?;
    start.pop();
    start.extend_from_slice(format!(",\"{member}\":[").as_bytes());
    let mut first = true;
    let pieces = pieces(rows, move |rows| {
        let mut text = Vec::new();
        for row in rows {
            if !std::mem::take(&mut first) {
                text.push(b',');
            }
            serde_json::to_writer(&mut text, row)?;
        }
        Ok(text)
    });
    Ok(body(std::iter::once(Ok(start)).chain(pieces).chain(std::iter::once(Ok(b"]}".to_vec())))))
}

/// A JSON object a line.
pub fn ndjson<R: Row>(rows: impl Iterator<Item = R> + Send + 'static) -> Body {
    body(pieces(rows, |rows| {
        let mut text = Vec::new();
        for row in rows {
            serde_json::to_writer(&mut text, row)?;
            text.push(b'\n');
        }
        Ok(text)
    }))
}

/// A header line and a line for each row.
pub fn csv<R: Row>(rows: impl Iterator<Item = R> + Send + 'static) -> Body {
    let start = format!("{}\r\n", R::COLUMNS.join(",")).into_bytes();
    let pieces = pieces(rows, |rows| {
        let mut writer =
            csv::WriterBuilder::new().has_headers(false).terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        for row in rows {
            writer.serialize(row)?;
        }
        writer.into_inner().map_err(csv::IntoInnerError::into_error)
    });
    body(std::iter::once(Ok(start)).chain(pieces))
}

fn pieces<R: Row>(
    mut rows: impl Iterator<Item = R> + Send + 'static,
    mut text: impl FnMut(&[R]) -> io::Result<Vec<u8>> + Send + 'static,
) -> impl Iterator<Item = io::Result<Vec<u8>>> + Send + 'static {
    std::iter::from_fn(move || {
        let piece: Vec<R> = rows.by_ref().take(PIECE).collect();
        (!piece.is_empty()).then(|| text(&piece))
    })
}

fn body(pieces: impl Iterator<Item = io::Result<Vec<u8>>> + Send + 'static) -> Body {
    Body::from_stream(stream::iter(pieces.map(|piece| piece.map(Bytes::from))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Line {
        n: usize,
        text: Option<&'static str>,
    }

    impl Row for Line {
        const COLUMNS: &'static [&'static str] = &["n", "text"];
    }

    #[derive(Serialize)]
    struct Head {
        name: &'static str,
    }

    async fn text(body: Body) -> String {
        String::from_utf8(axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn pieces_join_to_one_document_whatever_the_number_of_rows() {
        for count in [0, 1, PIECE, PIECE + 1, 3 * PIECE] {
            let rows = || (0..count).map(|n| Line { n, text: None });
            let written = text(json(&Head { name: "x" }, "data", rows()).unwrap()).await;
            let read: serde_json::Value = serde_json::from_str(&written).unwrap();
            assert_eq!((read["name"].as_str(), read["data"].as_array().unwrap().len()), (Some("x"), count));
            assert_eq!(text(csv(rows())).await.lines().count(), count + 1);
            let lines = text(ndjson(rows())).await;
            assert!(lines.lines().enumerate().all(|(n, line)| line == format!("{{\"n\":{n},\"text\":null}}")));
            assert_eq!((lines.lines().count(), lines.is_empty() || lines.ends_with("}\n")), (count, true));
        }
    }

    #[tokio::test]
    async fn csv_quotes_what_has_to_be_and_leaves_nothing_for_null() {
        let rows = [Line { n: 1, text: Some("a, \"b\"") }, Line { n: 2, text: None }];
        assert_eq!(text(csv(rows.into_iter())).await, "n,text\r\n1,\"a, \"\"b\"\"\"\r\n2,\r\n");
    }
}
