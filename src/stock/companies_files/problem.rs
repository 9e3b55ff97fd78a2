//! Everything that is wrong with a file, as far as anybody reads it.

use std::fmt;

use crate::stock::companies_csv::CsvProblem;

/// More lines than this help nobody.
const SHOWN: usize = 20;

/// What is wrong with a file: one line for each thing, with its place where it has one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileProblems {
    shown: Vec<String>,
    more: usize,
}

impl FileProblems {
    pub(super) fn one(message: impl Into<String>) -> Self {
        Self { shown: vec![message.into()], more: 0 }
    }

    /// Adds one; those that nobody would read are only counted.
    pub fn add(&mut self, message: impl FnOnce() -> String) {
        if self.shown.len() < SHOWN {
            self.shown.push(message());
        } else {
            self.more += 1;
        }
    }

    /// Nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// One line for each thing, those that are not shown counted in the last.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        let more = (self.more > 0).then(|| format!("and {} more", self.more));
        self.shown.iter().cloned().chain(more)
    }
}

impl From<Vec<CsvProblem>> for FileProblems {
    fn from(problems: Vec<CsvProblem>) -> Self {
        let mut all = Self::default();
        problems.iter().for_each(|problem| all.add(|| problem.to_string()));
        all
    }
}

impl fmt::Display for FileProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().collect::<Vec<_>>().join("\n"))
    }
}

impl std::error::Error for FileProblems {}
