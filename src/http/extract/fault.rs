//! What is wrong with the shape of a query or a body: an error type of our own for serde, so that what it finds arrives
//! as values and no message of it has to be read.

use std::fmt;

use serde::de::{Error, Expected, Unexpected};

use super::words::{missing, none_of, not, unknown_member, unknown_parameter};
use crate::{http::problem::Problem, settings::shown, told, told::Told};

/// One thing that is wrong, with the parameter or member it is about as far as that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    name: Option<String>,
    wrong: Wrong,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Wrong {
    /// No such name; there are these.
    Unknown(&'static [&'static str]),
    Twice,
    Missing,
    /// Another value is due than the one shown.
    Value {
        shown: String,
        due: Due,
    },
    /// What a type's own reader says.
    Other(String),
}

/// What a value should have been.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Due {
    Bool,
    Whole,
    Number,
    Text,
    List,
    Object,
    OneOf(&'static [&'static str]),
    /// In serde's words.
    Other(String),
}

/// What has a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Query,
    Body,
}

impl Fault {
    pub fn twice(name: &str) -> Self {
        Self { name: Some(name.to_owned()), wrong: Wrong::Twice }
    }

    pub fn no_bool(name: &str, text: &str) -> Self {
        Self::value(text, Due::Bool).of(name)
    }

    pub fn no_whole(name: &str, text: &str) -> Self {
        Self::value(text, Due::Whole).of(name)
    }

    pub fn no_number(name: &str, text: &str) -> Self {
        Self::value(text, Due::Number).of(name)
    }

    fn value(text: &str, due: Due) -> Self {
        Self { name: None, wrong: Wrong::Value { shown: shown(text), due } }
    }

    /// The fault is about this, unless it knows better.
    pub fn of(mut self, name: &str) -> Self {
        self.name.get_or_insert_with(|| name.to_owned());
        self
    }

    /// 400 for a query, 422 for a body, naming what it is about.
    pub fn problem(self, place: Place) -> Problem {
        let name = self.name.as_deref().unwrap_or(match place {
            Place::Query => "query",
            Place::Body => "body",
        });
        let message = match (&self.wrong, place) {
            (Wrong::Unknown(known), Place::Query) => unknown_parameter(name, known),
            (Wrong::Unknown(known), Place::Body) => unknown_member(name, known),
            (Wrong::Twice, _) => {
                told!("{name} is given twice; once is right", "{name} が 2 回指定されています。1 回だけにしてください")
            }
            (Wrong::Missing, _) => missing(name),
            (Wrong::Value { shown, due: Due::OneOf(words) }, _) => none_of(shown, words),
            (Wrong::Value { shown, due }, _) => not(shown, &due.told()),
            (Wrong::Other(reason), _) => Told::new(reason, format!("値が正しくありません（{reason}）")),
        };
        match place {
            Place::Query => Problem::bad_request(name, message),
            Place::Body => Problem::unprocessable(vec![(name.to_owned(), message)]),
        }
    }
}

impl Due {
    /// By what serde's own readers say they expect.
    fn read(expected: &dyn Expected) -> Self {
        match expected.to_string().as_str() {
            "a boolean" => Self::Bool,
            "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => Self::Whole,
            "f32" | "f64" => Self::Number,
            "a string" | "a borrowed string" => Self::Text,
            "a sequence" => Self::List,
            "a map" => Self::Object,
            other => Self::Other(other.to_owned()),
        }
    }

    fn told(&self) -> Told {
        match self {
            Self::Bool => told!("true or false", "true か false"),
            Self::Whole => told!("a whole number of this size", "範囲内の整数"),
            Self::Number => told!("a number", "数値"),
            Self::Text => told!("a text", "文字列"),
            Self::List => told!("a list", "配列"),
            Self::Object => told!("an object", "オブジェクト"),
            Self::OneOf(words) => {
                let words = words.join(", ");
                told!("one of {words}", "{words} のどれか")
            }
            Self::Other(words) => told!("{words}", "正しい値（{words}）"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.name.as_deref().unwrap_or("?"), self.wrong)
    }
}

impl std::error::Error for Fault {}

impl Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { name: None, wrong: Wrong::Other(message.to_string()) }
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let shown = match unexpected {
            Unexpected::Str(text) => shown(text),
            Unexpected::Bool(value) => value.to_string(),
            Unexpected::Unsigned(number) => number.to_string(),
            Unexpected::Signed(number) => number.to_string(),
            Unexpected::Float(number) => number.to_string(),
            Unexpected::Unit => "null".to_owned(),
            Unexpected::Seq => "[…]".to_owned(),
            Unexpected::Map => "{…}".to_owned(),
            other => other.to_string(),
        };
        Self { name: None, wrong: Wrong::Value { shown, due: Due::read(expected) } }
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(unexpected, expected)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self { name: None, wrong: Wrong::Value { shown: shown(variant), due: Due::OneOf(expected) } }
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self { name: Some(field.to_owned()), wrong: Wrong::Unknown(expected) }
    }

    fn missing_field(field: &'static str) -> Self {
        Self { name: Some(field.to_owned()), wrong: Wrong::Missing }
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::twice(field)
    }
}
