//! Secrets: a text that does not show itself, and how a section is asked for one.
//!
//! Every secret key `x` has a twin `x_file` that names a file with the secret in it.

use std::fmt::{self, Display};

use figment::value::Value;

use super::effective::quoted;
use super::inputs::Fingerprint;
use super::problem::{Place, Wrong};
use super::section::Section;

/// A secret text. `Debug` and `Display` show `***`; it has no comparison, which would not be constant-time.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Section<'_> {
    /// A secret, from `key` or from the file that `key_file` names. Empty means none.
    pub fn secret(&mut self, key: &str) -> Option<Secret> {
        self.long_secret(key, 0)
    }

    /// A secret of at least so many characters, so that nobody guesses it.
    pub fn long_secret(&mut self, key: &str, least: usize) -> Option<Secret> {
        let read = |text: &str| {
            let length = text.chars().count();
            if length < least {
                let characters = if length == 1 { "character" } else { "characters" };
                let wrong = format!("the secret has only {length} {characters}");
                return Err(Wrong::new(
                    wrong,
                    format!("give one of {least} or more, such as `openssl rand -hex 32` makes"),
                ));
            }
            if text.chars().any(char::is_control) {
                return Err(Wrong::new("the secret holds a line break or control character", "give it in one line"));
            }
            Ok(Some(Secret::new(text)))
        };
        self.get_secret(key, None, read, |secret| secret.as_ref().map_or(String::new(), Secret::to_string))
    }

    /// A value that contains a secret, from `key` or from the file that `key_file` names; `parse` must not repeat it
    /// in what it says, and `Display` must mask it. Empty means the default.
    pub fn parsed_secret<T: Display>(&mut self, key: &str, default: T, parse: impl Fn(&str) -> Result<T, Wrong>) -> T {
        self.get_secret(key, default, parse, T::to_string)
    }

    /// Whether somebody gave the secret `key` or its twin, readable or not.
    #[must_use]
    pub fn gives_secret(&self, key: &str) -> bool {
        self.gives_secret_itself(key) || self.gives_secret_itself(&format!("{key}_file"))
    }

    /// The same of one of the twins.
    #[must_use]
    pub fn gives_secret_itself(&self, key: &str) -> bool {
        self.values.get(key).is_some_and(|value| value.as_str().is_none_or(|text| !text.trim().is_empty()))
    }

    fn get_secret<T>(
        &mut self,
        key: &str,
        default: T,
        read: impl Fn(&str) -> Result<T, Wrong>,
        show: impl Fn(&T) -> String,
    ) -> T {
        let (made, place, secret) = match self.secret_text(key) {
            None => (default, self.report.place(&self.path_of(key), self.values.get(key)), None),
            Some((from, place, text)) => match read(&text) {
                Ok(made) => (made, place, Some(Fingerprint::of(&text))),
                Err(wrong) => {
                    self.refuse(&from, wrong);
                    return default;
                }
            },
        };
        self.report.record_secret(&self.path, key, quoted(&show(&made)), place, secret);
        made
    }

    /// The text of a secret with the key that gave it: the twin in the later layer serves, two in one are refused.
    fn secret_text(&mut self, key: &str) -> Option<(String, Place, String)> {
        let twin = format!("{key}_file");
        let direct = self.nonempty(key);
        let filed = self.nonempty(&twin);
        match (direct, filed) {
            (Some((here, text)), None) => Some((key.to_owned(), here, text)),
            (None, Some((there, file))) => self.secret_file(&twin, there, &file),
            (Some((here @ Place::Variable(_), text)), Some((Place::File { .. }, _))) => {
                Some((key.to_owned(), here, text))
            }
            (Some((Place::File { .. }, _)), Some((there @ Place::Variable(_), file))) => {
                self.secret_file(&twin, there, &file)
            }
            (Some(_), Some(_)) => {
                self.refuse(
                    &twin,
                    Wrong::new(format!("{key} is set as well"), format!("keep {key} or {twin}, not both")),
                );
                None
            }
            (None, None) => None,
        }
    }

    fn secret_file(&mut self, twin: &str, place: Place, file: &str) -> Option<(String, Place, String)> {
        match self.report.read_secret(file) {
            Ok(content) => Some((twin.to_owned(), place, content.trim().to_owned())),
            Err(wrong) => {
                self.refuse(twin, wrong);
                None
            }
        }
    }

    /// The trimmed text of a secret or of its twin. What is wrong with it is said without repeating it.
    fn nonempty(&mut self, key: &str) -> Option<(Place, String)> {
        let path = self.path_of(key);
        self.report.know(&path);
        let value = self.values.get(key)?;
        let place = self.report.place(&path, Some(value));
        let text = match value {
            Value::String(_, text) => text.trim().to_owned(),
            Value::Char(_, c) => c.to_string(),
            _ => {
                self.report.refuse(place, &path, Wrong::new("the value is not text", "write text in quotes"));
                return None;
            }
        };
        (!text.is_empty()).then_some((place, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_shows_itself() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret} {secret:?}"), "*** Secret(***)");
        assert_eq!(secret.expose(), "hunter2");
    }
}
