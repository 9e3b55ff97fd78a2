//! What `docs/migrating.md` names is there.

use std::{collections::BTreeSet, fs, path::Path};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The keys of a configuration, commented or not: `jobs.stock.schedule`.
fn keys(text: &str) -> BTreeSet<String> {
    let mut section = String::new();
    let mut keys = BTreeSet::new();
    for line in text.lines().map(|line| line.trim_start_matches("# ")) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
            section = name.0.to_owned();
        } else if let Some((key, _)) = line.split_once(" = ") {
            keys.insert(format!("{section}.{key}"));
        }
    }
    keys
}

/// What stands between backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with("```")).flat_map(|line| line.split('`').skip(1).step_by(2))
}

#[test]
fn every_key_of_the_page_is_one_of_the_configuration() {
    let (page, known) = (read("docs/migrating.md"), keys(&read("config.toml")));
    let named: BTreeSet<&str> =
        quoted(&page).filter(|word| word.starts_with("jobs.") || word.starts_with("database.")).collect();
    assert!(named.len() >= 10, "{named:?}");
    for key in named {
        let key = key.split(" = ").next().unwrap();
        assert!(known.contains(key), "{key} is no key of config.toml");
    }
}

#[test]
fn every_route_of_the_page_is_described() {
    let (page, routes) = (read("docs/migrating.md"), read("docs/openapi.json"));
    let document: serde_json::Value = serde_json::from_str(&routes).unwrap();
    let methods = ["GET ", "POST ", "DELETE "];
    let named: Vec<(&str, &str)> = quoted(&page)
        .filter(|word| methods.iter().any(|method| word.starts_with(method)))
        .filter_map(|word| word.split_once(' '))
        .collect();
    assert!(named.len() >= 6, "{named:?}");
    for (method, path) in named {
        let path = path.split('?').next().unwrap();
        let known = &document["paths"][path][method.to_lowercase()];
        assert!(known.is_object(), "{method} {path} is not described");
    }
}

#[test]
fn the_configuration_of_the_page_is_understood() {
    let page = read("docs/migrating.md");
    let blocks: Vec<&str> = page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config.toml"), block).unwrap();
        let output = crate::daemon::run(folder.path(), &["check"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
