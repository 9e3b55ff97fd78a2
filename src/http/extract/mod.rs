//! Extractors whose rejections are problems that name the culprit.

mod backfill_path;
mod body;
mod fault;
mod path;
mod query;
mod run_path;
mod values;
mod words;

use crate::{http::problem::Problem, told, told::Told};

pub use backfill_path::BackfillPath;
pub use body::{Body, JsonBody, cut_off, json, json_object};
pub use path::path_text;
pub use query::{NoParams, QueryParams, instant, word};
pub use run_path::RunPath;
pub use words::{missing, no_day, none_of, not, unknown_member};

/// The longest body a request may have.
pub const MAX_BODY: usize = 64 * 1024;

/// The longest body of a request that brings a file.
pub const MAX_UPLOAD: usize = 64 * 1024 * 1024;

/// Whether a text can be stored and shown: no control characters, at most `longest` characters.
///
/// # Errors
/// What is wrong with it.
pub fn plain_text(text: &str, longest: usize) -> Result<(), Told> {
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(told!("it contains a control character", "制御文字が含まれています。取り除いてください"));
    }
    if text.chars().count() > longest {
        return Err(told!("it is longer than {longest} characters", "長すぎます。{longest} 文字以内にしてください"));
    }
    Ok(())
}

/// 413.
pub fn too_large(most: usize) -> Problem {
    let most = most / 1024;
    let message = told!("the body is larger than {most} KiB", "本文が大きすぎます。{most} KiB までです");
    Problem::new(axum::http::StatusCode::PAYLOAD_TOO_LARGE, message)
}
