//! Zip archives of text files. Names are read and never written to; what comes out is counted while it does.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};

use zip::ZipArchive;
use zip::result::ZipError;

use super::bounded::{Hashed, Unpacked};
use super::error::{FileError, shown};
use crate::told;

/// The largest archive of Stooq has some twelve thousand.
const MOST_ENTRIES: usize = 60_000;

/// What all parts together may unpack to.
const MOST_UNPACKED: u64 = 4 * 1024 * 1024 * 1024;

/// Each entry of an archive's directory begins with this.
const DIRECTORY_ENTRY: &[u8; 4] = b"PK\x01\x02";

/// Reads each part with its name and size. Gives the number of bytes of the archive and their hash.
pub(super) fn each<R: Read + Seek>(
    mut file: R,
    most: u64,
    mut part: impl FnMut(&str, &mut dyn Read) -> Result<(), FileError>,
) -> Result<(u64, String), FileError> {
    let counted = survey(&mut file, most)?;
    let mut archive = ZipArchive::new(file).map_err(broken)?;
    let total = Cell::new(0);
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index).map_err(broken)?;
        let name = entry.name().map_err(broken)?.into_owned();
        if entry.is_dir() || is_of_the_system(&name) {
            continue;
        }
        within_the_archive(&name).and_then(|()| is_text_by_name(&name)).map_err(|error| error.of_entry(&name))?;
        let inner = archive.by_index(index).map_err(|error| broken(error).of_entry(&name))?;
        let packed = inner.compressed_size();
        let mut unpacked = Unpacked { inner, packed, unpacked: 0, total: &total, most: MOST_UNPACKED };
        part(&name, &mut unpacked).map_err(|error| error.of_entry(&name))?;
    }
    Ok(counted)
}

/// Counts and hashes the archive before anything of its directory is held in memory.
fn survey<R: Read + Seek>(file: &mut R, most: u64) -> Result<(u64, String), FileError> {
    file.seek(SeekFrom::Start(0))?;
    let mut hashed = Hashed::new(&mut *file, most);
    let (mut buffer, mut kept, mut entries) = (vec![0; 64 * 1024], 0, 0);
    loop {
        let length = hashed.read(&mut buffer[kept..])?;
        if length == 0 {
            break;
        }
        let seen = kept + length;
        entries += buffer[..seen].windows(4).filter(|window| *window == DIRECTORY_ENTRY).count();
        if entries > MOST_ENTRIES {
            return Err(FileError::too_large(told!(
                "the archive has more than {MOST_ENTRIES} entries",
                "アーカイブの中のファイルが多すぎます。{MOST_ENTRIES} 個までです"
            )));
        }
        kept = seen.min(3);
        buffer.copy_within(seen - kept..seen, 0);
    }
    let counted = hashed.finish();
    file.seek(SeekFrom::Start(0))?;
    Ok(counted)
}

fn broken(error: ZipError) -> FileError {
    match error {
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => error.into(),
        error if error.to_string().contains(ZipError::PASSWORD_REQUIRED) => FileError::content(told!(
            "it is encrypted: unpack it and import what is in it",
            "暗号化されています。展開してから中のファイルを取り込んでください"
        )),
        error => FileError::content(told!(
            "the archive is broken or of a kind that is not read: {error}",
            "アーカイブが壊れているか、読み取れない種類です（{error}）"
        )),
    }
}

/// A name that would lead out of a folder it is unpacked to is an attack or a mistake, though nothing is unpacked here.
fn within_the_archive(name: &str) -> Result<(), FileError> {
    let mut parts = name.split(['/', '\\']);
    let absolute = name.starts_with(['/', '\\']) || name.as_bytes().get(1) == Some(&b':');
    if absolute || name.contains('\0') || parts.any(|part| part == "..") {
        return Err(FileError::content(told!(
            "the name leads out of the archive",
            "ファイル名がアーカイブの外を指しています"
        )));
    }
    Ok(())
}

/// What archivers of operating systems add.
fn is_of_the_system(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or_default();
    name.starts_with("__MACOSX/") || last == ".DS_Store" || last == "Thumbs.db" || last == "desktop.ini"
}

fn is_text_by_name(name: &str) -> Result<(), FileError> {
    let extension = name.rsplit('.').next().unwrap_or_default();
    if ["txt", "csv"].iter().any(|known| extension.eq_ignore_ascii_case(known)) {
        return Ok(());
    }
    let name = shown(name.rsplit('/').next().unwrap_or(name));
    Err(FileError::unknown(told!("{name} is neither .txt nor .csv", "{name} は .txt でも .csv でもありません")))
}
