//! What the description says, without anything being served.

use std::collections::BTreeSet;

use data_infrastructure::{app, http::openapi};
use serde_json::Value;

const CHECKED_IN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json");
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

fn document() -> Value {
    serde_json::to_value(openapi::document(app::listed())).unwrap()
}

/// Every operation with its method and path.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let each = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter().filter(|(name, _)| METHODS.contains(&name.as_str()));
        methods.map(move |(method, operation)| (format!("{method} {path}"), operation))
    });
    each.collect()
}

#[test]
fn the_checked_in_description_is_that_of_this_program() {
    let text = openapi::text(&openapi::document(app::listed())).unwrap();
    let known = std::fs::read_to_string(CHECKED_IN).unwrap_or_default();
    let differs = text.lines().zip(known.lines()).position(|(now, then)| now != then);
    let line = differs.unwrap_or_else(|| text.lines().count().min(known.lines().count())) + 1;
    let renew = "cargo run --bin datainfra -- openapi > docs/openapi.json";
    assert!(text == known, "docs/openapi.json is out of date from line {line} on; renew it by: {renew}");
}

#[test]
fn the_command_prints_it_without_configuration_or_database() {
    let folder = tempfile::tempdir().unwrap();
    let output = crate::daemon::run(folder.path(), &["openapi"]);
    assert!(output.status.success(), "{}", crate::daemon::text(&output.stderr));
    assert_eq!(crate::daemon::text(&output.stdout), openapi::text(&openapi::document(app::listed())).unwrap());
}

#[test]
fn every_operation_says_what_it_does_what_it_takes_and_what_may_come_of_it() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let tags: BTreeSet<_> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&document) {
        assert!(!operation["summary"].as_str().unwrap_or_default().is_empty(), "{name} has no summary");
        let id = operation["operationId"].as_str().unwrap_or_default();
        assert!(!id.is_empty() && ids.insert(id), "{name} has no operationId of its own: {id:?}");
        let named: Vec<_> = operation["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap()).collect();
        assert!(
            !named.is_empty() && named.iter().all(|tag| tags.contains(tag)),
            "{name}: {named:?} are not among {tags:?}"
        );
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with(['2', '3'])), "{name} never succeeds");
        for (status, response) in responses {
            let shared = response["$ref"].as_str().and_then(|to| document.pointer(to.trim_start_matches('#')));
            let response = shared.unwrap_or(response);
            assert!(!response["description"].as_str().unwrap().is_empty(), "{name}: {status} is not described");
            assert!(response["headers"]["X-Request-Id"].is_object(), "{name}: {status} has no request id");
            let problem = &response["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(status.starts_with(['4', '5']), problem == "#/components/schemas/Problem", "{name}: {status}");
        }
        for status in ["400", "500", "503"] {
            assert!(responses.contains_key(status), "{name} may answer {status}");
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let described = parameter["description"].as_str().unwrap_or_default();
            assert!(!described.is_empty(), "{name}: {} is not described", parameter["name"]);
        }
    }
    assert!(ids.len() > 30, "{ids:?}");
}

#[test]
fn every_parameter_of_a_path_is_described_and_no_other() {
    let document = document();
    for (name, operation) in operations(&document) {
        let in_path: BTreeSet<&str> = name.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        let described = parameters.iter().filter(|parameter| parameter["in"] == "path");
        let described: BTreeSet<&str> = described.map(|parameter| parameter["name"].as_str().unwrap()).collect();
        assert_eq!(in_path, described, "{name}");
    }
}

#[test]
fn who_may_call_is_told_of_every_operation() {
    let document = document();
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    for (name, operation) in operations(&document) {
        let needed = operation["security"].as_array().unwrap();
        let optional = needed.contains(&serde_json::json!({}));
        let open = name.ends_with(" /livez") || name.ends_with(" /readyz");
        assert_eq!(optional, name.starts_with("get ") && name != "get /audit", "{name}: {needed:?}");
        assert_eq!(needed.len() == 1 && optional, open, "{name}: {needed:?}");
        assert_eq!(operation["responses"]["401"].is_object(), !open, "{name}");
    }
}

#[test]
fn every_reference_leads_somewhere_and_no_two_schemas_share_a_name() {
    let listed = app::listed();
    assert!(listed.clashes.is_empty(), "different schemas of one name: {:?}", listed.clashes);
    let document = document();
    let mut pending = vec![&document];
    while let Some(value) = pending.pop() {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(to)) = members.get("$ref") {
                    assert!(document.pointer(to.trim_start_matches('#')).is_some(), "{to} is not there");
                }
                pending.extend(members.values());
            }
            Value::Array(elements) => pending.extend(elements),
            _ => {}
        }
    }
}
