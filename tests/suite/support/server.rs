//! Finds the programs of a PostgreSQL server on this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::environment;

/// The oldest PostgreSQL the product promises to work with.
const OLDEST: u32 = 13;

/// Where distributions put them: a folder, and the part of the names in it that comes before the version.
const USUAL: [(&str, &str); 4] = [
    ("/usr/lib/postgresql", ""),
    ("/usr", "pgsql-"),
    ("/opt/homebrew/opt", "postgresql"),
    ("/usr/local/opt", "postgresql"),
];

/// The folder that holds `initdb` and `postgres`: the one on PATH, or else the newest of the usual ones.
///
/// # Errors
/// Why there is none.
pub fn binaries() -> Result<PathBuf, String> {
    let with_version = |bin: PathBuf| Some((version(&bin)?, real(bin)));
    let mut usual: Vec<_> = usual().filter_map(with_version).collect();
    usual.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    let found: Vec<_> = on_path().filter_map(with_version).chain(usual).collect();
    match found.iter().find(|(version, _)| *version >= OLDEST).or(found.first()) {
        Some((version, bin)) if *version >= OLDEST => Ok(bin.clone()),
        Some((version, _)) => Err(format!("the server found is PostgreSQL {version}, {OLDEST} or later is needed")),
        None => {
            Err(format!("no server binaries found; install PostgreSQL {OLDEST} or later, or set TEST_DATABASE_URL"))
        }
    }
}

fn on_path() -> impl Iterator<Item = PathBuf> {
    let path = environment::variable("PATH").unwrap_or_default();
    std::env::split_paths(&path).collect::<Vec<_>>().into_iter()
}

fn usual() -> impl Iterator<Item = PathBuf> {
    USUAL.into_iter().flat_map(|(folder, prefix)| {
        let entries = Path::new(folder).read_dir().into_iter().flatten().flatten();
        entries
            .filter(move |entry| entry.file_name().to_string_lossy().starts_with(prefix))
            .map(|entry| entry.path().join("bin"))
    })
}

/// Where the programs stand: beside a link to one of them there may be none of the others.
fn real(bin: PathBuf) -> PathBuf {
    let target = bin.join("initdb").canonicalize().ok();
    let folder = target.as_deref().and_then(Path::parent).filter(|folder| folder.join("postgres").exists());
    folder.map_or(bin.clone(), Path::to_owned)
}

/// The major version, when both programs are there. Links are followed: `initdb` looks for its files beside itself.
fn version(bin: &Path) -> Option<u32> {
    if !bin.join("initdb").exists() {
        return None;
    }
    let output = Command::new(bin.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.rsplit_once("(PostgreSQL) ")?.1.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[test]
fn a_folder_without_the_programs_is_no_candidate() {
    assert_eq!(version(Path::new("/")), None);
}
