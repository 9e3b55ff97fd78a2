//! An answer on its way to the store: its rows checked, its bars fitted to what is stored.

use super::fit::{Fitted, Stored, fit};
use crate::stock::{
    bar::{RawBatch, Rejection},
    checks::{CheckContext, check},
};

/// Rows that are not loaded, by who gave them.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejected {
    /// `yahoo`
    pub source: &'static str,
    pub rows: Vec<Rejection>,
}

/// The bars of an answer that may be written, and the rows that may not.
#[derive(Debug)]
pub struct Judged {
    /// Or why nothing of the answer is loaded.
    pub fitted: Result<Fitted, String>,
    pub rejected: Rejected,
}

/// Checks an answer and fits it to what is stored. An answer that contradicts the stored series is itself one of the
/// rejected rows.
#[must_use]
pub fn judge(raw: RawBatch, context: &CheckContext, stored: &Stored<'_>) -> Judged {
    let source = raw.source;
    let checked = match check(raw, context) {
        Ok(checked) => checked,
        Err(changed) => {
            let reason = format!("unexpected answer: {}", changed.reason);
            return Judged { fitted: Err(reason), rejected: Rejected { source, rows: changed.rejected } };
        }
    };
    let mut rows = checked.batch.rejected.clone();
    let vouched = checked.batch.vouched;
    let fitted = fit(checked.batch, stored);
    if let Err(reason) = &fitted {
        let raw = format!("{} to {}", vouched.from, vouched.to);
        rows.push(Rejection { date: None, raw, reason: reason.clone() });
    }
    Judged { fitted, rejected: Rejected { source, rows } }
}
