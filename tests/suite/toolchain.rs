//! One version of Rust: the manifests state it, the image is built with it, the documents name it.

use std::{fs, path::Path};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What stands behind `start` in the one line that has it.
fn after<'text>(text: &'text str, start: &str) -> &'text str {
    let mut found = text.lines().filter_map(|line| line.strip_prefix(start));
    let value = found.next().unwrap_or_else(|| panic!("no line begins with {start}"));
    assert!(found.next().is_none(), "several lines begin with {start}");
    value.trim_matches('"')
}

/// Each version that is called `Rust 1.…`.
fn named(text: &str) -> Vec<String> {
    let versions = text.split("Rust 1.").skip(1);
    versions.map(|rest| format!("1.{}", rest.chars().take_while(char::is_ascii_digit).collect::<String>())).collect()
}

#[test]
fn every_manifest_and_the_image_have_the_version_of_rust_that_is_stated() {
    let stated = read("Cargo.toml");
    let stated = after(&stated, "rust-version = ");
    assert_eq!(after(&read("fuzz/Cargo.toml"), "rust-version = "), stated);
    assert_eq!(after(&read("migration/Cargo.toml"), "rust-version.workspace = "), "true");
    let image = read("Dockerfile");
    let tag = after(&image, "ARG RUST=");
    assert_eq!(tag.split('-').next(), Some(stated), "the image's base is {tag}");
    assert_eq!(env!("CARGO_PKG_RUST_VERSION"), stated);
}

#[test]
fn the_documents_name_the_version_of_rust_that_is_stated() {
    let stated = env!("CARGO_PKG_RUST_VERSION");
    let described = named(&read("docs/supply-chain.md"));
    assert!(!described.is_empty(), "docs/supply-chain.md says nothing of it");
    for version in described.into_iter().chain(named(&read("README.md"))) {
        assert_eq!(version, stated);
    }
}

#[test]
fn bases_of_the_image_are_pinned_and_its_last_stage_is_empty() {
    let image = read("Dockerfile");
    let bases: Vec<&str> = image.lines().filter_map(|line| line.strip_prefix("FROM ")).collect();
    let (last, before) = bases.split_last().unwrap();
    assert_eq!(*last, "scratch");
    assert!(before.iter().all(|base| base.starts_with("docker.io/library/rust:${RUST} AS ")), "{before:?}");
}
