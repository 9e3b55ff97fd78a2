//! The layouts, good and ugly; the numbers are invented, save in files that stand beside the repository.

mod archives;
mod layouts;
mod real;
mod refused;

use std::io::Cursor;

use super::{Content, FileError, FileRow, Given, Layout, Sink, Summary, read};
use crate::stock::bar::{Basis, StockCode};

#[derive(Debug, Default)]
struct Rows(Vec<FileRow>);

impl Sink for Rows {
    fn row(&mut self, row: FileRow) -> Result<(), FileError> {
        self.0.push(row);
        Ok(())
    }
}

impl Rows {
    /// Code, day and close of each row that could be read.
    fn closes(&self) -> Vec<(String, String, Option<f64>)> {
        let close = |row: &FileRow| {
            let (read, _) = row.read.as_ref().ok()?;
            Some((row.code.to_string(), read.bar.date.to_string(), read.bar.close))
        };
        self.0.iter().filter_map(close).collect()
    }

    fn reasons(&self) -> Vec<&str> {
        self.0.iter().filter_map(|row| row.read.as_ref().err()).map(|rejection| rejection.reason.as_str()).collect()
    }
}

fn given(name: &str) -> Given {
    Given { name: name.to_owned(), layout: None, company: None, basis: None, most: 64 * 1024 * 1024 }
}

fn of_company(name: &str, code: &str) -> Given {
    Given { company: Some(StockCode::parse(code).unwrap()), ..given(name) }
}

fn with(bytes: &[u8], given: &Given) -> Result<(Summary, Rows), FileError> {
    let mut rows = Rows::default();
    let content = if Content::is_archive(bytes) {
        Content::Archive(Box::new(Cursor::new(bytes.to_vec())))
    } else {
        Content::Text(Box::new(Cursor::new(bytes.to_vec())))
    };
    read(content, given, &mut rows).map(|summary| (summary, rows))
}

fn file(name: &str, bytes: impl AsRef<[u8]>) -> (Summary, Rows) {
    with(bytes.as_ref(), &given(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn refused(name: &str, bytes: impl AsRef<[u8]>) -> FileError {
    match with(bytes.as_ref(), &given(name)) {
        Ok((summary, _)) => panic!("{name}: {summary:?}"),
        Err(error) => error,
    }
}

fn told(summary: &Summary) -> (Layout, Basis, u64) {
    (summary.layout, summary.basis, summary.rows)
}
