//! What is wrong with a configuration: where it stands, which key, what is wrong and what would be right.

use std::fmt;
use std::path::PathBuf;

use super::inputs::Inputs;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A file, with the line (from 1) where the key stands, when it could be found.
    File { path: PathBuf, line: Option<usize> },
    /// An environment variable, by name.
    Variable(String),
    /// Nobody gave the value.
    BuiltIn,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line: Some(line) } => write!(f, "{}:{line}", path.display()),
            Self::File { path, line: None } => write!(f, "{}", path.display()),
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::BuiltIn => f.write_str("built-in default"),
        }
    }
}

/// Why a value is refused, before it is known where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    pub wrong: String,
    pub right: String,
}

impl Wrong {
    /// `wrong` says what is wrong with the value, `right` what would be right.
    pub fn new(wrong: impl Into<String>, right: impl Into<String>) -> Self {
        Self { wrong: wrong.into(), right: right.into() }
    }
}

/// One problem of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub place: Place,
    /// The key with its sections, `jobs.stock.schedule`; empty when the whole file is meant.
    pub key: String,
    pub wrong: String,
    pub right: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "{}; {}", self.wrong, self.right)
    }
}

/// Every problem of a configuration, in the order of the file, then of the environment. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems {
    list: Vec<Problem>,
    inputs: Inputs,
}

impl Problems {
    /// Nothing when there is no problem.
    #[must_use]
    pub fn of(mut problems: Vec<Problem>) -> Option<Self> {
        problems.sort_by(|a, b| a.place.cmp(&b.place));
        (!problems.is_empty()).then(|| Self { list: problems, inputs: Inputs::default() })
    }

    #[must_use]
    pub fn as_slice(&self) -> &[Problem] {
        &self.list
    }

    /// The files that were read, also those that could not be.
    #[must_use]
    pub const fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    #[must_use]
    pub fn with_inputs(self, inputs: Inputs) -> Self {
        Self { inputs, ..self }
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self { list: vec![problem], inputs: Inputs::default() }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.list.len() == 1 { "" } else { "s" };
        write!(f, "the configuration has {} problem{plural}:", self.list.len())?;
        for problem in &self.list {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// A value as messages show it: quoted, and cut after 60 characters.
#[must_use]
pub fn shown(text: &str) -> String {
    if text.chars().count() <= 60 {
        return format!("{text:?}");
    }
    let head: String = text.chars().take(60).collect();
    format!("{head:?}…")
}
