//! When a source is left alone, and for how long. Pure: the gate does the counting.

use std::time::Duration;

use super::answer::{Answer, Refusal};

/// A block is an access control: asking again soon would be working against it.
pub const AFTER_A_BLOCK: Duration = Duration::from_hours(6);
/// Each further block in a row doubles the time, up to this.
pub const AFTER_BLOCKS_AT_MOST: Duration = Duration::from_hours(24);
/// For a quota whose answer names no time.
pub const AFTER_A_QUOTA: Duration = Duration::from_mins(15);
/// For a source that is down.
pub const AFTER_FAILURES: Duration = Duration::from_mins(5);
/// So many failures in a row, each after its retries, mean that the source is down.
pub const FAILURES: u32 = 3;

/// What a result means for the breaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// The source answers, whatever it said.
    Healthy,
    /// One more failure to count.
    Failing,
    /// One more block to count, and to leave the source alone for.
    Blocked,
    /// Leave the source alone for that long.
    Trip(Duration),
    /// The source was not asked.
    Silent,
}

/// A changed format is no reason to stay away: it harms no one, and another company may be readable.
#[must_use]
pub fn signal<T>(result: &Result<Answer<T>, Refusal>) -> Signal {
    match result {
        Ok(_) | Err(Refusal::SchemaChanged { .. }) => Signal::Healthy,
        Err(Refusal::Network { .. } | Refusal::Server { .. }) => Signal::Failing,
        Err(Refusal::Blocked { .. }) => Signal::Blocked,
        Err(Refusal::QuotaExceeded { retry_after, .. }) => {
            Signal::Trip(retry_after.filter(|wait| !wait.is_zero()).unwrap_or(AFTER_A_QUOTA))
        }
        Err(Refusal::Closed { .. } | Refusal::Cancelled) => Signal::Silent,
    }
}

/// How long the breaker opens after so many blocks in a row, this one included.
#[must_use]
pub fn after_blocks(consecutive: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(consecutive.saturating_sub(1));
    AFTER_A_BLOCK.saturating_mul(doubled).min(AFTER_BLOCKS_AT_MOST)
}

/// How long the breaker opens after so many consecutive failures. A source that fails again
/// right after its time is up is left alone at once.
#[must_use]
pub fn after_failures(consecutive: u32) -> Option<Duration> {
    (consecutive >= FAILURES).then_some(AFTER_FAILURES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(refusal: Refusal) -> Signal {
        signal::<()>(&Err(refusal))
    }

    #[test]
    fn a_block_opens_for_hours_and_a_quota_for_its_own_time_or_a_quarter_of_an_hour() {
        let reason = String::new;
        assert_eq!(refused(Refusal::Blocked { reason: reason() }), Signal::Blocked);
        let hours = [0, 1, 2, 3, 4, u32::MAX].map(|n| after_blocks(n).as_secs() / 3600);
        assert_eq!(hours, [6, 6, 12, 24, 24, 24]);
        let quota = |retry_after| refused(Refusal::QuotaExceeded { retry_after, reason: reason() });
        assert_eq!(quota(None), Signal::Trip(AFTER_A_QUOTA));
        assert_eq!(quota(Some(Duration::ZERO)), Signal::Trip(AFTER_A_QUOTA), "no time is none");
        assert_eq!(quota(Some(Duration::from_secs(90))), Signal::Trip(Duration::from_secs(90)));
    }

    #[test]
    fn answers_and_changed_formats_reset_and_what_was_not_asked_says_nothing() {
        assert_eq!(signal(&Ok(Answer::Data(1))), Signal::Healthy);
        assert_eq!(signal::<()>(&Ok(Answer::UnknownSymbol)), Signal::Healthy);
        assert_eq!(refused(Refusal::SchemaChanged { reason: String::new() }), Signal::Healthy);
        assert_eq!(refused(Refusal::Cancelled), Signal::Silent);
    }

    #[test]
    fn the_third_failure_in_a_row_opens_and_so_does_each_further_one() {
        assert_eq!(refused(Refusal::Server { status: 502 }), Signal::Failing);
        assert_eq!([1, 2, 3, 4].map(|n| after_failures(n).is_some()), [false, false, true, true]);
    }
}
