//! Whether to ask again, and after how long. Pure.

use std::time::Duration;

use super::answer::Refusal;

/// The longest single wait of the backoff.
pub const BACKOFF_CAP: Duration = Duration::from_secs(30);
/// A wait that a source asks for is sat out up to this length; a longer one is handed to the caller.
pub const PATIENCE: Duration = Duration::from_mins(1);

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

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: Duration = Duration::from_secs(1);

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
}
