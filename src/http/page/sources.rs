//! The table of sources.

use chrono::{DateTime, SecondsFormat, Utc};
use maud::{Markup, html};

use super::{
    layout,
    text::{instant, number, state},
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
            p.quiet { "Close a breaker by hand with " code { "POST /sources/{source}/reset" } "." }
        },
    )
}

fn table(sources: &[SourceOverview], now: DateTime<Utc>) -> Markup {
    html! {
        div.scroll {
            table {
                thead { tr {
                    th { "Source" } th { "State" } th { "Next request (UTC)" } th { "Today" } th { "Answers" } th { "Licence" }
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
            td { (instant(source.next_request_at, now)) small { "at least " (format_duration(entry.min_interval)) " apart" } }
            td {
                @match source.quota {
                    Some(quota) => { (number(quota.left.into())) " left" small { "of " (number(quota.limit.into())) } }
                    None => { span.quiet { "no limit known" } }
                }
            }
            td { @for found in &source.last_answers { (answer(found)) } }
            td { (entry.licence_note) }
        }
    }
}

fn answer(found: &Outcome) -> Markup {
    let last = found.last_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    html! { small title={ "last at " (last) } { (number(found.count)) " " (found.outcome.replace('_', " ")) } }
}
