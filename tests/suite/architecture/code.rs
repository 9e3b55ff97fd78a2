//! A source file as the rules see it: comments, strings and test code blanked, every line still in its place.

use std::ops::Range;

pub struct SourceFile {
    /// Below `src/`: `stock/store/mod.rs`.
    pub path: String,
    /// `["stock", "store"]`; `["main"]`, `["lib"]` for the roots.
    pub module: Vec<String>,
    pub lines: usize,
    pub starts_with_doc: bool,
    /// Without comments, strings and test code.
    pub code: String,
    /// Without comments and test code.
    pub code_and_strings: String,
    /// The modules that the file declares for tests only: whole files that are exempt.
    pub test_modules: Vec<Vec<String>>,
}

impl SourceFile {
    pub fn new(path: &str, text: &str) -> Self {
        let module = module_of(path);
        let (mut code, mut code_and_strings) = blank(text);
        let mut test_modules = Vec::new();
        while let Some(item) = test_item(&code) {
            let words: String = code_and_strings[item.clone()].iter().collect();
            test_modules.extend(declared_module(&words, path, &module));
            for text in [&mut code, &mut code_and_strings] {
                text[item.clone()].iter_mut().for_each(erase);
            }
        }
        Self {
            path: path.to_owned(),
            module,
            lines: text.lines().count(),
            starts_with_doc: text.starts_with("//!"),
            code: code.into_iter().collect(),
            code_and_strings: code_and_strings.into_iter().collect(),
            test_modules,
        }
    }
}

fn module_of(path: &str) -> Vec<String> {
    path.trim_end_matches(".rs").trim_end_matches("/mod").split('/').map(str::to_owned).collect()
}

/// The module of `… mod name;`, also where an attribute names its file.
fn declared_module(item: &str, path: &str, module: &[String]) -> Option<Vec<String>> {
    let (attributes, name) = item.strip_suffix(';')?.rsplit_once("mod ")?;
    if let Some((_, file)) = attributes.split_once("path = \"") {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        return Some(module_of(&format!("{folder}/{}", file.split('"').next()?)));
    }
    let parent = if path == "lib.rs" { &[] } else { module };
    Some([parent, &[name.trim().to_owned()]].concat())
}

fn erase(c: &mut char) {
    if *c != '\n' {
        *c = ' ';
    }
}

/// The text with comments and strings erased, and the text with comments erased.
fn blank(text: &str) -> (Vec<char>, Vec<char>) {
    let text: Vec<char> = text.chars().collect();
    let (mut code, mut code_and_strings) = (text.clone(), text.clone());
    let mut at = 0;
    while at < text.len() {
        let (end, is_comment) = match &text[at..] {
            ['/', '/', ..] => (at + position(&text[at..], |rest| rest[0] == '\n'), true),
            ['/', '*', ..] => (block_comment_end(&text, at), true),
            ['"', ..] => (string_end(&text, at), false),
            ['r', '"' | '#', ..] if !follows_word(&text, at) => (raw_string_end(&text, at), false),
            ['\'', '\\', _, rest @ ..] => (at + 3 + position(rest, |rest| rest[0] == '\'') + 1, false),
            // Not a lifetime: the quote closes right after.
            ['\'', _, '\'', ..] => (at + 3, false),
            _ => {
                at += 1;
                continue;
            }
        };
        let end = end.min(text.len());
        code[at..end].iter_mut().for_each(erase);
        if is_comment {
            code_and_strings[at..end].iter_mut().for_each(erase);
        }
        at = end.max(at + 1);
    }
    (code, code_and_strings)
}

/// The first index whose rest fits, or the length.
fn position(text: &[char], fits: impl Fn(&[char]) -> bool) -> usize {
    (0..text.len()).find(|&at| fits(&text[at..])).unwrap_or(text.len())
}

fn follows_word(text: &[char], at: usize) -> bool {
    // `br"…"` is a string too; the `b` before it does no harm.
    at > 0 && text[at - 1] != 'b' && (text[at - 1].is_alphanumeric() || text[at - 1] == '_')
}

fn block_comment_end(text: &[char], start: usize) -> usize {
    let (mut at, mut depth) = (start + 2, 1);
    while depth > 0 && at < text.len() {
        match &text[at..] {
            ['/', '*', ..] => (at, depth) = (at + 2, depth + 1),
            ['*', '/', ..] => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
    }
    at
}

fn string_end(text: &[char], start: usize) -> usize {
    let mut at = start + 1;
    while at < text.len() && text[at] != '"' {
        at += if text[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

fn raw_string_end(text: &[char], start: usize) -> usize {
    let hashes = position(&text[start + 1..], |rest| rest[0] != '#');
    let open = start + 1 + hashes;
    if text.get(open) != Some(&'"') {
        return start + 1; // a raw identifier, `r#type`
    }
    let closes = |rest: &[char]| rest[0] == '"' && rest[1..].iter().take_while(|c| **c == '#').count() >= hashes;
    open + 1 + position(&text[open + 1..], closes) + 1 + hashes
}

/// The next item under `#[cfg(test)]`, attributes included.
fn test_item(code: &[char]) -> Option<Range<usize>> {
    const ATTRIBUTE: [char; 12] = ['#', '[', 'c', 'f', 'g', '(', 't', 'e', 's', 't', ')', ']'];
    let start = code.windows(ATTRIBUTE.len()).position(|window| window == ATTRIBUTE)?;
    let body = start + ATTRIBUTE.len();
    let mut depth = 0;
    for (at, c) in code.iter().enumerate().skip(body) {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return Some(start..at + 1),
            '}' => depth -= 1,
            ';' if depth == 0 => return Some(start..at + 1),
            _ => {}
        }
    }
    Some(start..code.len())
}
