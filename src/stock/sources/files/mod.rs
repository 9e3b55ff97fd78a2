//! Bars from files: streaming readers of what vendors let people download. A file is read line by line in bounded
//! memory, each layout in a file of its own; none judges a row beyond its form.
//!
//! A new layout: a file here, a variant of [`Layout`], a test, a paragraph in `docs/imports.md`.

mod archive;
mod bounded;
mod cells;
mod day;
mod error;
mod form;
mod jquants;
mod layout;
mod lines;
mod plain;
mod read;
mod stooq;
mod stooq_bulk;
mod symbol;
mod yahoo;
mod yahoo_japan;

#[cfg(test)]
mod tests;

pub use error::{FileError, FileErrorKind};
pub use layout::Layout;
pub use read::{Content, FileRow, Given, Seekable, Sink, Summary, read};
