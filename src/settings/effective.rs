//! The settings in force, as TOML: what was given, what is built in, and where each came from.

use std::fmt;

use super::inputs::{Fingerprint, Inputs};
use super::problem::Place;

/// One setting in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The section, `["jobs", "stock"]`.
    pub section: Vec<String>,
    pub key: String,
    /// The value in TOML; a secret as `"***"`.
    pub value: String,
    pub place: Place,
    /// What a secret is compared by.
    pub secret: Option<Fingerprint>,
}

/// Every setting in force, in the order it was read. `Display` gives TOML that reads back as the same settings,
/// secrets apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effective {
    entries: Vec<Entry>,
    inputs: Inputs,
}

impl Effective {
    pub(super) fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The files that were read.
    #[must_use]
    pub const fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    pub(super) const fn inputs_mut(&mut self) -> &mut Inputs {
        &mut self.inputs
    }
}

impl fmt::Display for Effective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sections: Vec<&[String]> = Vec::new();
        for entry in &self.entries {
            if !sections.contains(&entry.section.as_slice()) {
                sections.push(&entry.section);
            }
        }
        for (number, section) in sections.into_iter().enumerate() {
            let gap = if number == 0 { "" } else { "\n" };
            writeln!(f, "{gap}[{}]", section.join("."))?;
            for entry in self.entries.iter().filter(|entry| entry.section == section) {
                write!(f, "{} = {}", entry.key, entry.value)?;
                match &entry.place {
                    Place::BuiltIn => writeln!(f)?,
                    place => writeln!(f, "  # {}", place.to_string().replace(['\r', '\n'], " "))?,
                }
            }
        }
        Ok(())
    }
}

/// A text as TOML's basic string.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Values in TOML as an array.
pub(super) fn array(values: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", values.into_iter().collect::<Vec<_>>().join(", "))
}
