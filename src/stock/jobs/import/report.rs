//! What a task of an import says beside its counts.

use super::rules::{Held, within};
use crate::stock::{
    bar::Days,
    jobs::{rejected::rejected, settled::settled},
    loading::{Change, Fitted, Loaded},
    store::bars::difference,
};

/// What loading would do, for a dry run.
pub fn would(fitted: &Fitted, held: &Held<'_>, rejected: usize) -> String {
    let days =
        fitted.bars.first().zip(fitted.bars.last()).map(|(first, last)| Days { from: first.date, to: last.date });
    let found = days.map(|days| difference(within(held.bars, days), &fitted.bars)).unwrap_or_default();
    let (new, changed, unchanged) = (found.new.len(), found.changed.len(), found.unchanged + fitted.agreeing);
    let counts =
        format!("would insert {new}, update {changed}, leave {unchanged} unchanged and reject {rejected} rows");
    joined([Some(counts), change(fitted)])
}

/// What loading did, where it is worth a word.
pub fn did(fitted: &Fitted, loaded: &Loaded) -> Option<String> {
    let count = loaded.rows.rejected;
    let text = joined([change(fitted), (count > 0).then(|| rejected(count, loaded.held))]);
    (!text.is_empty()).then_some(text)
}

fn change(fitted: &Fitted) -> Option<String> {
    match &fitted.change {
        Change::None => None,
        Change::Rebased { ratio, .. } => Some(format!("history rebased, prices times {ratio}")),
        Change::Settled(found) => Some(settled(found)),
        Change::Corrections(found) => Some(format!("{} stored bars corrected", found.len())),
    }
}

fn joined<const N: usize>(parts: [Option<String>; N]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
