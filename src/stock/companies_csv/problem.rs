//! What is wrong with a file, and where.

use std::fmt;

/// One thing wrong with a file of companies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvProblem {
    /// The line of the file, from 1; for a record over several lines its first.
    pub line: u64,
    /// The column's name; none when the line as a whole is wrong.
    pub column: Option<String>,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl CsvProblem {
    pub(super) fn of_line(line: u64, message: impl Into<String>) -> Self {
        Self { line, column: None, message: message.into() }
    }

    pub(super) fn of_column(line: u64, column: &str, message: impl Into<String>) -> Self {
        Self { line, column: Some(column.to_owned()), message: message.into() }
    }
}

impl fmt::Display for CsvProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.column {
            Some(column) => write!(f, "line {}, {column}: {}", self.line, self.message),
            None => write!(f, "line {}: {}", self.line, self.message),
        }
    }
}

impl std::error::Error for CsvProblem {}
