//! The rules: each takes a file and says what it breaks.

use std::collections::HashSet;

use super::code::SourceFile;
use super::paths::{NamedPath, named_paths};
use super::{ANY, COMMON, DOMAIN_WORDS, DOMAINS, Domain, FENCES, FRAMEWORK, IMPURE, LONGEST, PROGRAM, Row};

/// Everything the files break, one line each: `src/http/mod.rs:12: …`.
pub fn violations(files: &[SourceFile]) -> Vec<String> {
    let tests: HashSet<&[String]> = files.iter().flat_map(|file| &file.test_modules).map(Vec::as_slice).collect();
    let modules: HashSet<&[String]> = files.iter().map(|file| &file.module[..]).collect();
    let mut found = Vec::new();
    for file in files {
        size(file, &mut found);
        if !(1..=file.module.len()).any(|length| tests.contains(&file.module[..length])) {
            content(file, &modules, &mut found);
        }
    }
    found.dedup();
    found
}

fn size(file: &SourceFile, found: &mut Vec<String>) {
    if file.lines > LONGEST {
        found.push(format!("src/{}: {} lines, {LONGEST} is the most: it wants a seam", file.path, file.lines));
    }
}

fn content(file: &SourceFile, modules: &HashSet<&[String]>, found: &mut Vec<String>) {
    let is_module = |path: &[String]| modules.iter().any(|module| module.starts_with(path));
    if !file.starts_with_doc {
        found.push(format!("src/{}: does not begin with `//!`, what it does and deliberately does not", file.path));
    }
    let word = DOMAIN_WORDS.iter().find(|word| file.code_and_strings.contains(*word));
    if let Some(word) = word.filter(|_| FRAMEWORK.contains(&top(&file.module))) {
        found.push(format!("src/{}: names `{word}`: {} serves any domain", file.path, top(&file.module)));
    }
    if row(PROGRAM, top(&file.module)).is_none() {
        found.push(format!("src/{}: the module `{}` stands in no table", file.path, top(&file.module)));
    }
    if let Some((domain, name)) = inner(&file.module).filter(|(domain, name)| row(domain.modules, name).is_none()) {
        found.push(format!("src/{}: the module `{name}` of {} stands in no table", file.path, domain.name));
    }
    for path in named_paths(&file.code) {
        let broken = match path.within_crate(&file.module) {
            Some(target) if target.is_empty() => None,
            Some(target) => neighbour(file, &target, &is_module),
            None => foreign(file, &path),
        };
        found.extend(broken.map(|broken| format!("src/{}:{}: {broken} ({})", file.path, path.line, path.text())));
    }
}

/// Judges a path into our own crate.
fn neighbour(file: &SourceFile, target: &[String], is_module: &impl Fn(&[String]) -> bool) -> Option<String> {
    let (from, to) = (top(&file.module), top(target));
    let is_settings = |path: &[String]| path.iter().any(|name| name == "settings");
    if is_settings(&file.module) && !is_settings(target) {
        return Some(format!("the settings of {from} may use only settings"));
    }
    if !is_module(&target[..1]) {
        return None; // an item of the crate's root
    }
    if from != to {
        return (!may_use(PROGRAM, from, to)).then(|| format!("{from} may not use {to}"));
    }
    let ((domain, from), (_, to)) = (inner(&file.module)?, inner(target)?);
    let allowed = from == to || !is_module(&target[..2]) || may_use(domain.modules, from, to);
    (!allowed).then(|| format!("in {}, {from} may not use {to}", domain.name))
}

/// Judges a path into another crate.
fn foreign(file: &SourceFile, path: &NamedPath) -> Option<String> {
    let fence = FENCES.iter().find(|(vendor, _)| path.segments[0] == *vendor);
    if let Some((vendor, places)) =
        fence.filter(|(_, places)| !places.iter().any(|place| stands_in(&file.module, place)))
    {
        return Some(format!("{vendor} is known only in {}", places.join(", ")));
    }
    let (domain, pure) = inner(&file.module).filter(|(domain, name)| domain.pure.contains(name))?;
    let impure = IMPURE.iter().find(|words| path.names(words))?;
    Some(format!("{}/{pure} computes and nothing else: no {impure}", domain.name))
}

fn top(module: &[String]) -> &str {
    &module[0]
}

/// The domain and its module; `mod` for its root.
fn inner(module: &[String]) -> Option<(&'static Domain, &str)> {
    let domain = DOMAINS.iter().find(|domain| module[0] == domain.name)?;
    Some((domain, module.get(1).map_or("mod", String::as_str)))
}

fn row(table: &[Row], name: &str) -> Option<&'static [&'static str]> {
    table.iter().find(|(module, _)| *module == name).map(|(_, neighbours)| *neighbours)
}

fn may_use(table: &[Row], from: &str, to: &str) -> bool {
    let neighbours = row(table, from).unwrap_or_default();
    COMMON.contains(&to) || neighbours.contains(&to) || neighbours.contains(&ANY)
}

/// Whether the module is the place or lies below it. `*` stands for any part of a name.
fn stands_in(module: &[String], place: &str) -> bool {
    let place: Vec<&str> = place.split('/').collect();
    place.len() <= module.len() && place.iter().zip(module).all(|(pattern, name)| fits(pattern, name))
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        Some((before, after)) => name.starts_with(before) && name.ends_with(after),
        None => pattern == name,
    }
}
