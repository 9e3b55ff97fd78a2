//! How a command ends.

use std::{fmt, io::Write as _, process::ExitCode};

/// Why a command did not do its work.
#[derive(Debug)]
pub enum Outcome {
    /// Exit status 1. Empty when everything has been said.
    Failed(String),
    /// Exit status 2: usage or configuration.
    Usage(String),
}

impl Outcome {
    pub fn failed(error: impl Into<anyhow::Error>) -> Self {
        let error = error.into();
        let mut text = error.to_string();
        // Some errors tell their cause themselves.
        for cause in error.chain().skip(1).map(ToString::to_string).filter(|cause| !cause.is_empty()) {
            if !text.ends_with(&cause) {
                text = format!("{text}: {cause}");
            }
        }
        Self::Failed(text)
    }

    pub fn usage(error: impl std::fmt::Display) -> Self {
        Self::Usage(error.to_string())
    }

    /// The work failed, and the command has said how.
    pub const fn said() -> Self {
        Self::Failed(String::new())
    }
}

impl<E: Into<anyhow::Error>> From<E> for Outcome {
    fn from(error: E) -> Self {
        Self::failed(error)
    }
}

/// Tells standard error what went wrong, and the shell whether.
pub fn say(result: &Result<(), Outcome>) -> ExitCode {
    let (text, code) = match result {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Outcome::Failed(text)) => (text, 1),
        Err(Outcome::Usage(text)) => (text, 2),
    };
    if !text.is_empty() {
        // Where standard error is closed there is nobody to tell.
        let _ = writeln!(std::io::stderr(), "datainfra: {}", text.trim_end());
    }
    ExitCode::from(code)
}

/// `1 company`, `2 companies`.
pub fn counted<N: Copy + fmt::Display + PartialEq + From<u8>>(count: N, one: &str, more: &str) -> String {
    let what = if count == N::from(1) { one } else { more };
    format!("{count} {what}")
}

/// Prints to standard output; a reader that left, such as `head`, is no failure.
pub fn print(text: &str) {
    let _ = writeln!(std::io::stdout(), "{}", text.trim_end_matches('\n'));
}
