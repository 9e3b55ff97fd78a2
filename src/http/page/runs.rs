//! The list of runs.

use chrono::{DateTime, SecondsFormat, Utc};
use maud::{Markup, html};
use url::form_urlencoded::Serializer;

use super::{
    layout, linked,
    text::{duration, instant, number, run_link, state, tasks},
};
use crate::{
    http::paging::Page,
    jobs::{Run, RunState, store::RunFilter},
};

pub fn runs(page: Page<Run>, filter: &RunFilter, limit: u32, now: DateTime<Utc>) -> Markup {
    layout(
        "Runs",
        html! {
            h1 { "Runs" @if let Some(job) = &filter.job { " of " (job) } }
            (tabs(filter))
            @if page.items.is_empty() {
                p.quiet { "No run is like this." }
            } @else {
                div.scroll { table {
                    thead { tr {
                        th { "Run" } th { "Job" } th { "State" } th { "Trigger" } th { "Created (UTC)" }
                        th.num { "Duration" } th { "Tasks" } th.num { "Fetched" } th.num { "New" } th.num { "Changed" } th.num { "Rejected" }
                    } }
                    tbody { @for run in &page.items { (row(run, now)) } }
                } }
            }
            @if let Some(cursor) = &page.next_cursor {
                p { a href=(address(filter, filter.state, Some((cursor, limit)))) { "Older runs" } }
            }
        },
    )
}

fn tabs(filter: &RunFilter) -> Markup {
    let tab = |name: &str, state: Option<RunState>| {
        let current = (filter.state == state).then_some("page");
        html! { a href=(address(filter, state, None)) aria-current=[current] { (name) } }
    };
    html! {
        nav.tabs aria-label="States" {
            (tab("all", None))
            @for &state in RunState::ALL { (tab(&state.as_str().replace('_', " "), Some(state))) }
        }
    }
}

fn row(run: &Run, now: DateTime<Utc>) -> Markup {
    html! {
        tr {
            td { (run_link(&run.id)) }
            td { (run.job) }
            td { (state(run.state.as_str())) @if let Some(error) = &run.error { small.error { (linked(error)) } } }
            td { (run.trigger) @if run.params.dry_run { small { "dry run" } } @if !run.note.is_empty() { small { (run.note) } } }
            td { (instant(Some(run.created_at), now)) }
            td.num { (duration(run, now)) }
            td { (tasks(run)) }
            @for count in [run.rows.fetched, run.rows.inserted, run.rows.updated, run.rows.rejected] {
                td.num { (number(count)) }
            }
        }
    }
}

/// The address of the list with the same filter, but for state and place.
fn address(filter: &RunFilter, state: Option<RunState>, after: Option<(&str, u32)>) -> String {
    let start = "/runs?";
    let mut query = Serializer::for_suffix(start.to_owned(), start.len());
    let pairs = [
        ("job", filter.job.clone()),
        ("state", state.map(|state| state.to_string())),
        ("trigger", filter.trigger.map(|trigger| trigger.to_string())),
        ("since", filter.since.map(|since| since.to_rfc3339_opts(SecondsFormat::AutoSi, true))),
        ("limit", after.map(|(_, limit)| limit.to_string())),
        ("cursor", after.map(|(cursor, _)| cursor.to_owned())),
    ];
    for (name, value) in pairs {
        if let Some(value) = value {
            query.append_pair(name, &value);
        }
    }
    query.finish().trim_end_matches('?').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_the_filter_and_are_encoded() {
        let filter = RunFilter { job: Some("a&b".to_owned()), ..RunFilter::default() };
        assert_eq!(address(&filter, Some(RunState::Failed), None), "/runs?job=a%26b&state=failed");
        assert_eq!(address(&RunFilter::default(), None, None), "/runs");
        assert_eq!(address(&RunFilter::default(), None, Some(("x", 50))), "/runs?limit=50&cursor=x");
    }
}
