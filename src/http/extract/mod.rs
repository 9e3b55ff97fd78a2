//! Extractors whose rejections are problems that name the culprit.

mod backfill_path;
mod body;
mod query;
mod run_path;

use crate::http::problem::Problem;

pub use backfill_path::BackfillPath;
pub use body::{Body, JsonBody, rejection};
pub use query::{QueryParams, instant, word};
pub use run_path::RunPath;

/// The longest body a request may have.
pub const MAX_BODY: usize = 64 * 1024;

/// The longest body of a request that brings a file.
pub const MAX_UPLOAD: usize = 64 * 1024 * 1024;

/// What serde calls the culprit: the first name in backticks of its message (``unknown field `x`, expected …``).
fn culprit(message: &str) -> Option<&str> {
    message.split('`').nth(1).filter(|name| !name.is_empty() && message.matches('`').count() > 1)
}

/// Whether a text can be stored and shown: no control characters, at most `longest` characters.
///
/// # Errors
/// What is wrong with it.
pub fn plain_text(text: &str, longest: usize) -> Result<(), String> {
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err("it contains a control character".to_owned());
    }
    if text.chars().count() > longest {
        return Err(format!("it is longer than {longest} characters"));
    }
    Ok(())
}

/// 413.
pub fn too_large(most: usize) -> Problem {
    Problem::new(axum::http::StatusCode::PAYLOAD_TOO_LARGE, format!("the body is larger than {} KiB", most / 1024))
}
