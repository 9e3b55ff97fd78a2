//! The clients' examples in the documents are the files of `tests/clients`, which `tests/clients/run` tries.

use std::{collections::BTreeMap, fs, path::Path};

/// Where examples stand, and the languages that stand nowhere else in them.
const DOCUMENTS: [&str; 2] = ["README.md", "docs/clients.md"];
const LANGUAGES: [&str; 3] = ["python", "r", "go"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Each block of code with its language.
fn blocks(document: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    for (index, part) in document.split("```").enumerate().filter(|(index, _)| index % 2 == 1) {
        let (language, code) = part.split_once('\n').unwrap_or_else(|| panic!("block {index} has no lines"));
        blocks.push((language.trim().to_owned(), code.to_owned()));
    }
    blocks
}

fn examples() -> BTreeMap<String, String> {
    let files = fs::read_dir(root().join("tests/clients")).unwrap().map(|file| file.unwrap().path());
    let is_example =
        |path: &std::path::PathBuf| path.file_stem().is_some_and(|stem| stem.to_string_lossy().starts_with("bars"));
    files
        .filter(is_example)
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap()))
        .collect()
}

#[test]
fn each_example_stands_in_the_documents_to_the_letter_and_no_other_does() {
    let blocks: Vec<_> =
        DOCUMENTS.iter().flat_map(|name| blocks(&fs::read_to_string(root().join(name)).unwrap())).collect();
    let examples = examples();
    assert!(examples.len() >= 7, "{:?}", examples.keys());
    for (name, code) in &examples {
        assert!(blocks.iter().any(|(_, block)| block == code), "tests/clients/{name} stands in none of {DOCUMENTS:?}");
    }
    for (language, code) in blocks.iter().filter(|(language, _)| LANGUAGES.contains(&language.as_str())) {
        assert!(
            examples.values().any(|example| example == code),
            "{language} that no file of tests/clients has:\n{code}"
        );
    }
}
