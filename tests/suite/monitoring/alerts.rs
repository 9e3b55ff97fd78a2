//! The alerts: what they ask is there, what they say can be read on, and each is tried.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    exposed::{self, TARGET, unknown},
    file,
    query::Query,
    rules::{self, Rule, alerts},
};

const RUNBOOK: &str = "https://github.com/ds-hack/data-infrastructure/blob/main/docs/operations.md#";

/// What somebody has to be told of.
const PROMISED: [&str; 19] = [
    "DatainfraJobStale",
    "DatainfraJobNeverSucceeded",
    "DatainfraRunTooLong",
    "DatainfraDataStale",
    "DatainfraNothingLoaded",
    "DatainfraSourceErrors",
    "DatainfraSourceBlocked",
    "DatainfraQuarantineGrowing",
    "DatainfraBeatStale",
    "DatainfraRunsOrphaned",
    "DatainfraFenceRejections",
    "DatainfraConfigReloadFailed",
    "DatainfraPoolExhausted",
    "DatainfraTargetAbsent",
    "DatainfraDatabaseAway",
    "DatainfraDatabaseNotMigrated",
    "DatainfraRestarts",
    "DatainfraJobPartial",
    "DatainfraCompaniesStale",
];

#[test]
fn every_trouble_has_its_alert() {
    let there: BTreeSet<String> = alerts().into_iter().map(|rule| rule.name).collect();
    assert_eq!(there, PROMISED.map(str::to_owned).into());
}

#[test]
fn each_rule_asks_for_metrics_and_labels_that_the_daemon_has() {
    let exposed = exposed::with_recordings();
    for Rule { name, expr, .. } in rules::all() {
        let query = Query::of(&expr);
        assert!(!query.metrics.is_empty(), "{name}: {expr}");
        assert_eq!(unknown(&query, &exposed), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn each_alert_says_what_is_wrong_how_bad_it_is_and_where_to_read_on() {
    let operations = file("docs/operations.md");
    let exposed = exposed::with_recordings();
    for rule in alerts() {
        let name = &rule.name;
        assert!(["critical", "warning"].contains(&rule.severity.as_str()), "{name}: severity {:?}", rule.severity);
        assert!(!rule.summary.is_empty() && rule.description.len() > rule.summary.len(), "{name}");
        assert!(rule.description.contains("$labels.") || rule.description.contains("$value"), "{name}");
        assert_eq!(rule.runbook_url, format!("{RUNBOOK}{}", name.to_lowercase()));
        assert!(operations.lines().any(|line| line == format!("### {name}")), "{name} has no heading");
        let query = Query::of(&rule.expr);
        let of_metrics = query.metrics.iter().filter_map(|(metric, _)| exposed.get(metric)).flatten();
        let known: BTreeSet<&str> = of_metrics.map(String::as_str).chain(TARGET).collect();
        for said in [&rule.summary, &rule.description] {
            for (at, _) in said.match_indices("$labels.") {
                let label: String =
                    said[at + 8..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                assert!(known.contains(label.as_str()), "{name}: no label {label}");
            }
        }
    }
}

#[test]
fn the_runbook_explains_no_alert_that_is_not_there() {
    let names: BTreeSet<String> = alerts().into_iter().map(|rule| rule.name).collect();
    let operations = file("docs/operations.md");
    let headings: Vec<&str> = operations.lines().filter_map(|line| line.strip_prefix("### Datainfra")).collect();
    assert_eq!(headings.len(), names.len(), "{headings:?}");
    assert!(headings.iter().all(|rest| names.contains(&format!("Datainfra{rest}"))), "{headings:?}");
}

#[test]
fn the_runbooks_requests_are_ones_that_the_daemon_answers() {
    let document: Value = serde_json::from_str(&file("docs/openapi.json")).unwrap();
    let operations = file("docs/operations.md");
    let runbook = operations.split_once("\n## Alerts\n").unwrap().1;
    let requests: Vec<&str> = runbook.split("$D/").skip(1).collect();
    assert!(requests.len() > 15);
    for request in requests {
        let request = request.split([' ', '"', '`', '\n']).next().unwrap();
        let (path, query) = request.split_once('?').unwrap_or((request, ""));
        let path = format!("/{path}").replace("/stock", "/{job}").replace("NAME", "{source}").replace("ID", "{id}");
        let path = path.replace("CODE", "{stockCode}");
        let operation = document["paths"][&path].as_object().unwrap_or_else(|| panic!("no route {path}"));
        let parameters = operation.values().next().unwrap()["parameters"].to_string();
        for (key, _) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            assert!(parameters.contains(&format!("\"name\":\"{key}\"")), "{request}: no parameter {key}");
        }
    }
}

#[test]
fn each_alert_is_tried_firing_and_quiet() {
    let cases = file("tests/monitoring/rules_test.yaml");
    for Rule { name, .. } in alerts() {
        let quiet = format!("alertname: {name}, exp_alerts: []");
        let firing = format!("alertname: {name}\n        exp_alerts:\n          - exp_labels:");
        assert!(cases.contains(&firing), "{name} does not fire");
        assert!(cases.contains(&quiet), "{name} is not quiet");
    }
}

#[test]
fn what_ends_processes_is_not_told_by_their_counters() {
    for rule in alerts() {
        if ["DatainfraRunsOrphaned", "DatainfraBeatStale", "DatainfraRestarts"].contains(&rule.name.as_str()) {
            assert!(!rule.expr.contains("_total") && !rule.expr.contains("increase("), "{}", rule.expr);
        }
    }
}

#[test]
fn an_overlay_with_the_alerts_says_which_namespace_is_never_absent() {
    let mut with_alerts = 0;
    for overlay in ["development", "staging", "production", "migrate", "sync-test"] {
        let text = file(&format!("k8s/overlays/{overlay}/kustomization.yaml"));
        if !text.contains("components/monitoring") {
            continue;
        }
        with_alerts += 1;
        let namespace = text.lines().find_map(|line| line.strip_prefix("namespace: ")).unwrap();
        let patch = text.split_once("kind: PrometheusRule").unwrap().1.split_once("configMapGenerator").unwrap().0;
        let asked = format!("up{{job=\"data-infrastructure\",namespace=\"{namespace}\"}}");
        assert!(patch.contains(&format!("absent({asked})")), "{overlay}: {patch}");
        assert_eq!((patch.matches(&asked).count(), patch.matches("namespace=").count()), (2, 2), "{overlay}: {patch}");
        // The rule that is patched is the one that is meant: kustomize tests it, and here it is the first of its group.
        assert!(patch.contains("value: DatainfraTargetAbsent"), "{overlay}");
    }
    assert_eq!(with_alerts, 2);
    assert_eq!(alerts()[0].name, "DatainfraTargetAbsent");
}

#[test]
fn the_component_brings_scraping_alerts_and_dashboard() {
    let component = file("k8s/components/monitoring/kustomization.yaml");
    for part in ["kind: Component", "- service-monitor.yaml", "- prometheus-rule.yaml", "=dashboard.json"] {
        assert!(component.contains(part), "{part}");
    }
    assert!(component.contains("grafana_dashboard: \"1\""), "the sidecar looks for it");
    let monitor = file("k8s/components/monitoring/service-monitor.yaml");
    assert!(monitor.contains("port: http") && monitor.contains("path: /metrics"), "{monitor}");
    assert!(file("k8s/base/service.yaml").contains("name: http"), "the port that the ServiceMonitor names");
    assert!(!monitor.contains("namespaceSelector"), "it looks in its own namespace");
    // What `up{job="data-infrastructure"}` rests on.
    assert!(monitor.contains("jobLabel: app.kubernetes.io/name"), "{monitor}");
}
