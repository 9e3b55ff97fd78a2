//! The body of a request for a run, judged member by member, so that everything wrong with it is told at once.

use chrono::NaiveDate;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::body::{Wrong, members, take_all};
use crate::{
    http::{
        extract::{self, plain_text, unknown_member},
        problem::Answer,
    },
    jobs::{Mode, RunParams},
    settings::iso_day,
    told::Told,
};

const MEMBERS: [&str; 7] = ["from", "to", "companies", "mode", "dryRun", "input", "note"];
const LONGEST_KEY: usize = 64;
const LONGEST_NOTE: usize = 1000;

/// What was asked for, as far as it could be read, and what is wrong with the rest.
#[derive(Debug, Default)]
pub struct RunRequest {
    pub params: RunParams,
    pub note: String,
    pub wrong: Wrong,
}

impl RunRequest {
    /// Reads a body; an empty one asks for nothing in particular.
    ///
    /// # Errors
    /// 400 when it is no JSON, 422 when it is no object.
    pub fn read(body: &[u8]) -> Answer<Self> {
        let mut request = Self::default();
        let days = |request: &Self| (request.params.from, request.params.to);
        request.wrong = take_all(&mut request, &members(body)?, Self::take, days);
        Ok(request)
    }

    /// Takes one member over; null stands for its default.
    fn take(&mut self, name: &str, value: &Value) -> Result<(), Told> {
        match name {
            _ if !MEMBERS.contains(&name) => return Err(unknown_member(name, &MEMBERS)),
            _ if value.is_null() => {}
            "from" => self.params.from = Some(day(value)?),
            "to" => self.params.to = Some(day(value)?),
            "companies" => self.params.companies = keys(value)?,
            "mode" => self.params.mode = mode(value)?,
            "dryRun" => {
                self.params.dry_run = value.as_bool().ok_or_else(|| not(value, "true or false", "true か false"))?
            }
            "input" => self.params.input = Some(input(value)?),
            _ => self.note = note(value)?,
        }
        Ok(())
    }

    /// SHA-256 of route and meaning: bodies that ask for the same are the same request.
    #[must_use]
    pub fn hash(&self, job: &str) -> String {
        hash_of(&serde_json::json!([format!("POST /jobs/{job}/run"), self.params, self.note]))
    }
}

/// SHA-256 of what was asked.
pub fn hash_of(asked: &Value) -> String {
    let digest = Sha256::digest(asked.to_string());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A day of ten characters.
///
/// # Errors
/// What is wrong with it.
pub fn day(value: &Value) -> Result<NaiveDate, Told> {
    value
        .as_str()
        .and_then(iso_day)
        .ok_or_else(|| not(value, "a day such as \"2026-11-20\"", "\"2026-11-20\" のような日付"))
}

/// A list of texts, each taken once.
///
/// # Errors
/// What is wrong with it.
pub fn keys(value: &Value) -> Result<Vec<String>, Told> {
    let list = value
        .as_array()
        .ok_or_else(|| not(value, "a list of texts such as [\"7203\"]", "[\"7203\"] のような文字列の配列"))?;
    let mut keys: Vec<String> = Vec::with_capacity(list.len());
    for element in list {
        let key = element.as_str().ok_or_else(|| not(element, "a text such as \"7203\"", "\"7203\" のような文字列"))?;
        plain_text(key, LONGEST_KEY)?;
        if !keys.iter().any(|known| known == key) {
            keys.push(key.to_owned());
        }
    }
    Ok(keys)
}

fn mode(value: &Value) -> Result<Mode, Told> {
    let mode = value.as_str().and_then(Mode::parse);
    mode.ok_or_else(|| {
        not(value, "\"incremental\", \"full\" or \"missing\"", "\"incremental\"、\"full\"、\"missing\" のどれか")
    })
}

fn input(value: &Value) -> Result<String, Told> {
    let text = value
        .as_str()
        .filter(|text| !text.is_empty())
        .ok_or_else(|| not(value, "a text that is not empty", "空でない文字列"))?;
    plain_text(text, LONGEST_KEY)?;
    Ok(text.to_owned())
}

/// Free text.
///
/// # Errors
/// What is wrong with it.
pub fn note(value: &Value) -> Result<String, Told> {
    let text = value.as_str().ok_or_else(|| not(value, "a text", "文字列"))?;
    plain_text(text, LONGEST_NOTE)?;
    Ok(text.to_owned())
}

/// What is wrong with a value, and what would be right.
#[must_use]
pub fn not(value: &Value, english: &str, japanese: &str) -> Told {
    let shown: String = value.to_string().chars().take(60).collect();
    extract::not(&shown, &Told::new(english, japanese))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_modes_are_three_words_and_another_is_refused_with_them() {
        for (word, mode) in [("incremental", Mode::Incremental), ("full", Mode::Full), ("missing", Mode::Missing)] {
            let request = RunRequest::read(format!(r#"{{"mode":"{word}"}}"#).as_bytes()).unwrap();
            assert_eq!((request.params.mode, request.wrong.len()), (mode, 0));
            assert_eq!(serde_json::to_value(mode).unwrap(), word);
        }
        for body in [r#"{"mode":"gaps"}"#, r#"{"mode":"Missing"}"#, r#"{"mode":3}"#] {
            let wrong = RunRequest::read(body.as_bytes()).unwrap().wrong;
            assert!(wrong[0].1.to_string().contains("\"incremental\", \"full\" or \"missing\""), "{wrong:?}");
        }
    }

    fn wrong(body: &str) -> Vec<String> {
        RunRequest::read(body.as_bytes()).unwrap().wrong.into_iter().map(|(member, _)| member).collect()
    }

    #[test]
    fn everything_wrong_is_named_at_once() {
        let body = r#"{"from":"2026-02-30","to":1,"companies":["7203",5],"mode":"all","dryRun":"no","note":[],"colour":1,"size":null}"#;
        assert_eq!(wrong(body), ["colour", "companies", "dryRun", "from", "mode", "note", "size", "to"]);
    }

    #[test]
    fn days_are_ten_characters_and_in_order() {
        for day in ["2026-1-5", "20260105", "2026-01-05T00:00:00Z", "+12026-01-05", "2026-13-01", "-026-01-05", ""] {
            assert_eq!(wrong(&format!(r#"{{"from":"{day}"}}"#)), ["from"], "{day}");
        }
        assert_eq!(wrong(r#"{"from":"2026-01-06","to":"2026-01-05"}"#), ["from"]);
        assert!(wrong(r#"{"from":"2026-01-05","to":"2026-01-05"}"#).is_empty());
    }

    #[test]
    fn nothing_at_all_and_nulls_ask_for_the_defaults() {
        for body in
            ["", " \n", "{}", r#"{"from":null,"to":null,"companies":null,"mode":null,"dryRun":null,"note":null}"#]
        {
            let request = RunRequest::read(body.as_bytes()).unwrap();
            assert_eq!((request.params, request.wrong.len()), (RunParams::default(), 0), "{body}");
        }
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for body in ["[]", "1", "\"\"", "{", "nonsense"] {
            assert!(RunRequest::read(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn a_control_character_never_reaches_the_database() {
        assert_eq!(wrong(r#"{"companies":["72\u0000"],"note":"\u0000"}"#), ["companies", "note"]);
    }

    #[test]
    fn an_input_is_a_text_and_part_of_the_meaning() {
        let read = |body: &str| RunRequest::read(body.as_bytes()).unwrap();
        assert_eq!(read(r#"{"input":"0198"}"#).params.input.as_deref(), Some("0198"));
        assert_ne!(read(r#"{"input":"0198"}"#).hash("prices"), read("").hash("prices"));
        for body in [r#"{"input":""}"#, r#"{"input":7}"#, r#"{"input":"a\u0000"}"#] {
            assert_eq!(wrong(body), ["input"], "{body}");
        }
    }

    #[test]
    fn the_hash_follows_the_meaning() {
        let hash = |body: &str, job| RunRequest::read(body.as_bytes()).unwrap().hash(job);
        assert_eq!(hash("", "prices"), hash(r#"{ "mode": "incremental" }"#, "prices"));
        assert_ne!(hash("", "prices"), hash(r#"{"mode":"full"}"#, "prices"));
        assert_ne!(hash("", "prices"), hash("", "rates"));
        assert_eq!(hash("", "prices").len(), 64);
    }
}
