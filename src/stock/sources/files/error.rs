//! Why a file is not read: the part and the line of it, and the reason in words.

use std::fmt;

use crate::{
    told,
    told::{Language, Tell, Told},
};

/// What can be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileErrorKind {
    /// The file could not be read to its end.
    Unreadable,
    /// It is no file of bars that is known here: no text, or no known layout.
    Unknown,
    /// It is larger than is taken.
    TooLarge,
    /// Something in it is wrong.
    Content,
}

/// Why nothing of a file is taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct FileError {
    pub kind: FileErrorKind,
    /// The part of an archive.
    pub entry: Option<String>,
    /// From 1.
    pub line: Option<u64>,
    pub reason: Told,
}

impl FileError {
    pub(super) fn new(kind: FileErrorKind, reason: impl Into<Told>) -> Self {
        Self { kind, entry: None, line: None, reason: reason.into() }
    }

    /// Something in the file is wrong.
    #[must_use]
    pub fn content(reason: impl Into<Told>) -> Self {
        Self::new(FileErrorKind::Content, reason)
    }

    pub(super) fn unknown(reason: impl Into<Told>) -> Self {
        Self::new(FileErrorKind::Unknown, reason)
    }

    pub(super) fn too_large(reason: impl Into<Told>) -> Self {
        Self::new(FileErrorKind::TooLarge, reason)
    }

    /// The reader of a file stopped: somebody else has the reason.
    #[must_use]
    pub fn stopped() -> Self {
        Self::new(FileErrorKind::Unreadable, told!("stopped", "読み込みが中止されました"))
    }

    pub(super) fn at(mut self, line: u64) -> Self {
        self.line.get_or_insert(line);
        self
    }

    pub(super) fn of_entry(mut self, entry: &str) -> Self {
        self.entry.get_or_insert_with(|| shown(entry));
        self
    }
}

impl From<std::io::Error> for FileError {
    /// A limit of our own travels through readers that are not ours as an I/O error.
    fn from(error: std::io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()) {
            Some(own) => own.clone(),
            None => {
                let reason = told!("it cannot be read: {error}", "最後まで読めませんでした（{error}）");
                Self::new(FileErrorKind::Unreadable, reason)
            }
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(entry) = &self.entry {
            write!(f, "{entry}: ")?;
        }
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        write!(f, "{}", self.reason)
    }
}

impl Tell for FileError {
    fn japanese(&self) -> String {
        let entry = self.entry.as_ref().map(|entry| format!("{entry}: ")).unwrap_or_default();
        let line = self.line.map(|line| format!("{line} 行目: ")).unwrap_or_default();
        format!("{entry}{line}{}", self.reason.in_language(Language::Japanese))
    }
}

/// A text of a file as a message may repeat it: short, on one line, without control characters.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 80;
    let mut short: String = text.chars().take(LONGEST).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}
