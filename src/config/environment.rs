//! The environment variables that serve, as layers over the file.
//!
//! `DATAINFRA__SECTION__KEY` sets `section.key`. `DATABASE_URL`, or `POSTGRES_HOST`, `_PORT`, `_DB`, `_USER` and
//! `_PASSWORD`, set `database.url` where no variable of ours does; `DATABASE_URL_FILE`, and `_FILE` after the last three,
//! name files with them. `RUST_LOG` sets `log.level` over everything. Of OpenTelemetry's variables some set keys of
//! `telemetry` where no variable of ours does.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::settings::{Document, Place, Problem, shown};

const PREFIX: &str = "DATAINFRA__";
const DATABASE: [&str; 2] = ["database", "url"];
/// Standard variables, and the keys of `telemetry` that they set.
const STANDARD: [(&str, &str); 4] = [
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "endpoint"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "headers"),
    ("OTEL_SERVICE_NAME", "service_name"),
    ("OTEL_RESOURCE_ATTRIBUTES", "resource_attributes"),
];

/// Adds what the variables say to the document.
pub(super) fn apply(document: Document, env: &BTreeMap<String, String>) -> Document {
    let ours: Vec<(&str, String, &str)> = env
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), name.strip_prefix(PREFIX)?.to_lowercase(), value.as_str())))
        // An empty address is none: the next in line serves.
        .filter(|(_, key, value)| !(is_database(key) && value.trim().is_empty()))
        .collect();
    let mut document = document;
    if !ours.iter().any(|(_, key, _)| is_database(key)) {
        document = apply_database(document, env);
    }
    for (name, key) in STANDARD {
        let path = format!("telemetry__{key}");
        let is_ours = ours.iter().any(|(_, ours, _)| *ours == path || *ours == format!("{path}_file"));
        if let Some(value) = given(env, name).filter(|_| !is_ours) {
            document = document.with_variable(name, &["telemetry", key], value);
        }
    }
    for (name, key, value) in &ours {
        let path: Vec<&str> = key.split("__").collect();
        document = document.with_variable(name, &path, value);
    }
    match given(env, "RUST_LOG") {
        Some(level) => document.with_variable("RUST_LOG", &["log", "level"], level),
        None => document,
    }
}

fn is_database(key: &str) -> bool {
    matches!(key, "database__url" | "database__url_file")
}

fn apply_database(mut document: Document, env: &BTreeMap<String, String>) -> Document {
    match database_url(&mut document, env) {
        Ok(Some((name, url))) => document.with_variable(&name, &DATABASE, &url),
        Ok(None) => document,
        Err(problems) => problems.into_iter().fold(document, Document::with_problem),
    }
}

/// The address, and the variable it is told under.
fn database_url(
    document: &mut Document,
    env: &BTreeMap<String, String>,
) -> Result<Option<(String, String)>, Vec<Problem>> {
    if let Some(url) = either(document, env, "DATABASE_URL").map_err(|problem| vec![problem])? {
        return Ok(Some(url));
    }
    Ok(postgres_url(document, env)?.map(|url| ("POSTGRES_HOST".to_owned(), url)))
}

/// The address that the `POSTGRES_*` variables make up. Unset ones are as in the official image: port 5432, user
/// `postgres`, a database named as the user.
fn postgres_url(document: &mut Document, env: &BTreeMap<String, String>) -> Result<Option<String>, Vec<Problem>> {
    const PARTS: [&str; 3] = ["POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD"];
    let Some(host) = given(env, "POSTGRES_HOST") else {
        // The port alone says nothing: Kubernetes sets it for any service called postgres.
        let names = PARTS.into_iter().flat_map(|name| [name.to_owned(), twin(name)]);
        let mut stray = names.filter(|name| given(env, name).is_some());
        return stray.next().map_or(Ok(None), |name| {
            let right = "set it as well, or DATABASE_URL, or unset this one";
            Err(vec![problem(&name, "POSTGRES_HOST is not set", right)])
        });
    };
    let host = if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() };
    let mut problems = Vec::new();
    let [database, user, password] = PARTS.map(|name| {
        let found = either(document, env, name).map_err(|problem| problems.push(problem));
        found.ok().flatten().map(|(_, text)| text)
    });
    let port = postgres_port(given(env, "POSTGRES_PORT").unwrap_or("5432")).map_err(|problem| problems.push(problem));
    let Ok(port) = port else { return Err(problems) };
    if !problems.is_empty() {
        return Err(problems);
    }
    let user = user.unwrap_or_else(|| "postgres".to_owned());
    let database = database.as_ref().unwrap_or(&user);
    let password = password.map_or(String::new(), |password| format!(":{}", encoded(&password)));
    Ok(Some(format!("postgres://{}{password}@{host}:{port}/{}", encoded(&user), encoded(database))))
}

/// What a variable says, or the file that its twin names, and which of the two it was. Both are one too many.
fn either(
    document: &mut Document,
    env: &BTreeMap<String, String>,
    name: &str,
) -> Result<Option<(String, String)>, Problem> {
    let twin = twin(name);
    let file = match (given(env, name), given(env, &twin)) {
        (Some(_), Some(_)) => {
            return Err(problem(&twin, format!("{name} is set as well"), format!("keep {name} or {twin}, not both")));
        }
        (direct, None) => return Ok(direct.map(|text| (name.to_owned(), text.to_owned()))),
        (None, Some(file)) => file,
    };
    let text = document.read_secret(file).map_err(|wrong| problem(&twin, wrong.wrong, wrong.right))?;
    if text.chars().any(char::is_control) {
        let wrong = format!("the file {} holds a line break or control character", shown(file));
        return Err(problem(&twin, wrong, "write it in one line"));
    }
    Ok(Some((twin, text)))
}

/// The variable that names a file, as the official image calls it.
fn twin(name: &str) -> String {
    format!("{name}_FILE")
}

/// A port, or the `tcp://10.0.0.1:5432` that Kubernetes sets for a service called postgres.
fn postgres_port(text: &str) -> Result<u16, Problem> {
    let digits = text.strip_prefix("tcp://").and_then(|rest| rest.rsplit(':').next()).unwrap_or(text);
    digits
        .parse()
        .map_err(|_| problem("POSTGRES_PORT", format!("{} is no port", shown(text)), "write a number such as 5432"))
}

fn problem(name: &str, wrong: impl Into<String>, right: impl Into<String>) -> Problem {
    let place = Place::Variable(name.to_owned());
    Problem { place, key: DATABASE.join("."), wrong: wrong.into(), right: right.into() }
}

/// The trimmed value of a variable; an empty one counts as unset.
fn given<'a>(env: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    env.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
}

/// Percent-encoding of all but RFC 3986's unreserved characters.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
