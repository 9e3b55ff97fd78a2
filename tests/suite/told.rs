//! Every sentence that somebody is told stands in the source in both languages: that there are two is held by the type
//! `Told`, that the second is Japanese here.

use std::fs;
use std::path::Path;

#[test]
fn the_second_sentence_of_what_is_told_is_japanese() {
    let mut found = 0;
    each_file(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut |path, text| {
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for (at, _) in code.match_indices("told!(") {
            let Some((english, rest)) = literal(&code[at + "told!(".len()..]) else { continue };
            let (japanese, _) = literal(rest).unwrap_or_else(|| panic!("{}: {english:?} stands alone", path.display()));
            found += 1;
            assert!(is_japanese(japanese), "{}: {japanese:?} is not Japanese", path.display());
            assert!(!is_japanese(english), "{}: {english:?} is not English", path.display());
            assert_eq!(values(english), values(japanese), "{}: {english:?} and {japanese:?}", path.display());
        }
    });
    assert!(found > 100, "only {found} sentences were found: is this still how they are written?");
}

fn each_file(folder: &Path, look: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            each_file(&path, look);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            look(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}

/// The literal that a text begins with, blanks and a comma before it aside, and what follows it.
fn literal(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == ',').strip_prefix('"')?;
    let mut escaped = false;
    let end = text.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })?;
    Some((&text[..end], &text[end + 1..]))
}

/// The captured values, each once; where a part differs by language, it is called so.
fn values(sentence: &str) -> Vec<&str> {
    let mut values: Vec<&str> = sentence.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
    values.retain(|value| !matches!(*value, "english" | "japanese"));
    values.sort_unstable();
    values.dedup();
    values
}

/// Kana or kanji.
fn is_japanese(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{3041}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}'))
}
