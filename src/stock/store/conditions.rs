//! The conditions of a list: those that were asked for, each with its value.

use sea_orm::Value;

/// A `WHERE` with one placeholder for each value.
#[derive(Default)]
pub(super) struct Conditions {
    conditions: Vec<String>,
    pub(super) values: Vec<Value>,
}

impl Conditions {
    /// `text` is what stands before the value: `q.source =`. Without a value nothing is asked.
    pub(super) fn add(&mut self, text: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.values.push(value);
            self.conditions.push(format!("{text} ${}", self.values.len()));
        }
    }

    pub(super) fn sql(&self) -> String {
        if self.conditions.is_empty() { String::new() } else { format!("WHERE {}", self.conditions.join(" AND ")) }
    }
}
