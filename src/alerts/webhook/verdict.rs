//! What an answer means for the delivery. Pure.

use std::time::Duration;

/// What became of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Delivered,
    /// May succeed later; not before `after`, where the receiver said so.
    Later {
        after: Option<Duration>,
        reason: String,
    },
    /// The same request would be refused again.
    Never {
        reason: String,
    },
}

impl Verdict {
    /// By the status: a request that the receiver refuses, or an address that has moved for good, is not repeated.
    pub fn of(status: u16, after: Option<Duration>) -> Self {
        match status {
            200..=299 => Self::Delivered,
            301 | 308 => Self::Never {
                reason: format!("status {status}: the address has moved, and redirects are not followed"),
            },
            300..=399 => Self::Later { after, reason: format!("status {status}: redirects are not followed") },
            408 | 425 | 429 => Self::Later { after, reason: format!("status {status}") },
            400..=499 => Self::Never { reason: format!("status {status}") },
            _ => Self::Later { after, reason: format!("status {status}") },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_whether_to_send_again() {
        let minute = Some(Duration::from_secs(60));
        for status in [200, 201, 202, 204, 299] {
            assert_eq!(Verdict::of(status, minute), Verdict::Delivered);
        }
        for status in [302, 303, 307, 408, 425, 429, 500, 502, 503, 504, 599] {
            assert!(matches!(Verdict::of(status, minute), Verdict::Later { after, .. } if after == minute), "{status}");
        }
        for status in [301, 308, 400, 401, 403, 404, 405, 410, 413, 422] {
            assert!(matches!(Verdict::of(status, minute), Verdict::Never { .. }), "{status}");
        }
    }
}
