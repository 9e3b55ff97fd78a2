//! The table of jobs, alone on `/jobs` and as a part of other pages.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::{FutureExt as _, future::BoxFuture};
use maud::{Markup, html};

use super::{
    layout,
    text::{duration, instant, run_link, state, tasks},
};
use crate::{
    clock::Clock,
    db::Database,
    http::{
        jobs::{JobOverview, overviews},
        paging::Page,
    },
    jobs::{Registry, Run},
};

/// Renders the table of jobs as it is at the moment.
pub type JobsFragment = Arc<dyn Fn() -> BoxFuture<'static, Markup> + Send + Sync>;

/// The table of jobs for a page of somebody else's.
#[must_use]
pub fn jobs_fragment(database: Database, registry: Registry, clock: Clock) -> JobsFragment {
    Arc::new(move || {
        let (database, registry, now) = (database.clone(), registry.clone(), clock.now());
        async move {
            match overviews(database.connection(), &registry, now, None, usize::MAX).await {
                Ok(jobs) => table(&jobs, now),
                Err(error) => {
                    tracing::warn!(%error, "the jobs could not be read for a page");
                    html! { p.error { "The jobs cannot be read at the moment." } }
                }
            }
        }
        .boxed()
    })
}

pub fn jobs(page: Page<JobOverview>, now: DateTime<Utc>) -> Markup {
    layout(
        "Jobs",
        html! {
            h1 { "Jobs" }
            @if page.items.is_empty() { p.quiet { "No job is configured." } } @else { (table(&page.items, now)) }
            @if let Some(cursor) = &page.next_cursor { p { a href={ "/jobs?cursor=" (cursor) } { "More" } } }
            p.quiet { "Start one with " code { "POST /jobs/{job}/run" } "." }
        },
    )
}

fn table(jobs: &[JobOverview], now: DateTime<Utc>) -> Markup {
    html! {
        div.scroll {
            table {
                thead { tr {
                    th { "Job" } th { "Schedule" } th { "State" } th { "Next tick (UTC)" } th { "Last run" } th { "Last success (UTC)" }
                } }
                tbody { @for job in jobs { (row(job, now)) } }
            }
        }
    }
}

fn row(job: &JobOverview, now: DateTime<Utc>) -> Markup {
    html! {
        tr {
            td { a href={ "/runs?job=" (job.name) } { (job.name) } small { (job.description) } }
            td { code { (job.schedule) } small { (job.timezone) } small { (job.schedule_in_words) } }
            td { (state(standing(job))) }
            td { (instant(job.next_runs.first().copied(), now)) }
            td { @match &job.last_run { Some(run) => (last_run(run, now)), None => span.quiet { "never" } } }
            td { (instant(job.last_success_at, now)) }
        }
    }
}

fn standing(job: &JobOverview) -> &'static str {
    match (job.enabled, job.paused) {
        (false, _) => "disabled",
        (true, true) => "paused",
        (true, false) => "active",
    }
}

fn last_run(run: &Run, now: DateTime<Utc>) -> Markup {
    html! {
        (state(run.state.as_str())) " " (run_link(&run.id))
        @if run.started_at.is_some() { small { (duration(run, now)) "; tasks: " (tasks(run)) } }
    }
}
