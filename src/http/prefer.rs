//! `Prefer: wait=N` (RFC 7240): how long a client would rather wait for the end than be told where to look.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};
use utoipa::IntoParams;

pub const PREFER: HeaderName = HeaderName::from_static("prefer");
pub const APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// The header, as it is described.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only its shape matters")]
pub struct Prefer {
    /// `wait=30` waits up to 30 s for the end of the run. What cannot be read is ignored.
    #[param(rename = "Prefer", example = "wait=10", nullable = false)]
    prefer: Option<String>,
}

const LONGEST: Duration = Duration::from_secs(30);

/// The wait asked for, 30 s at most. What cannot be read is ignored, as the RFC wants.
pub fn wait(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
    let preferences =
        values.flat_map(|value| value.split([',', ';'])).filter_map(|preference| preference.split_once('='));
    let mut waits = preferences.filter(|(name, _)| name.trim().eq_ignore_ascii_case("wait"));
    let seconds: u64 = waits.next()?.1.trim().trim_matches('"').parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Option<u64> {
        let headers = [(PREFER, value.parse().unwrap())].into_iter().collect();
        wait(&headers).map(|wait| wait.as_secs())
    }

    #[test]
    fn a_wait_is_read_among_other_preferences_and_capped() {
        assert_eq!(read("wait=5"), Some(5));
        assert_eq!(read("respond-async, Wait = 7"), Some(7));
        assert_eq!(read("wait=3600"), Some(30));
        for text in ["wait", "wait=", "wait=-1", "wait=soon", "return=minimal"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
