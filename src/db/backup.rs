//! A copy of a SQLite file while others write to it. PostgreSQL has tools of its own.

use std::{fs::File, path::Path};

use sea_orm::DbErr;

use super::{Database, execute};

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("this database is on PostgreSQL: back it up with pg_dump, as docs/operations.md shows")]
    Postgres,
    #[error("{0} is there already: name another file, or remove it")]
    Exists(String),
    #[error("cannot write {file}")]
    Io {
        file: String,
        #[source]
        source: std::io::Error,
    },
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl Database {
    /// Writes one state of the database to a new file, complete or not at all. Whoever reads or writes meanwhile is
    /// not held up.
    ///
    /// # Errors
    /// When there is such a file, or it cannot be written; what the database says.
    pub async fn back_up(&self, file: &Path) -> Result<(), BackupError> {
        if self.is_postgres() {
            return Err(BackupError::Postgres);
        }
        let name = file.display().to_string();
        if file.exists() {
            return Err(BackupError::Exists(name));
        }
        let io = |source| BackupError::Io { file: name.clone(), source };
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Under another name until all of it is there.
        let part = tempfile::Builder::new().prefix(".datainfra-backup-").tempfile_in(folder).map_err(io)?;
        let path = part.path().to_string_lossy().into_owned();
        execute(self.connection(), "VACUUM INTO $1", [path.into()]).await?;
        File::open(part.path()).and_then(|written| written.sync_all()).map_err(io)?;
        part.persist_noclobber(file).map_err(|error| io(error.error))?;
        Ok(())
    }
}
