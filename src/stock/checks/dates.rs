//! The checks of a row's day.

use chrono::{Datelike, NaiveDate};

use super::CheckContext;
use super::known::Known;
use super::tally::Tally;
use crate::stock::bar::{Bar, Days, Row};

/// The Tokyo exchange reopened in May 1949; older rows are misread dates.
const FIRST_YEAR: i32 = 1949;

enum Day {
    Final,
    Provisional,
    Unasked,
    Phantom(String),
    Wrong(String),
}

/// Keeps the rows of final sessions within `vouched`.
pub(super) fn keep_final_sessions(
    rows: Vec<Row>,
    vouched: Days,
    context: &CheckContext<'_>,
    known: Known<'_>,
    tally: &mut Tally,
) -> Vec<Row> {
    let open = context.calendar.next_session_after(context.newest_final);
    let mut kept = Vec::with_capacity(rows.len());
    for row in rows {
        match judge(&row.bar, vouched, context, open) {
            Day::Final => kept.push(row),
            Day::Provisional => tally.provisional += 1,
            Day::Unasked => tally.unasked += 1,
            Day::Phantom(_) | Day::Wrong(_) if known.has_prices(&row.bar) => kept.push(row),
            Day::Phantom(reason) => tally.reject_phantom(row, reason),
            Day::Wrong(reason) => tally.reject(row, reason),
        }
    }
    kept
}

/// `open` is the session after the newest final one: it may be under way.
fn judge(bar: &Bar, vouched: Days, context: &CheckContext<'_>, open: NaiveDate) -> Day {
    let date = bar.date;
    if date.year() < FIRST_YEAR {
        Day::Wrong(format!("{date} is before {FIRST_YEAR}"))
    } else if date > open {
        Day::Wrong(format!("{date} is in the future"))
    } else if date == open && date > context.newest_final {
        Day::Provisional
    } else if !vouched.contains(date) {
        Day::Unasked
    } else if context.calendar.could_be_session(date) {
        Day::Final
    } else {
        not_a_session(bar, context)
    }
}

fn not_a_session(bar: &Bar, context: &CheckContext<'_>) -> Day {
    let reason = format!("{} is no session of the market in {}", bar.date, context.calendar.market().country());
    if bar.volume.is_none_or(|volume| volume == 0.0) { Day::Phantom(reason) } else { Day::Wrong(reason) }
}
