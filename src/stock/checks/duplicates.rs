//! One row per session: equal repetitions are folded, contradicting ones rejected.

use crate::stock::bar::Row;

use super::tally::Tally;

/// The rows ascending by date, one for each.
pub(super) fn fold(mut rows: Vec<Row>, tally: &mut Tally) -> Vec<Row> {
    rows.sort_by_key(|row| row.bar.date);
    let mut kept: Vec<Row> = Vec::with_capacity(rows.len());
    let mut rest = rows.into_iter().peekable();
    while let Some(first) = rest.next() {
        let mut same_day = vec![first];
        while let Some(row) = rest.next_if(|row| same_day[0].bar.date == row.bar.date) {
            same_day.push(row);
        }
        let agree = same_day.iter().all(|row| same_day.len() == 1 || row.bar == same_day[0].bar);
        if agree {
            kept.extend(same_day.into_iter().take(1));
        } else {
            reject_all(same_day, tally);
        }
    }
    kept
}

fn reject_all(rows: Vec<Row>, tally: &mut Tally) {
    let count = rows.len();
    for row in rows {
        let reason = format!("{} stands in {count} rows with different values", row.bar.date);
        tally.reject(row, reason);
    }
}
