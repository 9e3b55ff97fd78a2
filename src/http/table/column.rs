//! Long tables column by column, in pieces: what every format is written from.

use std::{borrow::Cow, sync::Arc};

use chrono::NaiveDate;
use futures_util::stream::{self, BoxStream, StreamExt as _};

use crate::http::problem::Answer;

/// A column's name and what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: Cow<'static, str>,
    pub kind: Kind,
}

/// What a column holds. Every value may be absent, save days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Day,
    Text,
    /// Finite; what is not is written as absent.
    Real,
    Whole,
}

/// The values of a column in a piece of the table.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    Day(Vec<NaiveDate>),
    Text(Vec<Option<Arc<str>>>),
    Real(Vec<Option<f64>>),
    Whole(Vec<Option<i64>>),
}

impl Values {
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Day(values) => values.len(),
            Self::Text(values) => values.len(),
            Self::Real(values) => values.len(),
            Self::Whole(values) => values.len(),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same text in each of `rows` rows.
    #[must_use]
    pub fn same(text: &Arc<str>, rows: usize) -> Self {
        Self::Text(vec![Some(Arc::clone(text)); rows])
    }
}

/// A piece of a table: as many values in each column, in the order of the table's columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch(pub Vec<Values>);

impl Batch {
    #[must_use]
    pub fn rows(&self) -> usize {
        self.0.first().map_or(0, Values::len)
    }
}

/// A table that is read while it is sent. A piece that fails after the first cuts the answer off, which every client
/// notices: its length is announced by the transfer itself.
pub struct Table {
    pub columns: Vec<Column>,
    pub batches: BoxStream<'static, Answer<Batch>>,
}

impl Table {
    /// A table of a few rows that are there already.
    #[must_use]
    pub fn of(columns: Vec<Column>, batch: Batch) -> Self {
        Self { columns, batches: stream::iter([Ok(batch)]).boxed() }
    }
}

/// Names and kinds, in order.
#[must_use]
pub fn columns(of: &[(&'static str, Kind)]) -> Vec<Column> {
    of.iter().map(|(name, kind)| Column { name: Cow::Borrowed(name), kind: *kind }).collect()
}
