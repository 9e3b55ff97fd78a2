//! The layers of a configuration: a file, then variables over it, merged with provenance by figment.

use std::path::{Path, PathBuf};

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Error, Figment, Metadata, Profile, Provider, Source};

use super::effective::Effective;
use super::inputs::Inputs;
use super::problem::{Place, Problem, Problems, Wrong};
use super::report::Report;
use super::section::Section;

/// Layers, later ones over earlier ones. No layer at all gives the built-in defaults.
#[derive(Default)]
pub struct Document {
    figment: Figment,
    file: Option<(PathBuf, String)>,
    problems: Vec<Problem>,
    inputs: Inputs,
}

impl Document {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a TOML text under the name of its file.
    ///
    /// # Errors
    /// When the text is no TOML, with line and column. The line itself is not shown: it may hold a secret.
    pub fn with_file(mut self, path: &Path, text: &str) -> Result<Self, Problem> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let values: Dict = Toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let (line, column) = position(text, start);
            Problem {
                place: Place::File { path: path.to_owned(), line: Some(line) },
                key: String::new(),
                wrong: format!("no TOML at line {line}, column {column}: {}", error.message().replace('\n', ", ")),
                right: "correct the line; its other keys are checked after that".to_owned(),
            }
        })?;
        self.figment = self.figment.merge(Layer { source: Source::File(path.to_owned()), values });
        self.file = Some((path.to_owned(), text.to_owned()));
        Ok(self)
    }

    /// Adds one environment variable that sets the key at `path`.
    #[must_use]
    pub fn with_variable(mut self, name: &str, path: &[&str], value: &str) -> Self {
        let Some((first, rest)) = path.split_first() else { return self };
        let nested = rest
            .iter()
            .rev()
            .fold(Value::from(value), |inner, key| Value::from(Dict::from([((*key).to_owned(), inner)])));
        let values = Dict::from([((*first).to_owned(), nested)]);
        self.figment = self.figment.merge(Layer { source: Source::Custom(name.to_owned()), values });
        self
    }

    /// Adds files that were read for the layers.
    #[must_use]
    pub fn with_inputs(mut self, inputs: Inputs) -> Self {
        self.inputs = inputs;
        self
    }

    /// The secret in a file that is part of a layer.
    ///
    /// # Errors
    /// When it cannot be read, or there is nothing in it.
    pub fn read_secret(&mut self, file: &str) -> Result<String, Wrong> {
        self.inputs.read_secret(file)
    }

    /// Adds a problem that was met while the layers were gathered.
    #[must_use]
    pub fn with_problem(mut self, problem: Problem) -> Self {
        self.problems.push(problem);
        self
    }

    /// Hands the root section to `read`, and gives what it made of it with the settings in force.
    ///
    /// # Errors
    /// Every problem the reading met, and every key that nothing asked for.
    pub fn read<T>(self, read: impl FnOnce(&mut Section) -> T) -> Result<(T, Effective), Problems> {
        let values = self.figment.data().ok().and_then(|mut data| data.remove(&Profile::Default)).unwrap_or_default();
        let mut report = Report::new(self.figment, self.file, self.problems, self.inputs);
        let made = read(&mut Section::root(values.clone(), &mut report));
        let (problems, effective) = report.finish(&values);
        match Problems::of(problems) {
            Some(problems) => Err(problems.with_inputs(effective.inputs().clone())),
            None => Ok((made, effective)),
        }
    }
}

/// One layer with one provenance.
struct Layer {
    source: Source,
    values: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named("settings").source(self.source.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Profile::Default.collect(self.values.clone()))
    }
}

/// Line and column, from 1, of a byte offset.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    (before.matches('\n').count() + 1, column)
}
