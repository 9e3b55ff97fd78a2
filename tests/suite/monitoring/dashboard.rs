//! The dashboard: every panel can be understood, and asks for what the daemon has.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    exposed::{self, TARGET, unknown},
    file,
    query::Query,
};

fn dashboard() -> Value {
    serde_json::from_str(&file("k8s/components/monitoring/dashboard.json")).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn is_row(panel: &Value) -> bool {
    panel["type"] == "row"
}

#[test]
fn each_panel_has_a_title_a_description_and_a_unit() {
    let dashboard = dashboard();
    let panels = list(&dashboard["panels"]);
    assert!(panels.iter().filter(|panel| !is_row(panel)).count() > 30);
    for panel in panels {
        let title = text(&panel["title"]);
        assert!(!title.is_empty(), "{panel}");
        if !is_row(panel) {
            assert!(text(&panel["description"]).len() > 10, "{title} has no description");
            assert!(!text(&panel["fieldConfig"]["defaults"]["unit"]).is_empty(), "{title} has no unit");
            assert!(!list(&panel["targets"]).is_empty(), "{title} shows nothing");
        }
    }
}

#[test]
fn each_query_asks_for_metrics_and_labels_that_the_daemon_has() {
    let (dashboard, exposed) = (dashboard(), exposed::with_recordings());
    for panel in list(&dashboard["panels"]) {
        for target in list(&panel["targets"]) {
            let (title, expr) = (text(&panel["title"]), text(&target["expr"]));
            assert_eq!(target["datasource"]["uid"], "${datasource}", "{title}");
            let query = Query::of(expr);
            assert!(!query.metrics.is_empty() || expr.contains("ALERTS{"), "{title}: {expr}");
            assert_eq!(unknown(&query, &exposed), Vec::<String>::new(), "{title}: {expr}");
            let of_metrics = query.metrics.iter().filter_map(|(metric, _)| exposed.get(metric)).flatten();
            let known: BTreeSet<&str> = of_metrics.map(String::as_str).chain(TARGET).collect();
            for part in text(&target["legendFormat"]).split("{{").skip(1) {
                let label = part.split("}}").next().unwrap_or_default();
                assert!(known.contains(label), "{title}: the legend has no {label}");
            }
        }
    }
}

#[test]
fn its_variables_come_from_the_daemons_metrics() {
    let (dashboard, exposed) = (dashboard(), exposed::metrics());
    let variables = list(&dashboard["templating"]["list"]);
    let names: Vec<&str> = variables.iter().map(|variable| text(&variable["name"])).collect();
    assert_eq!(names, ["datasource", "namespace", "job", "source"]);
    for variable in variables.iter().filter(|variable| variable["type"] == "query") {
        let definition = text(&variable["definition"]);
        let query = Query::of(definition);
        assert_eq!(unknown(&query, &exposed), Vec::<String>::new(), "{definition}");
        let label = definition.trim_end_matches(')').rsplit(", ").next().unwrap();
        let labels = &exposed[&query.metrics[0].0];
        assert!(labels.contains(label) || TARGET.contains(&label), "{definition}");
        assert_eq!(variable["query"]["query"], definition);
    }
    // One namespace at a time: the greatest of several would hide a stale production behind a fresh staging.
    let namespace = &variables[1];
    assert!(namespace["multi"] == false && namespace["includeAll"] == false, "{namespace}");
    assert_ne!(namespace["current"]["value"], serde_json::json!(["$__all"]));
    // Every variable that is asked for is there.
    let whole = dashboard.to_string();
    for part in whole.split("=~\\\"$").skip(1) {
        let name: String = part.chars().take_while(char::is_ascii_alphabetic).collect();
        assert!(names.contains(&name.as_str()), "no variable {name}");
    }
}

#[test]
fn every_query_asks_the_chosen_namespace_alone() {
    for panel in list(&dashboard()["panels"]) {
        for target in list(&panel["targets"]) {
            let (title, expr) = (text(&panel["title"]), text(&target["expr"]));
            // What only restricts another selector by `and on` has its instances from there.
            let asked = expr.split(" and on (instance, job) ").next().unwrap();
            for (at, _) in asked.match_indices('{') {
                assert!(asked[at..].starts_with("{namespace=~\"$namespace"), "{title}: {expr}");
            }
            let selectors = Query::of(asked).metrics;
            assert!(selectors.iter().all(|(_, labels)| labels.contains(&"namespace".to_owned())), "{title}: {expr}");
        }
    }
}

#[test]
fn panels_have_ids_of_their_own_and_do_not_overlap() {
    let dashboard = dashboard();
    assert!(dashboard["schemaVersion"].as_i64() >= Some(38), "Grafana 10");
    let (mut ids, mut taken) = (BTreeSet::new(), BTreeSet::new());
    for panel in list(&dashboard["panels"]) {
        assert!(ids.insert(panel["id"].as_i64().unwrap()), "two panels {}", panel["id"]);
        let at = |key: &str| panel["gridPos"][key].as_i64().unwrap();
        assert!(at("x") + at("w") <= 24 && at("h") > 0, "{}", panel["gridPos"]);
        for cell in (at("x")..at("x") + at("w")).flat_map(|x| (at("y")..at("y") + at("h")).map(move |y| (x, y))) {
            assert!(taken.insert(cell), "{} lies over another", panel["title"]);
        }
    }
}
