//! What of a company's sessions is there, on its page.

use maud::{Markup, html};

use crate::{
    http::page::grouped,
    stock::api::{coverage_report::Report, coverage_wire::in_words},
};

/// Gaps shown; the rest is a link away.
const GAPS: usize = 10;

pub(super) fn coverage(report: &Report) -> Markup {
    let (present, expected) = (report.sessions_present, report.sessions_expected);
    let without_trades = report.counted.map_or(0, |rows| rows.without_trades);
    let more = report.gaps.len().saturating_sub(GAPS);
    html! {
        @if expected > 0 {
            h2 { "Coverage" }
            p {
                (grouped(&present.to_string())) " of " (grouped(&expected.to_string())) " sessions"
                @if let Some(rows) = report.counted { " since " time { (rows.first) } }
                @if without_trades > 0 { ", " (without_trades) " of them without trades" }
                @if report.stale { ". The newest session is missing" }
                "."
            }
            @if !report.gaps.is_empty() {
                p { "Missing, with the number of sessions:" }
                ul { @for gap in report.gaps.iter().take(GAPS) { li { (in_words(gap)) } } }
                @if more > 0 { p { a href=(format!("/api/v1/coverage/{}", report.company.stock_code)) { "and " (more) " more" } } }
            }
        }
    }
}
