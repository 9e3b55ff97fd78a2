//! One daemon for each SQLite file.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
};

/// Held while a daemon owns a SQLite file; the operating system releases it when the process ends, however it ends.
#[derive(Debug)]
pub struct FileLock {
    _file: File,
}

#[derive(Debug, thiserror::Error)]
pub enum FileLockError {
    #[error("another daemon uses {0}: stop it, or give this one another database.url")]
    Taken(PathBuf),
    #[error("cannot lock {path}")]
    Io {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
}

impl FileLock {
    /// Takes the lock beside the database's file.
    ///
    /// # Errors
    /// When another process holds it, or the folder cannot be written.
    pub fn take(database: &Path) -> Result<Self, FileLockError> {
        let mut name = database.as_os_str().to_owned();
        name.push(".lock");
        let path = PathBuf::from(name);
        let io = |source| FileLockError::Io { path: path.clone(), source };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(io)?;
        }
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(FileLockError::Taken(database.to_path_buf())),
            Err(TryLockError::Error(source)) => Err(io(source)),
        }
    }
}
