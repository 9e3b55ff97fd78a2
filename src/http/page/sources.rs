//! The table of sources.

use chrono::{DateTime, SecondsFormat, Utc};
use maud::{Markup, html};

use super::{
    layout,
    text::{away, not_before, number, state},
};
use crate::{
    crawl::{overview::SourceOverview, store::outcomes::Outcome},
    http::paging::Page,
    settings::format_duration,
};

pub fn sources(page: &Page<SourceOverview>, now: DateTime<Utc>) -> Markup {
    layout(
        "Sources",
        html! {
            h1 { "Sources" }
            @if page.items.is_empty() { p.quiet { "No source is configured." } } @else { (table(&page.items, now)) }
            @if let Some(cursor) = &page.next_cursor { p { a href={ "/sources?cursor=" (cursor) } { "More" } } }
            p.quiet { "A source that is blocked or down is left alone for a while. Ask it again before that is over: "
                code { "POST /sources/NAME/reset" } "." }
        },
    )
}

fn table(sources: &[SourceOverview], now: DateTime<Utc>) -> Markup {
    html! {
        div.scroll {
            table {
                thead { tr {
                    th { "Source" } th { "State" } th { "Next request (UTC)" } th { "Requests today" } th { "Answers since the beginning" } th { "Licence" }
                } }
                tbody { @for source in sources { (row(source, now)) } }
            }
        }
    }
}

fn row(source: &SourceOverview, now: DateTime<Utc>) -> Markup {
    let entry = &source.entry;
    html! {
        tr {
            td { (entry.name) small { (entry.host) } }
            td {
                (state(if entry.enabled { source.state } else { "disabled" }))
                @if !source.reason.is_empty() { small { (source.reason) } }
            }
            td {
                @if entry.enabled { (not_before(source.next_request_at, now)) } @else { span.quiet { "–" } }
                small { "at least " (format_duration(entry.min_interval)) " apart" }
            }
            td {
                @match source.quota {
                    Some(quota) => { (number(quota.left.into())) " left" small { "of " (number(quota.limit.into())) } }
                    None => { span.quiet.whole { "no limit known" } }
                }
            }
            td.whole { @for found in &source.last_answers { (answer(found, now)) } @if source.last_answers.is_empty() { span.quiet { "none" } } }
            td { (entry.licence_note) }
        }
    }
}

fn answer(found: &Outcome, now: DateTime<Utc>) -> Markup {
    let last = found.last_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    html! {
        small { (number(found.count)) " " (word(&found.outcome)) ", last " time datetime=(last) { (away(found.last_at - now)) } }
    }
}

/// An outcome as people say it. A request that was never sent because the source was left alone had no answer.
fn word(outcome: &str) -> String {
    match outcome {
        "closed" => "not asked".to_owned(),
        "network" => "network error".to_owned(),
        "server" => "server error".to_owned(),
        outcome => outcome.replace('_', " "),
    }
}
