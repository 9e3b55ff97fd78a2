//! The body of a request for a backfill, judged member by member, so that everything wrong with it is told at once.

use serde_json::{Value, json};

use crate::{
    http::{
        extract::unknown_member,
        jobs::{
            body::{Wrong, members, take_all},
            request::{day, hash_of, keys, not, note},
        },
        problem::Answer,
    },
    jobs::{BackfillMode, BackfillRequest, RunParams},
    told::Told,
};

const MEMBERS: [&str; 7] = ["from", "to", "companies", "mode", "maxParallel", "dryRun", "note"];
const MOST_PARALLEL: u32 = 64;

/// What was asked for, as far as it could be read, and what is wrong with the rest.
#[derive(Debug)]
pub struct BackfillBody {
    pub request: BackfillRequest,
    pub dry_run: bool,
    pub wrong: Wrong,
}

impl Default for BackfillBody {
    fn default() -> Self {
        let (params, note) = (RunParams::default(), String::new());
        let request = BackfillRequest { params, mode: BackfillMode::Missing, max_parallel: None, note };
        Self { request, dry_run: false, wrong: Vec::new() }
    }
}

impl BackfillBody {
    /// Reads a body; an empty one asks for what is missing of every company.
    ///
    /// # Errors
    /// 400 when it is no JSON, 422 when it is no object.
    pub fn read(body: &[u8]) -> Answer<Self> {
        let mut asked = Self::default();
        let days = |asked: &Self| (asked.request.params.from, asked.request.params.to);
        asked.wrong = take_all(&mut asked, &members(body)?, Self::take, days);
        Ok(asked)
    }

    /// Takes one member over; null stands for its default.
    fn take(&mut self, name: &str, value: &Value) -> Result<(), Told> {
        let request = &mut self.request;
        match name {
            _ if !MEMBERS.contains(&name) => {
                return Err(unknown_member(name, &MEMBERS));
            }
            _ if value.is_null() => {}
            "from" => request.params.from = Some(day(value)?),
            "to" => request.params.to = Some(day(value)?),
            "companies" => request.params.companies = keys(value)?,
            "mode" => request.mode = mode(value)?,
            "maxParallel" => request.max_parallel = Some(parallel(value)?),
            "dryRun" => self.dry_run = value.as_bool().ok_or_else(|| not(value, "true or false", "true か false"))?,
            _ => request.note = note(value)?,
        }
        Ok(())
    }

    /// SHA-256 of route and meaning: bodies that ask for the same are the same request.
    #[must_use]
    pub fn hash(&self, job: &str) -> String {
        let BackfillRequest { params, mode, max_parallel, note } = &self.request;
        hash_of(&json!([format!("POST /jobs/{job}/backfills"), params, mode.as_str(), max_parallel, note]))
    }
}

fn mode(value: &Value) -> Result<BackfillMode, Told> {
    let mode = value.as_str().and_then(BackfillMode::parse);
    mode.ok_or_else(|| not(value, "\"missing\", \"failed\" or \"all\"", "\"missing\"、\"failed\"、\"all\" のどれか"))
}

fn parallel(value: &Value) -> Result<u32, Told> {
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    let number = number.filter(|number| (1..=MOST_PARALLEL).contains(number));
    let (english, japanese) =
        (format!("a whole number from 1 to {MOST_PARALLEL}"), format!("1 から {MOST_PARALLEL} までの整数"));
    number.ok_or_else(|| not(value, &english, &japanese))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(body: &str) -> Vec<String> {
        BackfillBody::read(body.as_bytes()).unwrap().wrong.into_iter().map(|(member, _)| member).collect()
    }

    #[test]
    fn everything_wrong_is_named_at_once() {
        let body = r#"{"from":"2026-02-30","to":1,"companies":"7203","mode":"full","maxParallel":0,"dryRun":1,
            "note":5,"colour":1}"#;
        assert_eq!(wrong(body), ["colour", "companies", "dryRun", "from", "maxParallel", "mode", "note", "to"]);
        assert_eq!(wrong(r#"{"from":"2026-01-06","to":"2026-01-05"}"#), ["from"]);
    }

    #[test]
    fn at_most_sixty_four_items_go_at_once() {
        for parallel in ["0", "65", "-1", "1.5", "\"4\"", "true", "99999999999999999999"] {
            assert_eq!(wrong(&format!(r#"{{"maxParallel":{parallel}}}"#)), ["maxParallel"], "{parallel}");
        }
        for parallel in ["1", "64", "null"] {
            assert!(wrong(&format!(r#"{{"maxParallel":{parallel}}}"#)).is_empty(), "{parallel}");
        }
    }

    #[test]
    fn nothing_at_all_asks_for_what_is_missing() {
        for body in ["", "{}", r#"{"mode":null,"dryRun":null,"companies":null}"#] {
            let body = BackfillBody::read(body.as_bytes()).unwrap();
            assert_eq!((body.request.mode, body.dry_run, body.wrong.len()), (BackfillMode::Missing, false, 0));
        }
        for body in ["[]", "1", "{"] {
            assert!(BackfillBody::read(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn the_hash_follows_the_meaning() {
        let hash = |body: &str| BackfillBody::read(body.as_bytes()).unwrap().hash("prices");
        assert_eq!(hash(""), hash(r#"{ "mode": "missing" }"#));
        assert_ne!(hash(""), hash(r#"{"mode":"all"}"#));
        assert_ne!(hash(""), hash(r#"{"maxParallel":4}"#));
    }
}
