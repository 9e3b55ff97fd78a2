//! Which of the rates given are loaded: the rules for one, and for a whole answer. Pure.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{
    calendar::is_target_day,
    rate::{Currency, Rate, RawRates, Rejection},
};

/// A rate that is so many times the one before, or less than that part of it, is a mistake until the next day's
/// stands by it. The steepest real step, of the Turkish lira in February 2001, was 1.7.
const LEAP: f64 = 3.0;

/// A rate is not compared with one that is older: some currencies paused for years.
pub const COMPARED_DAYS: i64 = 31;

/// One in so many may be rejected before the whole answer is.
const BEARABLE: usize = 5;

/// An answer, judged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judged {
    /// By currency, then ascending by date, one for each day.
    pub rates: Vec<Rate>,
    pub rejected: Vec<Rejection>,
    /// A rejected rate may be right: a longer answer would tell.
    pub in_doubt: bool,
}

/// Judges the rates of an answer. `newest` is the newest day that can have rates; `known` are stored rates of the days
/// before the answer, ascending.
///
/// # Errors
/// The reason when so much of the answer is wrong that its form must have changed.
pub fn judge(raw: RawRates, newest: NaiveDate, known: &[Rate]) -> Result<Judged, String> {
    let RawRates { mut rates, unreadable } = raw;
    let given = rates.len() + unreadable.len();
    rates.sort_by_key(|rate| (rate.currency, rate.date));
    let known: BTreeMap<Currency, Rate> = known.iter().map(|rate| (rate.currency, *rate)).collect();
    let mut judged = Judged { rejected: unreadable, ..Judged::default() };
    for series in rates.chunk_by(|a, b| a.currency == b.currency) {
        let before = known.get(&series[0].currency).copied();
        judged.series(series, before, newest);
    }
    if judged.rejected.len() * BEARABLE > given {
        let first = judged.rejected.first().map_or_else(String::new, ToString::to_string);
        return Err(format!(
            "{} of {given} rates are wrong, more than a fifth; the first: {first}",
            judged.rejected.len()
        ));
    }
    Ok(judged)
}

impl Judged {
    /// The rates of one currency, ascending.
    fn series(&mut self, series: &[Rate], mut before: Option<Rate>, newest: NaiveDate) {
        for (index, rate) in series.iter().enumerate() {
            let next = series.get(index + 1);
            let twin = |other: &Rate| other.date == rate.date;
            let earlier = index.checked_sub(1).and_then(|index| series.get(index)).filter(|other| twin(other));
            if earlier.is_some_and(|twin| twin.rate == rate.rate) {
                continue;
            }
            let other = earlier.or(next.filter(|other| twin(other))).filter(|twin| twin.rate != rate.rate);
            if let Err(reason) = possible(rate, newest).and_then(|()| alone(other)) {
                self.reject(rate, reason);
            } else if let Some(before) = leapt_from(before, rate)
                && !next.is_some_and(|next| is_near(next.rate, rate.rate))
            {
                self.in_doubt |= next.is_none();
                self.reject(rate, format!("it leaps from the {} of {}", before.rate, before.date));
            } else {
                before = Some(*rate);
                self.rates.push(*rate);
            }
        }
    }

    fn reject(&mut self, rate: &Rate, reason: String) {
        let (currency, date) = (Some(rate.currency), Some(rate.date));
        self.rejected.push(Rejection { currency, date, raw: rate.rate.to_string(), reason });
    }
}

fn possible(rate: &Rate, newest: NaiveDate) -> Result<(), String> {
    if !rate.rate.is_finite() || rate.rate <= 0.0 {
        return Err("a rate is above 0 and finite".to_owned());
    }
    if rate.date > newest {
        return Err(format!("no day after {newest} can have rates yet"));
    }
    if !is_target_day(rate.date) {
        return Err("the day is no TARGET day".to_owned());
    }
    Ok(())
}

fn alone(other: Option<&Rate>) -> Result<(), String> {
    other.map_or(Ok(()), |other| Err(format!("the same answer gives {} as well", other.rate)))
}

/// The rate before, when it is recent and the step from it is too great.
fn leapt_from(before: Option<Rate>, rate: &Rate) -> Option<Rate> {
    before.filter(|before| (rate.date - before.date).num_days() <= COMPARED_DAYS && !is_near(rate.rate, before.rate))
}

fn is_near(rate: f64, other: f64) -> bool {
    (1.0 / LEAP..=LEAP).contains(&(rate / other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(code: &str, date: &str, rate: f64) -> Rate {
        Rate { currency: Currency::parse(code).unwrap(), date: date.parse().unwrap(), rate }
    }

    /// The newest day is Friday, 20 November 2026. Enough good rates of another currency bear the wrong ones.
    fn judged(rates: &[Rate], known: &[Rate]) -> Judged {
        let good = (0..20).map(|n| rate(&format!("A{}A", char::from(b'A' + n)), "2026-11-19", 1.0));
        let raw = RawRates { rates: rates.iter().copied().chain(good).collect(), unreadable: Vec::new() };
        let mut judged = judge(raw, "2026-11-20".parse().unwrap(), known).unwrap();
        judged.rates.retain(|rate| !rate.currency.as_str().starts_with('A'));
        judged
    }

    #[track_caller]
    fn rejects(rates: &[Rate], kept: usize, reason: &str) {
        let found = judged(rates, &[]);
        assert_eq!(found.rates.len(), kept, "{found:?}");
        assert!(found.rejected.iter().any(|rejection| rejection.reason.contains(reason)), "{found:?}");
    }

    #[test]
    fn what_cannot_be_a_rate_is_rejected_with_its_reason() {
        for impossible in [0.0, -1.1, f64::NAN, f64::INFINITY] {
            rejects(&[rate("USD", "2026-11-19", impossible)], 0, "above 0");
        }
        rejects(&[rate("USD", "2026-11-23", 1.1)], 0, "no day after 2026-11-20");
        rejects(&[rate("USD", "2026-11-15", 1.1)], 0, "no TARGET day");
        rejects(&[rate("USD", "2026-05-01", 1.1)], 0, "no TARGET day");
    }

    #[test]
    fn a_day_given_twice_counts_only_when_both_agree() {
        rejects(&[rate("USD", "2026-11-19", 1.1), rate("USD", "2026-11-19", 1.2)], 0, "as well");
        let twice = [rate("USD", "2026-11-19", 1.1), rate("USD", "2026-11-19", 1.1)];
        assert_eq!(judged(&twice, &[]).rates.len(), 1);
        assert!(judged(&twice, &[]).rejected.is_empty());
    }

    #[test]
    fn a_leap_counts_once_the_next_day_stands_by_it() {
        let back = [1.1, 11.0, 1.2].into_iter().zip(["2026-11-17", "2026-11-18", "2026-11-19"]);
        let back: Vec<_> = back.map(|(value, date)| rate("USD", date, value)).collect();
        rejects(&back, 2, "it leaps from the 1.1 of 2026-11-17");
        assert!(!judged(&back, &[]).in_doubt);
        let lasting = [back[0], back[1], rate("USD", "2026-11-19", 12.0)];
        assert_eq!(judged(&lasting, &[]).rates.len(), 3);
        let newest = judged(&back[..2], &[]);
        assert_eq!((newest.rates.len(), newest.in_doubt), (1, true));
    }

    #[test]
    fn what_is_stored_is_compared_with_unless_it_is_old() {
        let given = [rate("USD", "2026-11-19", 11.0)];
        assert!(judged(&given, &[rate("USD", "2026-11-18", 1.1)]).in_doubt);
        assert_eq!(judged(&given, &[rate("USD", "2026-10-01", 1.1)]).rates.len(), 1);
        assert_eq!(judged(&given, &[rate("GBP", "2026-11-18", 1.1)]).rates.len(), 1);
    }

    #[test]
    fn an_answer_of_which_more_than_a_fifth_is_wrong_loads_nothing() {
        let wrong = rate("USD", "2026-11-19", -1.0);
        let good = |n: u8| rate(&format!("A{}A", char::from(b'A' + n)), "2026-11-19", 1.0);
        let answer = |count: u8| RawRates { rates: (0..count).map(good).chain([wrong]).collect(), unreadable: vec![] };
        let newest = "2026-11-20".parse().unwrap();
        assert!(judge(answer(4), newest, &[]).is_ok());
        let reason = judge(answer(3), newest, &[]).unwrap_err();
        assert!(reason.contains("1 of 4 rates are wrong") && reason.contains("USD of 2026-11-19"), "{reason}");
    }
}
