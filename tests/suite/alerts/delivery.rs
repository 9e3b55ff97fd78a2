//! How it gets there: retries, order, giving up, a replica that dies while it sends.

use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use data_infrastructure::{db, jobs::RunState};
use wiremock::ResponseTemplate;

use super::world::{Receiver, World, hook, replica, until};
use crate::support::on_both_databases;

impl World {
    /// Sends until every alert is told or given up.
    async fn settle(&self) {
        let settled = || async {
            self.alerts.deliver().await.unwrap();
            !self.states().await.contains(&"pending".to_owned())
        };
        until("every alert is told or given up", settled).await;
    }
}

fn status(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status)
}

on_both_databases!(a_receiver_that_was_down_gets_everything_in_order, |store: TestStore| async {
    let world = World::new(&store, &[]).await;
    world.receiver.next(4, status(500)).await;
    for job in ["a", "b", "c"] {
        world.ended(job, RunState::Failed).await;
    }
    world.round().await;
    assert_eq!(world.states().await, ["pending"; 3]);
    assert_eq!(world.receiver.told().await, ["failed a"], "the others wait behind the first");
    world.settle().await;
    let told = world.receiver.told().await;
    assert_eq!(told, ["failed a", "failed a", "failed a", "failed a", "failed a", "failed b", "failed c"]);
    let ids: Vec<_> = world.receiver.documents().await.iter().map(|document| document["id"].clone()).collect();
    assert!(ids[..5].iter().all(|id| *id == ids[0]) && ids[5] != ids[0], "each attempt has the alert's own id");
    assert_eq!(world.rows().await[0], ("sent".to_owned(), 5, None));
    assert_eq!(world.counted("failed", "sent"), 3);
    world.end().await;
});

on_both_databases!(an_answer_that_asks_for_a_wait_gets_it, |store: TestStore| async {
    let world = World::new(&store, &[]).await;
    world.receiver.next(1, status(429).insert_header("Retry-After", "120")).await;
    world.ended("a", RunState::Failed).await;
    world.round().await;
    world.alerts.deliver().await.unwrap();
    assert_eq!(world.receiver.requests().await.len(), 1);
    assert_eq!(world.rows().await, [("pending".to_owned(), 1, Some("status 429".to_owned()))]);
    let sql = "SELECT next_attempt_at FROM alert";
    let row = db::one(world.database().connection(), sql, []).await.unwrap().unwrap();
    let wait = row.try_get::<DateTime<Utc>>("", "next_attempt_at").unwrap() - world.now().await;
    assert!((100..=120).contains(&wait.num_seconds()), "{wait}");
    world.pass("alert", "next_attempt_at", TimeDelta::zero()).await;
    world.settle().await;
    assert_eq!(world.states().await, ["sent"]);
    world.end().await;
});

on_both_databases!(a_refused_alert_is_given_up_at_once_and_the_next_one_goes, |store: TestStore| async {
    let world = World::new(&store, &[]).await;
    world.receiver.next(1, status(404)).await;
    for job in ["a", "b"] {
        world.ended(job, RunState::Failed).await;
    }
    world.round().await;
    let rows = world.rows().await;
    assert_eq!(rows, [("failed".to_owned(), 1, Some("status 404".to_owned())), ("sent".to_owned(), 1, None)]);
    assert_eq!((world.counted("failed", "failed"), world.counted("failed", "sent")), (1, 1));
    world.end().await;
});

on_both_databases!(after_its_attempts_an_alert_is_given_up_with_the_reason, |store: TestStore| async {
    let receiver = Receiver::answering(status(503)).await;
    let world = World::with(&store, receiver, &[("MAX_ATTEMPTS", "3")]).await;
    world.ended("a", RunState::Failed).await;
    world.alerts.look().await.unwrap();
    world.settle().await;
    world.alerts.deliver().await.unwrap();
    assert_eq!(world.receiver.requests().await.len(), 3);
    assert_eq!(world.rows().await, [("failed".to_owned(), 3, Some("status 503".to_owned()))]);
    world.end().await;
});

on_both_databases!(a_redirect_is_not_followed, |store: TestStore| async {
    let world = World::new(&store, &[]).await;
    let elsewhere = Receiver::start().await;
    world.receiver.next(1, status(302).insert_header("Location", elsewhere.url())).await;
    world.ended("a", RunState::Failed).await;
    world.round().await;
    let told = [("pending".to_owned(), 1, Some("status 302: redirects are not followed".to_owned()))];
    assert_eq!(world.rows().await, told);
    world.settle().await;
    world.receiver.next(1, status(308).insert_header("Location", elsewhere.url())).await;
    world.ended("b", RunState::Failed).await;
    world.round().await;
    assert_eq!(world.states().await, ["sent", "failed"]);
    assert!(elsewhere.requests().await.is_empty());
    world.end().await;
});

on_both_databases!(a_receiver_that_hangs_or_is_not_there_is_tried_again, |store: TestStore| async {
    let world = World::new(&store, &[("TIMEOUT", "100ms")]).await;
    world.receiver.next(1, status(200).set_delay(Duration::from_secs(20))).await;
    world.ended("a", RunState::Failed).await;
    world.round().await;
    assert_eq!(world.rows().await, [("pending".to_owned(), 1, Some("no answer within 100ms".to_owned()))]);
    world.settle().await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = replica(&world.process, &hook(&format!("http://{closed}/geheim"), &[("MAX_ATTEMPTS", "1")]));
    world.ended("b", RunState::Failed).await;
    nobody.look().await.unwrap();
    nobody.deliver().await.unwrap();
    let (state, _, error) = world.rows().await[1].clone();
    assert_eq!(state, "failed");
    assert!(error.as_ref().unwrap().starts_with("cannot connect: ") && !error.unwrap().contains("geheim"));
    world.end().await;
});

on_both_databases!(another_replica_sends_what_one_claimed_and_did_not_send, |store: TestStore| async {
    let world = World::new(&store, &[]).await;
    world.receiver.next(1, status(200).set_delay(Duration::from_secs(60))).await;
    world.ended("a", RunState::Failed).await;
    world.alerts.look().await.unwrap();
    let sent = || async { world.receiver.requests().await.len() == 1 };
    // It dies while it waits for the answer.
    tokio::select! {
        sent = world.alerts.deliver() => panic!("{sent:?}"),
        () = until("the request arrives", sent) => {}
    }
    let other = replica(&world.process, &hook(&world.receiver.url(), &[]));
    other.deliver().await.unwrap();
    assert_eq!(world.receiver.requests().await.len(), 1, "the lease lives");
    world.pass("alert", "lease_until", TimeDelta::zero()).await;
    other.deliver().await.unwrap();
    let documents = world.receiver.documents().await;
    assert_eq!(documents.len(), 2);
    assert_eq!(documents[0]["id"], documents[1]["id"], "the receiver can tell that it is the same");
    assert_eq!(world.rows().await, [("sent".to_owned(), 2, None)]);
    world.end().await;
});

on_both_databases!(an_alert_whose_last_sender_vanished_is_given_up, |store: TestStore| async {
    let world = World::new(&store, &[("MAX_ATTEMPTS", "2")]).await;
    world.ended("a", RunState::Failed).await;
    world.alerts.look().await.unwrap();
    world.sql("UPDATE alert SET attempts = 2", []).await;
    world.alerts.deliver().await.unwrap();
    assert!(world.receiver.requests().await.is_empty());
    assert_eq!(world.rows().await[0].2.as_deref(), Some("whoever sent it last vanished"));
    world.end().await;
});

on_both_databases!(what_is_a_day_old_is_not_sent_any_more, |store: TestStore| async {
    let world = World::new(&store, &[]).await;
    for job in ["a", "b"] {
        world.ended(job, RunState::Failed).await;
        world.alerts.look().await.unwrap();
    }
    let old = world.now().await - TimeDelta::hours(25);
    world.sql("UPDATE alert SET made_at = $1 WHERE subject = 'a'", [old.into()]).await;
    world.alerts.deliver().await.unwrap();
    assert_eq!(world.receiver.told().await, ["failed b"]);
    assert_eq!(world.states().await, ["failed", "sent"]);
    world.end().await;
});

/// What was logged by this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

on_both_databases!(
    the_log_tells_a_given_up_alert_once_by_host_and_reason_without_the_address,
    |store: TestStore| async {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        let world = World::new(&store, &[("SECRET", "geheim"), ("MAX_ATTEMPTS", "2")]).await;
        world.receiver.next(2, status(500)).await;
        world.ended("a", RunState::Failed).await;
        let guard = tracing::subscriber::set_default(subscriber);
        world.alerts.look().await.unwrap();
        world.settle().await;
        drop(guard);
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let given_up: Vec<&str> = text.lines().filter(|line| line.contains("could not be delivered")).collect();
        assert_eq!(given_up.len(), 1, "{text}");
        assert!(
            given_up[0].contains("status 500, at attempt 2 of 2") && given_up[0].contains("host=\"http://127.0.0.1:")
        );
        assert!(!text.contains("geheim") && !text.contains("/services"), "{text}");
        world.end().await;
    }
);
