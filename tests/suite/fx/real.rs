//! The ECB's own file, where one is at hand: DATAINFRA_TEST_ECB names it. Without it the test says so, and passes.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use data_infrastructure::{
    crawl::Answer,
    fx::{
        calendar::{FIRST_DAY, is_target_day},
        checks::judge,
        ecb::parse,
        rate::{Days, RawRates},
        store::rates,
    },
    jobs::RunParams,
};
use wiremock::ResponseTemplate;

use super::world::World;
use crate::support::{on_both_databases, variable};

/// The file; none where there is none.
fn history() -> Option<Vec<u8>> {
    let path = variable("DATAINFRA_TEST_ECB");
    if path.is_none() {
        eprintln!("not compared with the ECB's history: DATAINFRA_TEST_ECB names no eurofxref-hist.zip");
    }
    path.map(|path| std::fs::read(path).unwrap())
}

fn read(body: &[u8]) -> RawRates {
    let all = Days { from: FIRST_DAY, to: NaiveDate::from_ymd_opt(2100, 1, 1).unwrap() };
    let Ok(Answer::Data(raw)) = parse(200, body, all) else { panic!("DATAINFRA_TEST_ECB names no history") };
    raw
}

#[test]
fn every_day_of_the_real_history_is_a_target_day_and_every_rate_passes_the_checks() {
    let Some(body) = history() else { return };
    let raw = read(&body);
    assert_eq!(raw.unreadable, []);
    let given = raw.rates.len();
    let days: BTreeSet<NaiveDate> = raw.rates.iter().map(|rate| rate.date).collect();
    let (first, last) = (*days.first().unwrap(), *days.last().unwrap());
    let judged = judge(raw, last, &[]).unwrap();
    assert_eq!((judged.rates.len(), judged.rejected), (given, vec![]));
    let expected: BTreeSet<NaiveDate> =
        first.iter_days().take_while(|day| *day <= last).filter(|day| is_target_day(*day)).collect();
    let differing: Vec<_> = expected.symmetric_difference(&days).collect();
    assert!(differing.is_empty() && first == FIRST_DAY, "not as in the calendar: {differing:?}");
    let currencies: BTreeSet<_> = judged.rates.iter().map(|rate| rate.currency).collect();
    eprintln!("{given} rates of {} currencies on {} days, {first} to {last}", currencies.len(), days.len());
}

on_both_databases!(the_real_history_is_loaded_to_the_last_rate, |store: TestStore| async {
    let Some(body) = history() else { return };
    let raw = read(&body);
    let newest = raw.rates.iter().map(|rate| rate.date).max().unwrap();
    let world = World::new(&store).await;
    world.turn_to(&newest.to_string());
    world.bank.fail([ResponseTemplate::new(200).set_body_raw(body, "application/zip")]);
    let (run, task) = world.succeed(RunParams::default()).await;
    assert_eq!((run.rows.inserted, run.rows.rejected, task.message), (raw.rates.len() as u64, 0, None));
    for currency in raw.rates.iter().map(|rate| rate.currency).collect::<BTreeSet<_>>() {
        let days = Days { from: FIRST_DAY, to: newest };
        let mut given: Vec<_> = raw.rates.iter().filter(|rate| rate.currency == currency).copied().collect();
        given.sort_by_key(|rate| rate.date);
        assert_eq!(rates::read(world.database.connection(), currency, days).await.unwrap(), given, "{currency}");
    }
    eprintln!("loaded in {:?}", run.finished_at.unwrap() - run.started_at.unwrap());
    world.end().await;
});
