//! How long to wait before asking again, whoever was asked. Pure: randomness and headers are parameters.

use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

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

/// The wait that an answer asks for by `Retry-After`: seconds or an HTTP date (RFC 9110, 10.2.3). A date is measured
/// against the same answer's `Date`, so that neither clock needs to be right.
#[must_use]
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &HeaderName| headers.get(name)?.to_str().ok();
    parse_retry_after(text(&RETRY_AFTER)?, text(&DATE))
}

fn parse_retry_after(value: &str, date: Option<&str>) -> Option<Duration> {
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

    const CAP: Duration = Duration::from_secs(30);

    #[test]
    fn backoff_doubles_up_to_its_cap_and_jitter_takes_any_share_of_it() {
        let full = |attempt| backoff(attempt, Duration::from_secs(1), CAP, 1.0).as_secs();
        assert_eq!([0, 1, 2, 3, 4, 5, 40, u32::MAX].map(full), [1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(backoff(3, Duration::from_secs(1), CAP, 0.0), Duration::ZERO);
        assert_eq!(backoff(1, Duration::from_secs(1), CAP, 0.25), Duration::from_millis(500));
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
            prop_assert!(backoff(attempt, Duration::from_secs(1), CAP, random) <= CAP);
        }

        #[test]
        fn no_header_makes_retry_after_panic(value in ".{0,40}", date in ".{0,40}") {
            let _ = parse_retry_after(&value, Some(&date));
        }
    }
}
