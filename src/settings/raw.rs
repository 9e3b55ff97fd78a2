//! A value as it was found, asked for a type.
//!
//! A file is typed: `"10"` is no number there. A variable is text: `10`, `true`, `["a", "b"]` and `a, b` are read.

use figment::value::{Dict, Num, Value};

use super::problem::{Wrong, shown};

/// How toml hands a bare date over: a table with this one key.
const TOML_DATE: &str = "$__toml_private_datetime";

pub(super) struct Raw<'a> {
    pub value: &'a Value,
    /// The value came from an environment variable, and so as text.
    pub from_variable: bool,
}

impl Raw<'_> {
    pub fn text(&self) -> Result<String, Wrong> {
        match self.value {
            Value::String(_, text) if self.from_variable => Ok(unquoted(text.trim()).to_owned()),
            Value::String(_, text) => Ok(text.clone()),
            Value::Char(_, c) => Ok(c.to_string()),
            Value::Dict(_, dict) => match dict.get(TOML_DATE) {
                Some(Value::String(_, text)) => Ok(text.clone()),
                _ => Err(self.not_a("text")),
            },
            _ => Err(self.not_a("text")),
        }
    }

    pub fn boolean(&self) -> Result<bool, Wrong> {
        match self.value {
            Value::Bool(_, value) => Ok(*value),
            Value::String(_, text) if self.from_variable => match text.trim() {
                "true" => Ok(true),
                "false" => Ok(false),
                _ => Err(self.not_a("true or false")),
            },
            _ => Err(self.not_a("true or false")),
        }
    }

    pub fn integer(&self) -> Result<i128, Wrong> {
        let number = match self.value {
            Value::Num(_, number) => whole(*number),
            Value::String(_, text) if self.from_variable => text.trim().parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| self.not_a("a whole number"))
    }

    pub fn number(&self) -> Result<f64, Wrong> {
        let number = match self.value {
            Value::Num(_, number) => number.to_f64().or_else(|| whole(*number).map(|whole| whole as f64)),
            Value::String(_, text) if self.from_variable => text.trim().parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| self.not_a("a number"))
    }

    pub fn list<T>(&self, item: impl Fn(&Raw) -> Result<T, Wrong>) -> Result<Vec<T>, Wrong> {
        match self.value {
            Value::Array(_, values) => {
                values.iter().map(|value| item(&Raw { value, from_variable: self.from_variable })).collect()
            }
            Value::String(_, text) if self.from_variable => {
                let inner = text.trim();
                let inner = inner.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(inner);
                let parts = inner.split(',').map(str::trim).filter(|part| !part.is_empty());
                parts.map(|part| item(&Raw { value: &Value::from(part), from_variable: true })).collect()
            }
            _ => Err(self.not_a("a list")),
        }
    }

    fn not_a(&self, expected: &str) -> Wrong {
        let found = match self.value {
            Value::String(_, text) => shown(text),
            Value::Char(_, c) => shown(&c.to_string()),
            Value::Bool(_, value) => value.to_string(),
            Value::Num(_, number) => shown_number(*number),
            Value::Empty(..) => "nothing".to_owned(),
            Value::Dict(_, dict) if is_date(dict) => "a date".to_owned(),
            Value::Dict(..) => "a table".to_owned(),
            Value::Array(..) => "a list".to_owned(),
        };
        let right = match expected {
            "text" => "write text in quotes",
            "true or false" => "write true or false, without quotes",
            "a list" => "write a list such as [\"a\", \"b\"] or [1, 2]",
            "a number" => "write a number such as 0.1, without quotes",
            _ => "write a whole number, without quotes",
        };
        Wrong::new(format!("{found} is not {expected}"), right)
    }
}

/// Whether a table is how toml hands a bare date over.
pub(super) fn is_date(dict: &Dict) -> bool {
    dict.contains_key(TOML_DATE)
}

/// Some shells and env files hand quotes over as part of the value.
fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text)
}

fn whole(number: Num) -> Option<i128> {
    number.to_i128().or_else(|| number.to_u128().and_then(|n| n.try_into().ok()))
}

fn shown_number(number: Num) -> String {
    match (whole(number), number.to_f64()) {
        (Some(whole), _) => whole.to_string(),
        (None, Some(fraction)) => fraction.to_string(),
        (None, None) => "a number".to_owned(),
    }
}
