//! What is recorded, against what must be.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use data_infrastructure::{db, stock::bar::Bar};
use serde_json::Value;

use super::{
    answers::Answers,
    expected::{Expected, Quarantined, Revised},
    judge::Reason,
    model::Change,
};
use crate::world::World;

/// The company's code, of its id in these tests.
fn code(id: &str) -> String {
    id.strip_prefix('T').unwrap().to_owned()
}

pub async fn same_quarantine(world: &World, expected: &Expected) {
    let sql = "SELECT company_id, source, date, reason FROM stockprice_quarantine";
    let rows = db::all(world.database.connection(), sql, []).await.unwrap();
    let stored: BTreeSet<Quarantined> = rows
        .iter()
        .map(|row| {
            let text = |column: &str| row.try_get::<String>("", column).unwrap();
            (code(&text("company_id")), text("source"), row.try_get("", "date").unwrap(), Reason::read(&text("reason")))
        })
        .collect();
    let unrecorded: Vec<_> = expected.quarantine.difference(&stored).collect();
    let unfounded: Vec<_> = stored.difference(&expected.quarantine).collect();
    assert!(unrecorded.is_empty() && unfounded.is_empty(), "not recorded: {unrecorded:?}; for nothing: {unfounded:?}");
}

pub async fn same_revisions(world: &World, expected: &Expected) {
    let sql = "SELECT company_id, source, date, kind, old, new FROM stockprice_revision";
    let rows = db::all(world.database.connection(), sql, []).await.unwrap();
    let mut unfounded = Vec::new();
    let mut left: Vec<&Revised> = expected.revisions.iter().collect();
    for row in rows {
        let text = |column: &str| row.try_get::<String>("", column).unwrap();
        let date: NaiveDate = row.try_get("", "date").unwrap();
        let (old, new) = (text("old").parse().unwrap(), text("new").parse().unwrap());
        let stored = (code(&text("company_id")), text("source"), date, change(&text("kind"), date, &old, &new));
        match left.iter().position(|one| is_same(one, &stored)) {
            Some(place) => drop(left.swap_remove(place)),
            None => unfounded.push(stored),
        }
    }
    assert!(left.is_empty() && unfounded.is_empty(), "not recorded: {left:?}; for nothing: {unfounded:?}");
}

fn change(kind: &str, date: NaiveDate, old: &Value, new: &Value) -> Change {
    let bar = |values: &Value| {
        let value = |name: &str| values[name].as_f64();
        let [open, high, low, close] = ["open", "high", "low", "close"].map(value);
        Bar { date, open, high, low, close, volume: value("volume") }
    };
    match kind {
        "correction" => Change::Correction { old: bar(old), new: bar(new) },
        "rebase" => Change::Rebase { ratio: new["ratio"].as_f64().unwrap() },
        other => panic!("a revision of the kind {other}"),
    }
}

/// The ratio of a split is measured, and exact to what prices of a tenth of a yen allow.
fn is_same(expected: &Revised, stored: &Revised) -> bool {
    let same = match (&expected.3, &stored.3) {
        (Change::Rebase { ratio }, Change::Rebase { ratio: measured }) => (measured / ratio - 1.0).abs() < 1e-3,
        (expected, stored) => expected == stored,
    };
    same && (&expected.0, &expected.1, expected.2) == (&stored.0, &stored.1, stored.2)
}

/// Every request has an outcome, the one its fault must have, and no other was counted.
pub fn same_metrics(world: &World, answers: &Answers) {
    let text = world.assembly.parts.metrics.render().unwrap();
    let mut counted: BTreeMap<(&str, Option<&str>), usize> = BTreeMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("datainfra_source_requests_total{outcome=\"")) {
        let (outcome, rest) = line.split_once("\",source=\"").unwrap();
        let (source, count) = rest.split_once("\"} ").unwrap();
        let outcome = match outcome {
            // What was not sent is no request.
            "closed" => continue,
            "data" | "no_new_data" | "unknown_symbol" | "delisted" | "not_trading_day" => None,
            refused => Some(refused),
        };
        *counted.entry((source, outcome)).or_default() += count.parse::<usize>().unwrap();
    }
    counted.retain(|_, count| *count > 0);
    assert_eq!(counted, answers.outcomes.iter().map(|(key, count)| (*key, *count)).collect());
}
