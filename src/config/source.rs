//! Where a configuration comes from, so that it can be read again.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{Config, DEFAULT_FILE, load};
use crate::settings::Problems;

/// The file and the environment a daemon was started with.
#[derive(Clone, Debug)]
pub struct ConfigSource {
    path: Option<PathBuf>,
    environment: BTreeMap<String, String>,
}

impl ConfigSource {
    /// The file at `path`, or [`DEFAULT_FILE`] if there is one. A file that is there now is one that has to be there
    /// later: what was configured does not fall back to the defaults because the file is away for a moment.
    #[must_use]
    pub fn new(path: Option<&Path>, environment: BTreeMap<String, String>) -> Self {
        let default = Path::new(DEFAULT_FILE);
        let path = path.or_else(|| default.exists().then_some(default)).map(Path::to_owned);
        Self { path, environment }
    }

    /// # Errors
    /// Every problem at once, as [`load`].
    pub fn load(&self) -> Result<Config, Problems> {
        load(self.path.as_deref(), &self.environment)
    }
}
