//! What a reading gathers: problems, the keys that were asked for, the settings in force.

use std::collections::BTreeSet;
use std::path::PathBuf;

use figment::value::{Dict, Value};
use figment::{Figment, Source};

use super::effective::{Effective, Entry};
use super::inputs::{Fingerprint, Inputs};
use super::lines::line_of;
use super::nearest::nearest;
use super::problem::{Place, Problem, Wrong};

pub(super) struct Report {
    figment: Figment,
    file: Option<(PathBuf, String)>,
    problems: Vec<Problem>,
    /// Paths of keys and of tables that were asked for.
    known: BTreeSet<Vec<String>>,
    /// Those of tables.
    tables: BTreeSet<Vec<String>>,
    effective: Effective,
}

impl Report {
    pub fn new(figment: Figment, file: Option<(PathBuf, String)>, problems: Vec<Problem>, inputs: Inputs) -> Self {
        let mut effective = Effective::default();
        *effective.inputs_mut() = inputs;
        Self { figment, file, problems, known: BTreeSet::new(), tables: BTreeSet::new(), effective }
    }

    pub fn know(&mut self, path: &[String]) {
        self.known.insert(path.to_vec());
    }

    pub fn know_table(&mut self, path: &[String]) {
        self.know(path);
        self.tables.insert(path.to_vec());
    }

    pub fn refuse(&mut self, place: Place, path: &[String], wrong: Wrong) {
        self.problems.push(Problem { place, key: path.join("."), wrong: wrong.wrong, right: wrong.right });
    }

    pub fn record(&mut self, section: &[String], key: &str, value: String, place: Place) {
        self.effective.push(Entry { section: section.to_vec(), key: key.to_owned(), value, place, secret: None });
    }

    /// The same of a secret: `value` masks it, and `secret` is what it is compared by.
    pub fn record_secret(
        &mut self,
        section: &[String],
        key: &str,
        value: String,
        place: Place,
        secret: Option<Fingerprint>,
    ) {
        self.effective.push(Entry { section: section.to_vec(), key: key.to_owned(), value, place, secret });
    }

    pub fn read_secret(&mut self, file: &str) -> Result<String, Wrong> {
        self.effective.inputs_mut().read_secret(file)
    }

    /// Where the value at `path` came from.
    pub fn place(&self, path: &[String], value: Option<&Value>) -> Place {
        let metadata = value.and_then(|value| self.figment.get_metadata(first_tag(value)));
        match metadata.and_then(|metadata| metadata.source.as_ref()) {
            Some(Source::Custom(name)) => Place::Variable(name.clone()),
            Some(Source::File(path_of_file)) => {
                let line = self.file.as_ref().and_then(|(_, text)| line_of(text, path));
                Place::File { path: path_of_file.clone(), line }
            }
            _ => Place::BuiltIn,
        }
    }

    /// Where a table stands; an empty one has only its header.
    pub fn place_of_table(&self, path: &[String], values: &Dict) -> Place {
        if let Some(first) = values.values().next() {
            return self.place(path, Some(first));
        }
        let line = self.file.as_ref().and_then(|(file, text)| Some((file, line_of(text, path)?)));
        line.map_or(Place::BuiltIn, |(file, line)| Place::File { path: file.clone(), line: Some(line) })
    }

    /// The problems, with one for each key nobody asked for, and the settings in force.
    pub fn finish(mut self, values: &Dict) -> (Vec<Problem>, Effective) {
        self.find_unknown(&mut Vec::new(), values);
        (self.problems, self.effective)
    }

    fn find_unknown(&mut self, path: &mut Vec<String>, values: &Dict) {
        for (key, value) in values {
            path.push(key.clone());
            if !self.known.contains(path.as_slice()) {
                let place = self.place(path, Some(value));
                let wrong = self.unknown(path, &place);
                self.refuse(place, path, wrong);
            } else if let (Value::Dict(_, inner), true) = (value, self.tables.contains(path.as_slice())) {
                self.find_unknown(path, inner);
            }
            path.pop();
        }
    }

    fn unknown(&self, path: &[String], place: &Place) -> Wrong {
        let (key, section) = path.split_last().map_or(("", path), |(key, section)| (key.as_str(), section));
        let siblings = || {
            self.known
                .iter()
                .filter(|known| known.len() == path.len() && known.starts_with(section))
                .filter_map(|known| known.last().map(String::as_str))
        };
        let elsewhere = || self.known.iter().find(|known| known.last().map(String::as_str) == Some(key)).cloned();
        let meant = nearest(key, siblings()).map(|near| [section, &[near.to_owned()]].concat()).or_else(elsewhere);
        let prefix = match place {
            Place::Variable(name) => name.strip_suffix(&path.join("__").to_uppercase()),
            _ => None,
        };
        let right = match (meant, prefix) {
            // The variable is named after the key: so is the one that was meant.
            (Some(meant), Some(prefix)) => format!("did you mean {prefix}{}?", meant.join("__").to_uppercase()),
            (Some(meant), None) => format!("did you mean {}?", meant.join(".")),
            (None, _) if siblings().next().is_none() => format!("only tables stand here, such as [{}]", path.join(".")),
            (None, _) => format!("known here are {}", siblings().collect::<Vec<_>>().join(", ")),
        };
        Wrong::new("unknown key", right)
    }
}

/// The tag of a value; of a table, that of its first value, since tables of several layers have none of their own.
fn first_tag(value: &Value) -> figment::value::Tag {
    match value {
        Value::Dict(tag, values) => values.values().next().map_or(*tag, first_tag),
        other => other.tag(),
    }
}
