//! Several replicas over one PostgreSQL database.

use std::collections::BTreeSet;

use data_infrastructure::{alerts::run_alerts, jobs::RunState};
use tokio_util::sync::CancellationToken;

use super::world::{World, counted, hook, replica, until};
use crate::{fake::Process, support::TestStore};

#[tokio::test]
async fn replicas_that_look_and_send_at_once_tell_each_thing_once() {
    let Some(store) = TestStore::postgres().await else { return };
    let world = World::new(&store, &[]).await;
    let other = Process::new(&store, &[]).await;
    let second = replica(&other, &hook(&world.receiver.url(), &[]));
    let stop = CancellationToken::new();
    let work = async {
        for round in 0..30 {
            for job in 0..5 {
                world
                    .ended(&format!("job-{job}"), if round % 10 == 9 { RunState::Succeeded } else { RunState::Lost })
                    .await;
            }
            let (one, two) = tokio::join!(
                world.alerts.condition("data", round % 2 == 0, "measured"),
                second.condition("data", round % 2 == 0, "measured"),
            );
            one.unwrap();
            two.unwrap();
            if round % 10 == 9 {
                // Each of the three times it breaks and recovers is seen before the next; the third comes and goes.
                let recovered = (round / 10 + 1).min(2) * 5;
                until("the recoveries are told", || async {
                    let told = world.receiver.told().await;
                    told.iter().filter(|told| told.starts_with("recovered job")).count() == recovered
                })
                .await;
            }
        }
        // Every run is counted by one replica: three times five are told, the rest is kept quiet.
        until("everything is recorded and told", || async {
            let settled = !world.states().await.contains(&"pending".to_owned());
            let quiet = counted(&world.process, "lost", "suppressed") + counted(&other, "lost", "suppressed");
            settled && quiet == 27 * 5 - 15
        })
        .await;
        stop.cancel();
    };
    tokio::join!(run_alerts(&world.alerts, &stop), run_alerts(&second, &stop), work);
    let told = world.receiver.told().await;
    let times = |what: &str| told.iter().filter(|told| *told == what).count();
    for job in 0..5 {
        assert_eq!(times(&format!("lost job-{job}")), 3, "{told:?}");
        assert_eq!(times(&format!("recovered job-{job}")), 2, "{told:?}");
    }
    assert_eq!((times("stale data"), times("recovered data")), (3, 2), "{told:?}");
    let documents = world.receiver.documents().await;
    let ids: BTreeSet<&str> = documents.iter().map(|document| document["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), documents.len());
    let sent = |event| counted(&world.process, event, "sent") + counted(&other, event, "sent");
    assert_eq!(sent("lost") + sent("recovered") + sent("stale"), documents.len() as u64);
    other.end().await;
    world.end().await;
}

#[tokio::test]
async fn without_a_hook_there_is_nothing_to_do() {
    let Some(store) = TestStore::postgres().await else { return };
    let process = Process::new(&store, &[]).await;
    let alerts = replica(&process, &Default::default());
    let stop = CancellationToken::new();
    let work = async {
        alerts.condition("data", true, "measured").await.unwrap();
        stop.cancel();
    };
    tokio::join!(run_alerts(&alerts, &stop), work);
    process.end().await;
}
