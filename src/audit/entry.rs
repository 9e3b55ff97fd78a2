//! What was changed, small enough to be kept for a year.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::Via;

/// Longer texts are cut, in characters.
const LONGEST_TEXT: usize = 1000;
/// Longer lists are cut, in elements.
const LONGEST_LIST: usize = 50;
/// A value that is still longer as JSON is left out, in bytes.
const LONGEST_VALUE: usize = 16 * 1024;

/// A change to be written down.
#[derive(Clone, Debug)]
pub struct Change<'a> {
    /// `job.pause`, `company.register`.
    pub action: &'static str,
    /// The job, the run, the stock code.
    pub subject: &'a str,
    /// The members that change, as they were; none when there was nothing.
    pub before: Option<Value>,
    /// The members that change, as they are now; none when there is nothing any more.
    pub after: Option<Value>,
    pub note: &'a str,
}

/// A change as it was written down.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// A UUIDv7: sorts by creation.
    pub id: String,
    pub at: DateTime<Utc>,
    pub actor: String,
    pub via: Via,
    pub action: String,
    pub subject: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub request_id: Option<String>,
    pub note: String,
}

/// The members in which two objects differ, of each.
#[must_use]
pub fn differences(before: &Value, after: &Value) -> (Value, Value) {
    let only = |these: &Value, those: &Value| -> Value {
        let members = these.as_object().into_iter().flatten();
        let differing = members.filter(|(name, value)| those.get(name.as_str()) != Some(*value));
        Value::Object(differing.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
    };
    (only(before, after), only(after, before))
}

/// The JSON text of a value, with what is too long left out.
pub(super) fn bounded(value: &Value) -> String {
    let text = shortened(value).to_string();
    if text.len() <= LONGEST_VALUE {
        return text;
    }
    json!({ "leftOut": format!("{} bytes", text.len()) }).to_string()
}

fn shortened(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(cut(text, LONGEST_TEXT)),
        Value::Array(items) => {
            let mut kept: Vec<Value> = items.iter().take(LONGEST_LIST).map(shortened).collect();
            if items.len() > kept.len() {
                kept.push(format!("… and {} more", items.len() - kept.len()).into());
            }
            Value::Array(kept)
        }
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), shortened(value))).collect())
        }
        other => other.clone(),
    }
}

/// At most so many characters of a text.
pub(super) fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars().take(longest.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_members_that_differ_are_kept() {
        let (before, after) = differences(&json!({"a": 1, "b": 2, "c": null}), &json!({"a": 1, "b": 3, "c": null}));
        assert_eq!((before, after), (json!({"b": 2}), json!({"b": 3})));
    }

    #[test]
    fn long_texts_and_lists_are_cut_and_what_is_still_too_long_is_left_out() {
        assert_eq!(bounded(&json!({"paused": true})), r#"{"paused":true}"#);
        let codes: Vec<String> = (0..5000).map(|n| n.to_string()).collect();
        let text = bounded(&json!({"params": {"companies": codes, "note": "é".repeat(5000)}}));
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["params"]["companies"].as_array().unwrap().len(), 51);
        assert_eq!(value["params"]["companies"][50], "… and 4950 more");
        assert_eq!(value["params"]["note"].as_str().unwrap().chars().count(), 1000);
        let wide: Map<String, Value> = (0..100).map(|n| (n.to_string(), "x".repeat(900).into())).collect();
        assert!(bounded(&wide.into()).starts_with(r#"{"leftOut":""#));
    }
}
