//! What a task says beside its counts.

use super::fetch::Fetched;
use crate::stock::loading::{Change, Loaded, Outcome};

/// What was written of an answer.
pub struct Written {
    pub loaded: Loaded,
    pub source: Option<&'static str>,
    pub message: Option<String>,
}

/// What is worth reading beside the counts.
pub fn message(fetched: &Fetched, outcome: &Outcome, loaded: &Loaded) -> Option<String> {
    let answer = match outcome {
        Outcome::GivenUp { .. } => {
            return Some(format!("delisted, and no source has its history: {}", fetched.reasons()));
        }
        Outcome::Nothing { source, .. } => return Some(format!("{source} has nothing new")),
        Outcome::Bars(answer) => answer,
    };
    let mut parts = Vec::new();
    match &answer.change {
        Change::Rebased { ratio } => parts.push(format!("history rebased, prices times {ratio}")),
        Change::Corrections(found) => parts.push(format!("{} stored bars corrected", found.len())),
        Change::None => {}
    }
    if loaded.rows.rejected > 0 {
        parts.push(format!("{} rows quarantined", loaded.rows.rejected));
    }
    if answer.vouched.from > fetched.asked.from {
        parts.push(format!("{} goes back to {} only", answer.source, answer.vouched.from));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}
