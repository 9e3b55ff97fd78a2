//! An answer on its way to the store: its rows checked, its bars fitted to what is stored.

use super::fit::{Fitted, Stored, fit};
use crate::stock::{
    bar::{Basis, RawBatch, Rejection},
    checks::{CheckContext, check_beside},
};

/// Rows that are not loaded, by who gave them.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejected {
    /// `yahoo`
    pub source: &'static str,
    /// What the rows are adjusted for.
    pub basis: Basis,
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
    let (source, basis) = (raw.source, raw.basis);
    let checked = match check_beside(raw, context, stored.bars) {
        Ok(checked) => checked,
        Err(changed) => {
            let reason = format!("unexpected answer: {}", changed.reason);
            return Judged { fitted: Err(reason), rejected: Rejected { source, basis, rows: changed.rejected } };
        }
    };
    let mut rows = checked.batch.rejected.clone();
    let vouched = checked.batch.vouched;
    let fitted = fit(checked.batch, stored);
    if let Err(reason) = &fitted {
        let raw = format!("{} to {}", vouched.from, vouched.to);
        rows.push(Rejection { date: None, bar: None, raw, reason: reason.clone(), decided: None });
    }
    Judged { fitted, rejected: Rejected { source, basis, rows } }
}
