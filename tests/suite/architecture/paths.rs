//! Finds the paths that code names: `crate::a::b`, `use super::{c, d::*}`, `sqlx::query`.

pub struct NamedPath {
    pub segments: Vec<String>,
    pub line: usize,
}

impl NamedPath {
    /// The path from the crate's root, when it leads to a module of ours.
    pub fn within_crate(&self, module: &[String]) -> Option<Vec<String>> {
        let mut base = match self.segments[0].as_str() {
            "crate" | "data_infrastructure" => Vec::new(),
            "self" | "super" => module.to_vec(),
            _ => return None,
        };
        let rest = self.segments.iter().skip_while(|segment| match segment.as_str() {
            "super" => base.pop().is_some(),
            "crate" | "data_infrastructure" | "self" => true,
            _ => false,
        });
        let rest: Vec<String> = rest.cloned().collect();
        Some([base, rest].concat())
    }

    /// Whether the words stand at the path's beginning or at its end: `std::fs` or `Utc::now`.
    pub fn names(&self, words: &str) -> bool {
        let words: Vec<&str> = words.split("::").collect();
        let segments: Vec<&str> = self.segments.iter().map(String::as_str).collect();
        segments.starts_with(&words) || (words.len() > 1 && segments.ends_with(&words))
    }

    pub fn text(&self) -> String {
        self.segments.join("::")
    }
}

/// Every path of the code, groups spelled out.
pub fn named_paths(code: &str) -> Vec<NamedPath> {
    let tokens = tokens(code);
    let mut paths = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let continues = at > 0 && matches!(tokens[at - 1].0, "::" | ".");
        let imported = at > 0 && tokens[at - 1].0 == "use";
        let leads = tokens.get(at + 1).is_some_and(|next| next.0 == "::");
        if is_word(tokens[at].0) && !continues && (leads || imported) {
            let line = tokens[at].1;
            let mut found = Vec::new();
            at = tree(&tokens, at, &[], &mut found);
            paths.extend(found.into_iter().map(|segments| NamedPath { segments, line }));
        } else {
            at += 1;
        }
    }
    paths
}

/// Reads one use tree from `at` on; gives the index behind it.
fn tree(tokens: &[(&str, usize)], mut at: usize, prefix: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut path = prefix.to_vec();
    let word = |at: usize| tokens.get(at).map_or("", |token| token.0);
    while is_word(word(at)) {
        path.push(word(at).to_owned());
        at += 1;
        if word(at) != "::" {
            break;
        }
        at += 1;
    }
    if word(at) != "{" || word(at - 1) != "::" {
        found.push(path);
        return at;
    }
    at += 1;
    while at < tokens.len() && word(at) != "}" {
        if is_word(word(at)) {
            at = tree(tokens, at, &path, found);
            // `as name`
            while at < tokens.len() && !matches!(word(at), "," | "}") {
                at += 1;
            }
        } else {
            at += 1;
        }
    }
    at + 1
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Words, `::` and single characters, each with its line.
fn tokens(code: &str) -> Vec<(&str, usize)> {
    let mut tokens = Vec::new();
    for (number, mut line) in code.lines().enumerate() {
        while let Some(first) = line.chars().next() {
            let length = if first.is_alphanumeric() || first == '_' {
                line.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(line.len())
            } else if line.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            let (token, rest) = line.split_at(length);
            if !token.trim().is_empty() {
                tokens.push((token, number + 1));
            }
            line = rest;
        }
    }
    tokens
}
