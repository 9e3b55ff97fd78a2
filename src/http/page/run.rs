//! One run with its tasks and the end of its log.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::{
    layout, run_log,
    text::{duration, instant, length, number, run_link, state},
};
use crate::jobs::{LogLine, Run, RunParams, Task};

/// `rejected_at`: where the rows are that the run rejected and kept, if any.
pub fn run(run: &Run, tasks: &[Task], log: &[LogLine], rejected_at: Option<&str>, now: DateTime<Utc>) -> Markup {
    let title = format!("Run of {}", run.job);
    layout(
        &title,
        html! {
            h1 { (title) " " (state(run.state.as_str())) }
            p.quiet.mono { (run.id) }
            @if let Some(error) = &run.error { p.error { (error) } }
            @if !run.note.is_empty() { p.note { (run.note) } }
            (progress(run, now))
            (facts(run, rejected_at, now))
            h2 { "Tasks" }
            @if tasks.is_empty() { p.quiet { "None planned." } } @else { (task_table(tasks)) }
            @if (tasks.len() as u64) < u64::from(run.total) {
                p.quiet { "The first " (tasks.len()) " of " (run.total) "; all under " code { "/runs/" (run.id) "/tasks" } "." }
            }
            (run_log::run_log(run, log))
        },
    )
}

fn progress(run: &Run, now: DateTime<Utc>) -> Markup {
    let ended = run.done + run.failed;
    html! {
        @if !run.state.is_final() && run.total > 0 {
            progress max=(run.total) value=(ended) { (ended) " of " (run.total) }
        }
        p {
            (ended) " of " (run.total) " tasks"
            @if run.failed > 0 { ", " span.error { (run.failed) " failed" } }
            @if let Some(seconds) = run.eta_seconds(now) {
                ", about " (length(chrono::TimeDelta::seconds(i64::try_from(seconds).unwrap_or(i64::MAX / 1000)))) " left"
            }
        }
    }
}

fn facts(run: &Run, rejected_at: Option<&str>, now: DateTime<Utc>) -> Markup {
    let rows = run.rows;
    let counts = [
        ("fetched", rows.fetched),
        ("new", rows.inserted),
        ("changed", rows.updated),
        ("unchanged", rows.unchanged),
        ("rejected", rows.rejected),
    ];
    html! {
        dl.facts {
            dt { "Trigger" } dd { (run.trigger) @if let Some(earlier) = &run.retry_of { " of " (run_link(earlier)) } }
            @if run.scheduled_for.is_some() { dt { "Due (UTC)" } dd { (instant(run.scheduled_for, now)) } }
            dt { "Asked for (UTC)" } dd { (instant(Some(run.created_at), now)) }
            dt { "Duration" } dd { (duration(run, now)) @if run.attempt > 1 { ", attempt " (run.attempt) } }
            dt { "Asked" } dd { (asked(&run.params)) }
            dt { "Rows" }
            dd {
                @for (at, (name, count)) in counts.iter().enumerate() { @if at > 0 { ", " } (number(*count)) " " (name) }
                @if let Some(path) = rejected_at { ": " a href=(path) { "what was rejected" } }
            }
            @if let Some(owner) = &run.owner { dt { "Executed by" } dd.mono { (owner) } }
        }
    }
}

fn asked(params: &RunParams) -> Markup {
    let mode = match params.mode {
        crate::jobs::Mode::Incremental => "what is missing or new",
        crate::jobs::Mode::Full => "everything",
        crate::jobs::Mode::Missing => "the gaps and what is new",
    };
    html! {
        (mode)
        @if let Some(from) = params.from { " from " (from) }
        @if let Some(to) = params.to { " to " (to) }
        @if !params.companies.is_empty() { " of " (params.companies.join(", ")) }
        @if params.dry_run { ", as a dry run" }
    }
}

fn task_table(tasks: &[Task]) -> Markup {
    html! {
        div.scroll { table {
            thead { tr {
                th { "Task" } th { "State" } th { "Source" } th.num { "Attempts" } th.num { "Duration" }
                th.num { "Fetched" } th.num { "New" } th.num { "Changed" } th.num { "Unchanged" } th.num { "Rejected" }
            } }
            tbody { @for task in tasks { (task_row(task)) } }
        } }
    }
}

fn task_row(task: &Task) -> Markup {
    let took = task.started_at.zip(task.finished_at).map(|(started, finished)| length(finished - started));
    let rows = task.rows;
    html! {
        tr {
            td.mono { (task.key) }
            td {
                (state(task.state.as_str()))
                @if let Some(message) = &task.message { small { (message) } }
                @if let Some(error) = &task.error { small.error { (error) } }
            }
            td { (task.source.as_deref().unwrap_or("–")) }
            td.num { (task.attempts) }
            td.num { (took.unwrap_or_else(|| "–".to_owned())) }
            @for count in [rows.fetched, rows.inserted, rows.updated, rows.unchanged, rows.rejected] {
                td.num { (number(count)) }
            }
        }
    }
}
