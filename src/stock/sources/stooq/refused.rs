//! The phrases with which Stooq says no under status 200.

use std::time::Duration;

use crate::crawl::answer::Refusal;
use crate::stock::sources::body::{blocked, is_html, mentions, schema_changed, snippet};

/// The limit is a day's, and its end is not told.
const AFTER_THE_DAILY_LIMIT: Duration = Duration::from_hours(1);

/// What to do about a block: the page is an access control and is respected.
const REMEDY: &str = "set an API key (sources.stooq.api_key), or import its files (datainfra import bars FILE)";

/// The refusal a phrase stands for, if it is one of the known.
pub(super) fn phrase(text: &str) -> Option<Refusal> {
    if mentions(text, &["exceeded the daily hits limit", "przekroczony dzienny limit"]) {
        let reason = "the daily hits limit of Stooq is exceeded".to_owned();
        Some(Refusal::QuotaExceeded { retry_after: Some(AFTER_THE_DAILY_LIMIT), reason })
    } else if mentions(text, &["access denied"]) {
        Some(blocked(format!("Stooq denies access: {REMEDY}")))
    } else if mentions(text, &["apikey", "api key"]) {
        Some(blocked(format!("Stooq asks for an API key: {REMEDY}")))
    } else {
        None
    }
}

/// A status that means a block, with what to do about it.
pub(super) fn status(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Blocked { reason } => blocked(format!("Stooq answers with {reason}: {REMEDY}")),
        other => other,
    }
}

/// The refusal of a body without a header of bars.
pub(super) fn no_bars(text: &str) -> Refusal {
    if text.trim().is_empty() {
        schema_changed("an empty body")
    } else if is_html(text) {
        blocked(format!("Stooq answers with a page for browsers instead of CSV: {REMEDY}"))
    } else {
        schema_changed(format!("no CSV of bars: {}", snippet(text)))
    }
}
