//! One section of a configuration, asked key by key: each getter names a key, its default and its type.
//!
//! A getter never fails. It records the problem and gives the default, so that one reading meets every problem.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

use figment::value::{Dict, Value};

use super::duration::{format_duration, parse_duration};
use super::effective::{array, quoted};
use super::nearest::nearest;
use super::problem::{Place, Wrong, shown};
use super::raw::{Raw, is_date};
use super::report::Report;

/// A table such as `[jobs.stock]`, there or not.
pub struct Section<'a> {
    pub(super) path: Vec<String>,
    pub(super) values: Dict,
    pub(super) report: &'a mut Report,
}

impl<'a> Section<'a> {
    pub(super) fn root(values: Dict, report: &'a mut Report) -> Self {
        Self { path: Vec::new(), values, report }
    }

    /// The table `key` within this one.
    pub fn table(&mut self, key: &str) -> Section<'_> {
        let path = self.path_of(key);
        self.report.know_table(&path);
        let values = match self.values.get(key) {
            Some(Value::Dict(_, values)) => values.clone(),
            Some(_) => {
                let right = format!("write its keys below [{}]", path.join("."));
                self.refuse(key, Wrong::new("a value stands where a section is due", right));
                Dict::new()
            }
            None => Dict::new(),
        };
        Section { path, values, report: &mut *self.report }
    }

    /// The names of the tables within this one, sorted; plain values are not among them.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let is_table = |value: &Value| matches!(value, Value::Dict(_, inner) if !is_date(inner));
        self.values.iter().filter(|(_, value)| is_table(value)).map(|(name, _)| name.clone()).collect()
    }

    pub fn text(&mut self, key: &str, default: &str) -> String {
        self.parsed(key, default.to_owned(), |text| Ok(text.to_owned()))
    }

    pub fn boolean(&mut self, key: &str, default: bool) -> bool {
        self.get(key, default, |raw| raw.boolean(), bool::to_string)
    }

    /// A whole number within `range`.
    pub fn integer<T>(&mut self, key: &str, default: T, range: RangeInclusive<T>) -> T
    where
        T: TryFrom<i128> + PartialOrd + Display,
    {
        self.get(key, default, |raw| within(raw.integer()?, &range), T::to_string)
    }

    /// A number within `range`, whole or not.
    pub fn fraction(&mut self, key: &str, default: f64, range: RangeInclusive<f64>) -> f64 {
        let read = |raw: &Raw| {
            raw.number().and_then(|number| match range.contains(&number) {
                true => Ok(number),
                false => {
                    let right = format!("write {} to {}", range.start(), range.end());
                    Err(Wrong::new(format!("{number} is out of range"), right))
                }
            })
        };
        self.get(key, default, read, |number| format!("{number:?}"))
    }

    /// A duration within `range`.
    pub fn duration(&mut self, key: &str, default: Duration, range: RangeInclusive<Duration>) -> Duration {
        let read = |raw: &Raw| {
            let text = raw.text().map_err(|wrong| {
                Wrong::new(wrong.wrong, "write a duration with its unit in quotes, such as \"30s\" or \"1h 30m\"")
            })?;
            let duration = parse_duration(&text)?;
            if range.contains(&duration) {
                return Ok(duration);
            }
            let (least, most) = (format_duration(*range.start()), format_duration(*range.end()));
            Err(Wrong::new(format!("{} is out of range", shown(&text)), format!("write {least} to {most}")))
        };
        self.get(key, default, read, |duration| quoted(&format_duration(*duration)))
    }

    /// A text that `parse` makes a value of; `Display` must give a text that parses back.
    pub fn parsed<T: Display>(&mut self, key: &str, default: T, parse: impl Fn(&str) -> Result<T, Wrong>) -> T {
        self.get(key, default, |raw| parse(&raw.text()?), |value| quoted(&value.to_string()))
    }

    /// One of a closed set, by name.
    pub fn choice<T: Copy>(&mut self, key: &str, default: T, all: &[T], name: impl Fn(T) -> &'static str) -> T {
        self.get(key, default, |raw| chosen(raw, all, &name), |value| quoted(name(*value)))
    }

    /// One of a closed set, by name, that has no default: none when it is missing or wrong, which is told.
    pub fn required_choice<T: Copy>(&mut self, key: &str, all: &[T], name: impl Fn(T) -> &'static str) -> Option<T> {
        if self.values.contains_key(key) {
            let read = |raw: &Raw| chosen(raw, all, &name).map(Some);
            return self.get(key, None, read, |value| quoted(value.map_or("", &name)));
        }
        self.refuse_missing(key, format!("write one of {}", names_of(all, &name).join(", ")));
        None
    }

    /// Refuses the section for want of a key that has no default; `right` says what to write.
    pub fn refuse_missing(&mut self, key: &str, right: impl Into<String>) {
        let path = self.path_of(key);
        self.report.know(&path);
        // The key stands nowhere: the section does.
        let place = self.report.place_of_table(&self.path, &self.values);
        self.report.refuse(place, &path, Wrong::new("it is missing", right));
    }

    /// A list of texts.
    pub fn texts(&mut self, key: &str, default: &[&str]) -> Vec<String> {
        let default = default.iter().map(|&text| text.to_owned()).collect();
        self.get(
            key,
            default,
            |raw| raw.list(|item| item.text()),
            |texts: &Vec<String>| array(texts.iter().map(|text| quoted(text))),
        )
    }

    /// A list of whole numbers, each within `range`.
    pub fn integers<T>(&mut self, key: &str, default: &[T], range: RangeInclusive<T>) -> Vec<T>
    where
        T: TryFrom<i128> + PartialOrd + Display + Copy,
    {
        let read = |raw: &Raw| raw.list(|item| within(item.integer()?, &range));
        self.get(key, default.to_vec(), read, |numbers: &Vec<T>| array(numbers.iter().map(T::to_string)))
    }

    /// Refuses the value of `key` for a reason that only its owner knows.
    pub fn refuse(&mut self, key: &str, wrong: Wrong) {
        let path = self.path_of(key);
        let place = self.report.place(&path, self.values.get(key));
        self.report.refuse(place, &path, wrong);
    }

    fn get<T>(
        &mut self,
        key: &str,
        default: T,
        read: impl Fn(&Raw) -> Result<T, Wrong>,
        show: impl Fn(&T) -> String,
    ) -> T {
        let path = self.path_of(key);
        self.report.know(&path);
        let Some(value) = self.values.get(key) else {
            self.report.record(&self.path, key, show(&default), Place::BuiltIn);
            return default;
        };
        let place = self.report.place(&path, Some(value));
        let from_variable = matches!(place, Place::Variable(_));
        match read(&Raw { value, from_variable }) {
            Ok(made) => {
                self.report.record(&self.path, key, show(&made), place);
                made
            }
            Err(wrong) => {
                self.report.refuse(place, &path, wrong);
                default
            }
        }
    }

    pub(super) fn path_of(&self, key: &str) -> Vec<String> {
        self.path.iter().cloned().chain([key.to_owned()]).collect()
    }
}

fn chosen<T: Copy>(raw: &Raw, all: &[T], name: &impl Fn(T) -> &'static str) -> Result<T, Wrong> {
    let text = raw.text()?;
    all.iter().copied().find(|one| name(*one) == text).ok_or_else(|| {
        let names = names_of(all, name);
        let meant = nearest(&text, names.iter().copied());
        let hint = meant.map_or(String::new(), |meant| format!(" (did you mean {meant}?)"));
        Wrong::new(format!("{} is no choice here", shown(&text)), format!("write one of {}{hint}", names.join(", ")))
    })
}

fn names_of<T: Copy>(all: &[T], name: &impl Fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|one| name(*one)).collect()
}

fn within<T: TryFrom<i128> + PartialOrd + Display>(number: i128, range: &RangeInclusive<T>) -> Result<T, Wrong> {
    T::try_from(number).ok().filter(|number| range.contains(number)).ok_or_else(|| {
        Wrong::new(format!("{number} is out of range"), format!("write {} to {}", range.start(), range.end()))
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::settings::Document;

    #[test]
    fn the_tables_of_a_section_are_listed_by_name_and_its_values_are_not() {
        let text = "[hooks]\nlevel = 1\nday = 2026-11-20\n[hooks.web]\n[hooks.\"a b\"]\nx = 1\n[hooks.ops]\n";
        let document = Document::new().with_file(Path::new("my.toml"), text).unwrap();
        let document = document.with_variable("HOOKS__CHAT__X", &["hooks", "chat", "x"], "1");
        let mut found = Vec::new();
        let _ = document.read(|root| found = root.table("hooks").names());
        assert_eq!(found, ["a b", "chat", "ops", "web"]);
        let _ = Document::new().read(|root| found = root.table("hooks").names());
        assert!(found.is_empty());
    }
}
