use tracing_subscriber::{Registry, layer::SubscriberExt as _};

use super::*;

fn clock() -> Clock {
    Clock::fixed("2026-11-20T09:00:00Z".parse().unwrap())
}

/// The lines of whatever is said meanwhile.
fn lines(say: impl FnOnce()) -> Vec<RunLine> {
    let (layer, mut lines) = layer(&clock());
    tracing::subscriber::with_default(Registry::default().with(layer), say);
    let mut found = Vec::new();
    while let Ok(line) = lines.try_recv() {
        found.push(line);
    }
    found
}

fn messages(lines: &[RunLine]) -> Vec<&str> {
    lines.iter().map(|line| line.message.as_str()).collect()
}

#[test]
fn a_line_knows_its_run_its_task_and_its_fields() {
    let lines = lines(|| {
        let request = tracing::info_span!("request", run = "not this one").entered();
        let run = tracing::info_span!("run", run = %"0198", job = "stock").entered();
        tracing::info!(target: "data_infrastructure::jobs::executor", attempt = 1, owner = "daemon-1", "run started");
        let task = tracing::info_span!("task", key = "7203").entered();
        let _inner = tracing::info_span!("fetch").entered();
        tracing::warn!(target: "elsewhere", error = ?"x", late = true, share = 0.5, "odd");
        drop((task, run, request));
    });
    assert_eq!(messages(&lines), ["run started", "odd"]);
    let (first, second) = (&lines[0], &lines[1]);
    assert_eq!((&*first.run, first.level, first.target, &first.task), ("0198", Level::INFO, "jobs::executor", &None));
    assert_eq!(Value::from(first.fields.clone()), serde_json::json!({"attempt": 1, "owner": "daemon-1"}));
    assert_eq!((&*second.run, second.level, second.target), ("0198", Level::WARN, "elsewhere"));
    assert_eq!(second.task.as_deref(), Some("7203"));
    assert_eq!(Value::from(second.fields.clone()), serde_json::json!({"error": "\"x\"", "late": true, "share": 0.5}));
    assert_eq!(first.at, clock().now());
}

#[test]
fn what_is_below_info_or_outside_runs_or_of_the_keeper_is_no_line() {
    let lines = lines(|| {
        tracing::error!(run = "0198", "outside");
        let _task = tracing::info_span!("task", key = "7203").entered();
        tracing::error!("in a task of nothing");
        let _run = tracing::info_span!("run", run = "0198").entered();
        tracing::debug!("below");
        tracing::info!("kept");
        let _keeper = tracing::info_span!(KEEPER).entered();
        tracing::error!("the keeper's own");
    });
    assert_eq!(messages(&lines), ["kept"]);
}

#[test]
fn what_does_not_fit_is_counted_and_told_in_the_next_line_that_does() {
    let (layer, mut lines) = layer(&clock());
    let _guard = tracing::subscriber::set_default(Registry::default().with(layer));
    let run = tracing::info_span!("run", run = "0198").entered();
    for number in 0..CAPACITY + 37 {
        tracing::info!("line {number}");
    }
    assert_eq!(lines.len(), CAPACITY);
    for _ in 0..2 {
        lines.try_recv().unwrap();
    }
    tracing::info!("again");
    tracing::info!("lost");
    while lines.len() > 2 {
        lines.try_recv().unwrap();
    }
    let (told, again) = (lines.try_recv().unwrap(), lines.try_recv().unwrap());
    assert_eq!((told.message.as_str(), told.level, told.dropped), ("37 lines were dropped", Level::WARN, 37));
    assert_eq!(again.message, "again");
    drop(run);
    assert_eq!(lines.try_recv().unwrap().message, "1 line was dropped", "told at the end, when no line follows");
}

#[test]
fn nothing_is_counted_when_nobody_takes_the_lines() {
    let (layer, lines) = layer(&clock());
    drop(lines);
    let _guard = tracing::subscriber::set_default(Registry::default().with(layer));
    let _run = tracing::info_span!("run", run = "0198").entered();
    tracing::info!("unheard");
}

#[test]
fn a_megabyte_is_cut_and_nul_is_made_harmless() {
    let lines = lines(|| {
        let _run = tracing::info_span!("run", run = "0198").entered();
        let long = "x".repeat(1_000_000);
        tracing::error!(error = long, other = "a\0", "{long}");
    });
    let line = &lines[0];
    assert!(line.message.len() == 4096 && line.message.ends_with("x…"));
    let fields: usize = line.fields.values().filter_map(Value::as_str).map(str::len).sum();
    assert!(fields <= 4096 + 8, "{fields}");
}
