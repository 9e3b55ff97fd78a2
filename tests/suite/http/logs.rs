//! `/runs/{id}/logs`: in pages, as text, on the run's page, and followed live.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream},
    http::{Request, StatusCode},
};
use data_infrastructure::{
    db,
    jobs::{RunId, store},
    telemetry::run_log::RunLine,
};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use tracing::Level;

use super::world::{Options, World};
use crate::{
    run_logs::{Kept, new_run, note},
    support::{TestStore, on_both_databases},
};

/// A run that nobody executes, with so many lines: each fifth a warning, each tenth of a task.
async fn run_with(world: &World, lines: i64) -> (RunId, String) {
    let run = new_run(&world.database).await;
    let said: Vec<RunLine> = (1..=lines)
        .map(|number| {
            let level = if number % 5 == 0 { Level::WARN } else { Level::INFO };
            let task = (number % 10 == 0).then(|| "7203".into());
            RunLine { level, task, ..note(&run, format!("line {number} <b>")) }
        })
        .collect();
    append(world, &run, &said).await;
    let path = format!("/runs/{run}/logs");
    (run, path)
}

async fn append(world: &World, run: &RunId, lines: &[RunLine]) {
    store::append_run_log(&world.database, run, lines).await.unwrap();
}

/// As if another replica had executed it.
async fn end_elsewhere(world: &World, run: &RunId) {
    let sql = "UPDATE run SET state = 'succeeded' WHERE id = $1";
    db::execute(world.database.connection(), sql, [run.as_str().into()]).await.unwrap();
}

fn numbers(page: &Value) -> Vec<i64> {
    page["items"].as_array().unwrap().iter().map(|line| line["seq"].as_i64().unwrap()).collect()
}

/// Name, id and data of an event.
fn event(text: &str) -> (String, String, Value) {
    let field =
        |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned();
    (field("event:"), field("id:"), serde_json::from_str(&field("data:")).unwrap())
}

async fn open(world: &World, path: &str, last: &str) -> BodyDataStream {
    let mut request = Request::get(path).header("accept", "text/event-stream");
    if !last.is_empty() {
        request = request.header("last-event-id", last);
    }
    let response = world.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    response.into_body().into_data_stream()
}

async fn next(stream: &mut BodyDataStream) -> Option<(String, String, Value)> {
    let chunk = tokio::time::timeout(Duration::from_secs(20), stream.next()).await.unwrap()?;
    Some(event(std::str::from_utf8(&chunk.unwrap()).unwrap()))
}

on_both_databases!(the_log_of_a_run_is_linked_and_listed_oldest_first, |store: TestStore| async {
    let world = World::new(&store, Options::default()).await;
    let kept = Kept::start(&world.database);
    let run = world.run_to_its_end(r#"{"companies":["1001","bad"]}"#).await;
    kept.end().await;
    let page = world.get(run["links"]["logs"].as_str().unwrap()).await;
    assert_eq!(page.header("vary"), "Accept");
    let page = page.json();
    let items = page["items"].as_array().unwrap();
    let told: Vec<&str> = items.iter().map(|line| line["message"].as_str().unwrap()).collect();
    assert_eq!(told, ["run started", "tasks planned", "task done", "task failed", "run ended"]);
    let failed = &items[3];
    assert_eq!((&failed["seq"], &failed["level"], &failed["task"]), (&json!(4), &json!("error"), &json!("bad")));
    assert_eq!(
        (&failed["fields"], &failed["target"]),
        (&json!({"error": "no <good>"}), &json!("jobs::executor::attempt"))
    );
    assert!(failed["at"].as_str().unwrap().ends_with('Z'), "{failed}");
    assert_eq!((&items[0]["task"], &page["nextCursor"]), (&json!(null), &json!(null)));
});

on_both_databases!(a_log_is_read_in_pages_by_level_and_task, |store: TestStore| async {
    let world = World::new(&store, Options::default()).await;
    let (_, path) = run_with(&world, 60).await;
    let first = world.get(&path).await.json();
    assert_eq!(numbers(&first), (1..=50).collect::<Vec<_>>());
    let rest = world.get(&format!("{path}?cursor={}", first["nextCursor"].as_str().unwrap())).await.json();
    assert_eq!((numbers(&rest), &rest["nextCursor"]), ((51..=60).collect(), &json!(null)));

    let warnings = world.get(&format!("{path}?level=warn&limit=7")).await.json();
    assert_eq!(numbers(&warnings), [5, 10, 15, 20, 25, 30, 35]);
    let next = format!("{path}?level=warn&limit=7&cursor={}", warnings["nextCursor"].as_str().unwrap());
    assert_eq!(numbers(&world.get(&next).await.json()), [40, 45, 50, 55, 60]);
    for (query, found) in [
        ("task=7203", vec![10, 20, 30, 40, 50, 60]),
        ("task=7203&level=info&cursor=40", vec![50, 60]),
        ("task=7204", vec![]),
        ("level=error", vec![]),
        ("cursor=60", vec![]),
    ] {
        assert_eq!(numbers(&world.get(&format!("{path}?{query}")).await.json()), found, "{query}");
    }
});

#[tokio::test]
async fn a_bad_parameter_of_a_log_is_400_naming_it() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options::default()).await;
    let (_, path) = run_with(&world, 1).await;
    for (query, param) in [
        ("level=debug", "level"),
        ("level=WARN", "level"),
        ("task=%00", "task"),
        ("limit=0", "limit"),
        ("cursor=-1", "cursor"),
        ("cursor=x", "cursor"),
        ("colour=red", "colour"),
    ] {
        for accept in ["application/json", "text/plain", "text/event-stream"] {
            let reply = world.send("GET", &format!("{path}?{query}"), &[("accept", accept)], "").await;
            assert_eq!((reply.status, reply.named()), (StatusCode::BAD_REQUEST, vec![param.to_owned()]), "{query}");
        }
    }
    for last in ["x", "-1", "1.5"] {
        let headers = [("accept", "text/event-stream"), ("last-event-id", last)];
        let reply = world.send("GET", &path, &headers, "").await;
        assert_eq!(
            (reply.status, reply.named()),
            (StatusCode::BAD_REQUEST, vec!["last-event-id".to_owned()]),
            "{last}"
        );
    }
}

on_both_databases!(a_log_is_read_as_plain_lines, |store: TestStore| async {
    let world = World::new(&store, Options::default()).await;
    let (_, path) = run_with(&world, 1200).await;
    let text = async |query: &str, accept: &str| {
        let reply = world.send("GET", &format!("{path}{query}"), &[("accept", accept)], "").await;
        assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
        reply.text
    };
    let whole = text("", "text/plain").await;
    assert_eq!(whole.lines().count(), 1200, "the whole log, in as many chunks as it takes");
    assert!(whole.lines().nth(9).unwrap().ends_with("  WARN jobs::run_logs [7203] line 10 <b>"), "{whole:.900}");
    assert!(whole.lines().last().unwrap().ends_with("line 1200 <b>"));
    assert_eq!(text("?limit=3&cursor=500", "text/plain").await.lines().count(), 3);
    assert_eq!(text("?level=warn&task=7203", "text/html,*/*;q=0.8").await.lines().count(), 120);
});

on_both_databases!(the_page_of_a_run_shows_the_end_of_its_log, |store: TestStore| async {
    let world = World::new(&store, Options::default()).await;
    let (run, path) = run_with(&world, 201).await;
    let page = world.page(&format!("/runs/{run}")).await.text;
    assert!(page.contains("line 2 &lt;b&gt;") && page.contains("line 201 &lt;b&gt;"), "{page}");
    assert!(!page.contains("line 1 &lt;b&gt;") && !page.contains("<b>"));
    assert!(page.contains(&format!("<a href=\"{path}\">all of them</a>")));
    let silent = new_run(&world.database).await;
    assert!(world.page(&format!("/runs/{silent}")).await.text.contains("Nothing was said."));
});

#[tokio::test]
async fn the_page_of_a_run_names_the_day_of_its_log_where_it_changes() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options::default()).await;
    let run = new_run(&world.database).await;
    let said = ["2026-11-19T23:59:58Z", "2026-11-19T23:59:59Z", "2026-11-20T00:00:01Z"]
        .map(|at| RunLine { at: at.parse().unwrap(), ..note(&run, "said") });
    append(&world, &run, &said).await;
    let page = world.page(&format!("/runs/{run}")).await.text;
    assert!(page.contains("Log (UTC)"), "{page}");
    let days: Vec<&str> =
        page.split("scope=\"rowgroup\">").skip(1).filter_map(|rest| rest.split(['>', '<']).nth(2)).collect();
    assert_eq!(days, ["2026-11-19", "2026-11-20"], "{page}");
}

on_both_databases!(a_log_is_followed_from_its_start_to_the_last_line, |store: TestStore| async {
    let world = World::new(&store, Options { permits: 0, ..Options::default() }).await;
    let kept = Kept::start(&world.database);
    let run = world.start("").await;
    let mut stream = open(&world, &format!("{run}/logs"), "").await;
    let (name, id, line) = next(&mut stream).await.unwrap();
    assert_eq!((&*name, &*id, &line["message"]), ("log", "1", &json!("run started")));
    world.permits.add_permits(2);
    let mut events = Vec::new();
    while let Some(event) = next(&mut stream).await {
        events.push(event);
    }
    let (end, lines) = events.split_last().unwrap();
    assert_eq!((&*end.0, &end.2["state"]), ("end", &json!("succeeded")));
    assert_eq!(lines.last().map(|(_, _, line)| &line["message"]), Some(&json!("run ended")));
    assert!(lines.iter().zip(2..).all(|((name, id, _), number)| name == "log" && *id == number.to_string()));
    let again = [("accept", "text/event-stream"), ("last-event-id", end.1.as_str())];
    let again = world.send("GET", &format!("{run}/logs"), &again, "").await;
    assert_eq!(again.status, StatusCode::NO_CONTENT, "a browser that reconnects is told to stop");
    kept.end().await;
});

on_both_databases!(a_log_is_resumed_after_the_last_line_seen_also_of_another_replica, |store: TestStore| async {
    let world = World::new(&store, Options { permits: 0, ..Options::default() }).await;
    let (run, path) = run_with(&world, 12).await;
    let mut stream = open(&world, &format!("{path}?level=warn"), "5").await;
    assert_eq!(next(&mut stream).await.unwrap().1, "10");
    let late = RunLine { level: Level::ERROR, ..note(&run, "late") };
    append(&world, &run, &[RunLine { level: Level::INFO, ..note(&run, "too low") }, late]).await;
    let (_, id, line) = next(&mut stream).await.unwrap();
    assert_eq!((&*id, &line["message"]), ("14", &json!("late")));
    end_elsewhere(&world, &run).await;
    // Written after the end was seen, as the last batch of another process is.
    append(&world, &run, &[note(&run, "last")]).await;
    assert_eq!(next(&mut stream).await.unwrap().2["message"], "last");
    assert_eq!(next(&mut stream).await.unwrap().0, "end");
    assert!(next(&mut stream).await.is_none());
});

#[tokio::test]
async fn a_followed_log_ends_when_the_daemon_does_or_the_run_is_purged() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options { permits: 0, ..Options::default() }).await;
    let (run, path) = run_with(&world, 1).await;
    let mut purged = open(&world, &path, "").await;
    assert_eq!(next(&mut purged).await.unwrap().0, "log");
    db::execute(world.database.connection(), "DELETE FROM run WHERE id = $1", [run.as_str().into()]).await.unwrap();
    let (name, _, data) = next(&mut purged).await.unwrap();
    assert_eq!((&*name, &data), ("end", &json!({"state": null})));

    let (_, path) = run_with(&world, 1).await;
    let mut drained = open(&world, &path, "1").await;
    world.health.draining().cancel();
    assert!(next(&mut drained).await.is_none(), "no end of the run: the client comes back elsewhere");
}
