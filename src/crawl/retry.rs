//! When to ask again, and after how long. Pure: randomness and headers are parameters.

use std::time::Duration;

use chrono::{DateTime, FixedOffset};

use super::answer::Refusal;

/// The longest single wait of the backoff.
pub const BACKOFF_CAP: Duration = Duration::from_secs(30);
/// A wait that a source asks for is sat out up to this length; a longer one is handed to the caller.
pub const PATIENCE: Duration = Duration::from_mins(1);
/// No `Retry-After` is believed beyond a day.
const RETRY_AFTER_CAP: Duration = Duration::from_hours(24);

/// Exponential backoff with full jitter: a random share of `base · 2^attempt`, at most `cap`.
/// `attempt` counts from 0, `random` is in `[0, 1)`.
/// Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
#[must_use]
pub fn backoff(attempt: u32, base: Duration, cap: Duration, random: f64) -> Duration {
    let full = base.saturating_mul(2_u32.saturating_pow(attempt)).min(cap);
    full.mul_f64(random.clamp(0.0, 1.0))
}

/// The wait before the next attempt, or `None` when there is to be none.
/// Faults of the network and the server are tried again; so is a quota whose end the source names and is near.
#[must_use]
pub fn next_wait(refusal: &Refusal, asked_for: Option<Duration>, backoff: Duration) -> Option<Duration> {
    match (refusal, asked_for) {
        (Refusal::QuotaExceeded { .. } | Refusal::Network { .. } | Refusal::Server { .. }, Some(wait)) => {
            (wait <= PATIENCE).then(|| wait.max(backoff))
        }
        (Refusal::Network { .. } | Refusal::Server { .. }, None) => Some(backoff),
        _ => None,
    }
}

/// Reads `Retry-After`, which is seconds or an HTTP date (RFC 9110, 10.2.3). A date is measured against
/// the same answer's `Date`, so that neither clock needs to be right.
#[must_use]
pub fn parse_retry_after(value: &str, date: Option<&str>) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // more digits than fit is a long time all the same
        let seconds = value.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(RETRY_AFTER_CAP));
    }
    let until = http_date(value)?;
    let now = http_date(date?)?;
    Some((until - now).to_std().unwrap_or_default().min(RETRY_AFTER_CAP))
}

fn http_date(text: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc2822(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BASE: Duration = Duration::from_secs(1);

    #[test]
    fn backoff_doubles_up_to_its_cap_and_jitter_takes_any_share_of_it() {
        let full = |attempt| backoff(attempt, BASE, BACKOFF_CAP, 1.0).as_secs();
        assert_eq!([0, 1, 2, 3, 4, 5, 40, u32::MAX].map(full), [1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(backoff(3, BASE, BACKOFF_CAP, 0.0), Duration::ZERO);
        assert_eq!(backoff(1, BASE, BACKOFF_CAP, 0.25), Duration::from_millis(500));
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let wait = |refusal, asked| next_wait(&refusal, asked, BASE);
        let quota = || Refusal::QuotaExceeded { retry_after: None, reason: String::new() };
        assert_eq!(wait(Refusal::Server { status: 500 }, None), Some(BASE));
        assert_eq!(wait(Refusal::Network { reason: String::new() }, None), Some(BASE));
        assert_eq!(wait(quota(), None), None);
        assert_eq!(wait(quota(), Some(Duration::from_secs(20))), Some(Duration::from_secs(20)));
        assert_eq!(wait(quota(), Some(Duration::from_secs(61))), None);
        assert_eq!(wait(Refusal::Server { status: 503 }, Some(Duration::from_secs(600))), None);
        assert_eq!(wait(Refusal::Blocked { reason: String::new() }, None), None);
        assert_eq!(wait(Refusal::Cancelled, None), None);
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date_against_the_answers_own_date() {
        let date = Some("Wed, 21 Oct 2015 07:28:00 GMT");
        assert_eq!(parse_retry_after(" 120 ", None), Some(Duration::from_secs(120)));
        assert_eq!(parse_retry_after("Wed, 21 Oct 2015 07:30:00 GMT", date), Some(Duration::from_secs(120)));
        assert_eq!(parse_retry_after("Wed, 21 Oct 2015 07:00:00 GMT", date), Some(Duration::ZERO));
        assert_eq!(parse_retry_after("Wed, 21 Oct 2015 07:30:00 GMT", None), None);
        assert_eq!(parse_retry_after("99999999999999999999999", None), Some(RETRY_AFTER_CAP));
        assert_eq!(parse_retry_after("soon", date), None);
    }

    proptest! {
        #[test]
        fn backoff_stays_within_its_cap(attempt: u32, random: f64) {
            prop_assume!(!random.is_nan());
            prop_assert!(backoff(attempt, BASE, BACKOFF_CAP, random) <= BACKOFF_CAP);
        }

        #[test]
        fn no_header_makes_retry_after_panic(value in ".{0,40}", date in ".{0,40}") {
            let _ = parse_retry_after(&value, Some(&date));
        }
    }
}
