//! The files that a configuration was read from, and what was in them: a change of any of them is noticed.

use std::{
    collections::BTreeMap,
    fmt, io,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::problem::{Wrong, shown};

/// What a text is compared by where it is not to be kept. `Debug` shows nothing of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(***)")
    }
}

/// Files by path, each as it was when it was read; none: it could not be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs(BTreeMap<PathBuf, Option<Fingerprint>>);

impl Inputs {
    /// The same files as they are now.
    #[must_use]
    pub fn look_again(&self) -> Self {
        let mut now = Self::default();
        for path in self.0.keys() {
            // What cannot be read is remembered as such.
            let _ = now.read(path);
        }
        now
    }

    /// Reads a file and remembers what was in it.
    ///
    /// # Errors
    /// When it cannot be read: that is remembered as well.
    pub fn read(&mut self, path: &Path) -> io::Result<String> {
        let read = std::fs::read_to_string(path);
        self.0.insert(path.to_owned(), read.as_deref().ok().map(Fingerprint::of));
        read
    }

    /// The secret in a file, without the line break at its end.
    pub(super) fn read_secret(&mut self, file: &str) -> Result<String, Wrong> {
        let wrong = match self.read(Path::new(file)) {
            Ok(content) if !content.trim().is_empty() => {
                return Ok(content.trim_end_matches(['\r', '\n']).to_owned());
            }
            Ok(_) => format!("the file {} is empty", shown(file)),
            Err(error) => format!("cannot read {}: {error}", shown(file)),
        };
        Err(Wrong::new(wrong, "name a readable file that holds the secret and nothing else"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_a_loss_and_a_return_of_a_file_are_seen_and_nothing_is_shown_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "geheim\n").unwrap();
        let mut inputs = Inputs::default();
        assert_eq!(inputs.read(&path).unwrap(), "geheim\n");
        assert_eq!(inputs.look_again(), inputs);
        std::fs::write(&path, "other\n").unwrap();
        assert_ne!(inputs.look_again(), inputs);
        std::fs::remove_file(&path).unwrap();
        let lost = inputs.look_again();
        assert!(lost != inputs && lost.look_again() == lost);
        std::fs::write(&path, "geheim\n").unwrap();
        assert_eq!(lost.look_again(), inputs);
        assert!(!format!("{inputs:?}").contains("geheim"));
    }
}
