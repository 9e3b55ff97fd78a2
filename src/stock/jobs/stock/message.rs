//! What a task says beside its counts.

use super::fetch::Fetched;
use crate::stock::{
    bar::StockCode,
    jobs::{rejected::rejected, settled::settled},
    loading::{Change, Loaded, Outcome},
};

/// What was written of an answer.
pub struct Written {
    pub loaded: Loaded,
    pub source: Option<&'static str>,
    pub message: Option<String>,
}

/// How many rows were not loaded, how many of them are new, and where those are.
pub fn told_rejected(rows: u64, held: u64, code: &StockCode) -> String {
    let text = rejected(rows, held);
    if held == 0 {
        return text;
    }
    format!("{text}: /api/v1/quarantine?stockCode={}", code.as_str().replace('^', "%5E"))
}

/// What is worth reading beside the counts.
pub fn message(code: &StockCode, fetched: &Fetched, outcome: &Outcome, loaded: &Loaded) -> Option<String> {
    let mut parts = Vec::new();
    match outcome {
        Outcome::GivenUp { .. } => {
            parts.push(format!("delisted, and no source has its history: {}", fetched.reasons()));
        }
        Outcome::Nothing { source, .. } => parts.push(format!("{source} has nothing new")),
        Outcome::Bars(answer) => match &answer.change {
            Change::Rebased { ratio, .. } => parts.push(format!("history rebased, prices times {ratio}")),
            Change::Corrections(found) => parts.push(format!("{} stored bars corrected", found.len())),
            Change::Settled(found) => parts.push(settled(found)),
            Change::None => {}
        },
    }
    if loaded.rows.rejected > 0 {
        parts.push(told_rejected(loaded.rows.rejected, loaded.held, code));
    }
    if let Outcome::Bars(answer) = outcome
        && answer.vouched.from > fetched.asked.from
    {
        parts.push(format!("{} goes back to {} only", answer.source, answer.vouched.from));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}
