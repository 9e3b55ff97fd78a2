//! Every metric the daemon has, with its labels, and what is recorded over them.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use data_infrastructure::app;

use super::{query::Query, rules};

/// Labels that Prometheus gives every series of a target.
pub const TARGET: [&str; 4] = ["namespace", "job", "instance", "pod"];

pub type Metrics = BTreeMap<String, BTreeSet<String>>;

/// As a daemon shows them at `/metrics`.
pub fn metrics() -> Metrics {
    let metrics = app::metrics(&app::MoreJobs::default()).unwrap();
    // These have no series before there is a request.
    metrics.http_request("GET", "/livez", 200, Duration::ZERO);
    let mut found = Metrics::new();
    for line in metrics.render().unwrap().lines().filter(|line| !line.starts_with('#')) {
        let Query { metrics, .. } = Query::of(line.rsplit_once(' ').unwrap().0);
        for (name, labels) in metrics {
            found.entry(name).or_default().extend(labels);
        }
    }
    found
}

/// With what the rules record: those are left with the labels they are grouped by.
pub fn with_recordings() -> Metrics {
    let mut found = metrics();
    for rule in rules::all().into_iter().filter(|rule| !rule.alert) {
        found.insert(rule.name, Query::of(&rule.expr).groupings.into_iter().collect());
    }
    found.insert("up".to_owned(), BTreeSet::new());
    found
}

/// What a query names that is not there.
pub fn unknown(query: &Query, exposed: &Metrics) -> Vec<String> {
    let mut unknown = Vec::new();
    let mut known: BTreeSet<&str> = TARGET.into_iter().collect();
    for (name, labels) in &query.metrics {
        let Some(exposed) = exposed.get(name) else {
            unknown.push(name.clone());
            continue;
        };
        known.extend(exposed.iter().map(String::as_str));
        let strange = labels.iter().filter(|label| !exposed.contains(*label) && !TARGET.contains(&label.as_str()));
        unknown.extend(strange.map(|label| format!("{name}{{{label}}}")));
    }
    let strange = query.groupings.iter().filter(|label| !known.contains(label.as_str()));
    unknown.extend(strange.cloned());
    unknown
}

#[test]
fn what_is_not_there_is_found() {
    let exposed = with_recordings();
    for (query, expected) in [
        ("max by (job_name) (datainfra_job_paused)", &[][..]),
        ("source:datainfra_source_requests:increase1h{source=\"}\"}", &[]),
        ("histogram_quantile(0.5, sum by (le) (rate(datainfra_http_request_duration_seconds_bucket[5m])))", &[]),
        ("datainfra_job_pause == 1", &["datainfra_job_pause"]),
        ("datainfra_job_paused{state=\"x\"}", &["datainfra_job_paused{state}"]),
        ("sum by (job_name, colour) (datainfra_job_paused)", &["colour"]),
        ("datainfra_job_run_duration_seconds", &["datainfra_job_run_duration_seconds"]),
    ] {
        assert_eq!(unknown(&Query::of(query), &exposed), expected, "{query}");
    }
}

#[test]
fn every_metric_has_a_name_and_labels_as_prometheus_wants_them() {
    for (name, labels) in metrics() {
        assert!(name.starts_with("datainfra_") || name.starts_with("process_"), "{name}");
        assert!(!labels.contains("job") && !labels.contains("instance"), "{name}: a scrape renames these");
    }
}
