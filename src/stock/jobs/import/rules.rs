//! What a file may do to a stored series, as pure functions. A file is whatever somebody had lying about: it may be
//! older than the series, and it never has the last word by that alone.

use chrono::{Datelike as _, NaiveDate};

use crate::stock::{
    bar::{Bar, Basis, Days, RawBatch, Rejection},
    calendar::Calendar,
    checks::CheckContext,
    imports::FileRows,
    loading::{Change, Fitted, Judged, Stored, judge},
    store::series::Series,
};

/// Rows before this year are misread days and vouch for nothing.
const FIRST_YEAR: i32 = 1949;

/// So many stored bars of another source a file may correct, or one in so many of the common ones.
const CORRECTIONS: usize = 3;
const ONE_IN: usize = 200;

/// What is stored of a company.
pub struct Held<'a> {
    pub series: &'a Series,
    /// All of it, ascending.
    pub bars: &'a [Bar],
}

/// The file's side.
pub struct Offered {
    /// `file:stooq`
    pub source: &'static str,
    pub basis: Basis,
    pub rows: FileRows,
}

/// Checks the rows, fits them to the series, and keeps to the rules of files.
#[must_use]
pub fn judged(offered: Offered, held: &Held<'_>, calendar: &Calendar, newest_final: NaiveDate) -> Judged {
    let Offered { source, basis, rows: FileRows { rows, unreadable, splits } } = offered;
    let vouched = vouched(rows.iter().map(|row| row.bar.date), newest_final);
    let days = vouched.unwrap_or(Days { from: newest_final, to: newest_final });
    let bars = if held.series.is_unsettled() { held.bars } else { within(held.bars, days) };
    let before = held.bars.iter().take_while(|bar| bar.date < days.from);
    let previous_close =
        if bars.is_empty() { before.filter_map(|bar| bar.close.map(|close| (bar.date, close))).last() } else { None };
    let context = CheckContext { calendar, newest_final, previous_close };
    let raw = RawBatch { source, basis, rows, unreadable, splits, vouched: days };
    let judged = judge(raw, &context, &Stored { series: held.series, bars, previous_close });
    keep_to_the_rules(judged, held, days)
}

/// From the first to the last row that can be a session's: a file says nothing of days beyond.
fn vouched(dates: impl Iterator<Item = NaiveDate>, newest_final: NaiveDate) -> Option<Days> {
    let believable = dates.filter(|date| date.year() >= FIRST_YEAR && *date <= newest_final);
    believable.fold(None, |days, date| {
        let days: Days = days.unwrap_or(Days { from: date, to: date });
        Some(Days { from: days.from.min(date), to: days.to.max(date) })
    })
}

pub fn within(bars: &[Bar], days: Days) -> &[Bar] {
    let from = bars.partition_point(|bar| bar.date < days.from);
    let to = bars.partition_point(|bar| bar.date <= days.to);
    &bars[from..to.max(from)]
}

fn keep_to_the_rules(mut judged: Judged, held: &Held<'_>, days: Days) -> Judged {
    let Ok(fitted) = judged.fitted else { return judged };
    judged.fitted = ruled(fitted, held);
    if let Err(reason) = &judged.fitted {
        let raw = format!("{} to {}", days.from, days.to);
        judged.rejected.rows.push(Rejection { date: None, bar: None, raw, reason: reason.clone(), decided: None });
    }
    judged
}

fn ruled(mut fitted: Fitted, held: &Held<'_>) -> Result<Fitted, String> {
    match &fitted.change {
        Change::None => {}
        Change::Settled(_) if fitted.newest < held.bars.last().map(|bar| bar.date) => {
            let newest = in_words(held.bars.last().map(|bar| bar.date));
            return Err(format!(
                "nobody knows what the bars taken over are adjusted for, and a file that ends before {newest} cannot settle it"
            ));
        }
        Change::Settled(_) => {}
        Change::Rebased { ratio, until } => {
            let (ratio, until) = (*ratio, *until);
            may_rebase(&fitted, held, ratio)?;
            fitted.bars = fitted.bars.rebased(held.bars, ratio, until);
            fitted.agreeing = 0;
        }
        Change::Corrections(corrections) => {
            let same_source = held.series.source.as_deref() == Some(fitted.source);
            let common = within(held.bars, fitted.vouched).len();
            if !same_source && corrections.len() > CORRECTIONS.max(common / ONE_IN) {
                let (count, first) = (corrections.len(), corrections.first().map(|c| c.date));
                let first = first.map_or_else(String::new, |first| format!(", the first on {first}"));
                let source = held.series.source.as_deref().unwrap_or("another source");
                return Err(format!(
                    "{count} of {common} common sessions differ from what {source} gave{first}: too many to be corrections"
                ));
            }
        }
    }
    Ok(fitted)
}

/// Only a file that reaches the end of the series is newer than what is stored.
fn may_rebase(fitted: &Fitted, held: &Held<'_>, ratio: f64) -> Result<(), String> {
    let newest = held.bars.last().map(|bar| bar.date);
    if fitted.newest < newest {
        let (ends, goes_on) = (in_words(fitted.newest), in_words(newest));
        return Err(format!(
            "its prices are {ratio} times the stored ones, and it ends on {ends} while the stored series goes on to \
             {goes_on}: it is of an older basis, from before a split; get the file anew"
        ));
    }
    Ok(())
}

fn in_words(date: Option<NaiveDate>) -> String {
    date.map_or_else(|| "no day".to_owned(), |date| date.to_string())
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
