//! What arrives: the two forms, the headers, the signature.

use data_infrastructure::jobs::{
    RunParams, RunState,
    store::{JobSchedule, ensure_job},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;
use wiremock::Request;

use super::world::World;
use crate::support::on_both_databases;

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.get(name).map(|value| value.to_str().unwrap())
}

on_both_databases!(the_json_form_says_everything, |store: TestStore| async {
    let world = World::new(&store, &[]).await;
    let id = world.ended("prices", RunState::Partial).await;
    world.round().await;
    let run = world.find(&id).await;
    let request = &world.receiver.requests().await[0];
    let document: serde_json::Value = request.body_json().unwrap();
    let expected = json!({
        "id": header(request, "X-Datainfra-Delivery").unwrap(),
        "event": "partial",
        "job": "prices",
        "run": {
            "id": id.as_str(),
            "state": "partial",
            "trigger": "manual",
            "scheduledFor": null,
            "startedAt": run.started_at.unwrap(),
            "finishedAt": run.finished_at.unwrap(),
            "error": "3 of 400 tasks failed",
            "tasks": {"total": 400, "failed": 3},
        },
        "subject": "prices",
        "message": format!("prices partial: 3 of 400 tasks failed (run {id}, manual)"),
        "at": run.finished_at.unwrap(),
        "occurrences": 1,
        "since": run.finished_at.unwrap(),
    });
    assert_eq!(document, expected);
    assert_eq!(request.method.as_str(), "POST");
    assert_eq!(header(request, "Content-Type"), Some("application/json"));
    assert!(header(request, "User-Agent").unwrap().starts_with("data-infrastructure/"));
    world.end().await;
});

on_both_databases!(the_slack_form_is_one_sentence_in_the_zone_of_the_job, |store: TestStore| async {
    let world = World::new(&store, &[("FORMAT", "slack")]).await;
    let connection = world.database().connection();
    let now = world.now().await;
    let schedule = JobSchedule { expression: "@daily".into(), timezone: "Asia/Tokyo".into(), offset_ms: 0 };
    ensure_job(connection, "stock", &schedule, now).await.unwrap();
    let id = world.ended_with("stock", RunState::Partial, RunParams::default(), None).await;
    let due: chrono::DateTime<chrono::Utc> = "2026-11-20T09:00:00Z".parse().unwrap();
    let sql = "UPDATE run SET scheduled_for = $2, trigger = 'schedule', error = '3 of 400 tasks failed: <a & b>' \
               WHERE id = $1";
    world.sql(sql, [id.as_str().into(), due.into()]).await;
    world.round().await;
    let body = String::from_utf8(world.receiver.requests().await[0].body.clone()).unwrap();
    let text = format!(
        "stock partial: 3 of 400 tasks failed: &lt;a &amp; b&gt; (run {id}, schedule, due 2026-11-20 18:00 JST)"
    );
    assert_eq!(body, format!("{{\"text\":\"{text}\"}}"));
    world.end().await;
});

on_both_databases!(the_signature_verifies_with_the_key_and_is_absent_without_one, |store: TestStore| async {
    let world = World::new(&store, &[("SECRET", "geheim")]).await;
    world.ended("a", RunState::Failed).await;
    world.round().await;
    let request = &world.receiver.requests().await[0];
    let timestamp = header(request, "X-Datainfra-Timestamp").unwrap();
    let age = world.now().await.timestamp() - timestamp.parse::<i64>().unwrap();
    assert!((0..60).contains(&age), "{timestamp}");
    let mut mac = Hmac::<Sha256>::new_from_slice(b"geheim").unwrap();
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(&request.body);
    let expected: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(header(request, "X-Datainfra-Signature"), Some(format!("sha256={expected}").as_str()));
    world.end().await;

    let world = World::new(&store, &[]).await;
    world.ended("b", RunState::Failed).await;
    world.round().await;
    let request = &world.receiver.requests().await[0];
    assert!(header(request, "X-Datainfra-Signature").is_none() && header(request, "X-Datainfra-Timestamp").is_some());
    world.end().await;
});
