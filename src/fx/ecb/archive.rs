//! The one CSV of a zip, within bounds: an archive may promise one size and unpack to another.

use std::io::{Cursor, Read as _};

use zip::ZipArchive;

use crate::crawl::Refusal;

/// Unpacked bytes; the history had two million of them in 2026.
const MOST_BYTES: u64 = 32 << 20;
/// Files in the archive; the ECB packs one.
const MOST_FILES: usize = 16;
/// What every archive begins with.
const MAGIC: &[u8] = b"PK\x03\x04";

/// # Errors
/// `Network` for an archive that is not whole, `Blocked` for a page, `SchemaChanged` for anything else that is not an
/// archive of one CSV.
pub fn csv(body: &[u8]) -> Result<String, Refusal> {
    if !body.starts_with(MAGIC) {
        return Err(no_archive(body));
    }
    let cut = |error: &dyn std::fmt::Display| Refusal::Network { reason: format!("the archive is not whole: {error}") };
    let mut archive = ZipArchive::new(Cursor::new(body)).map_err(|error| cut(&error))?;
    if archive.len() > MOST_FILES {
        return Err(schema_changed(format!("{} files in the archive, {MOST_FILES} are the most", archive.len())));
    }
    let is_csv = |index: &usize| {
        let name = archive.name_for_index(*index).and_then(Result::ok).unwrap_or_default();
        name.to_ascii_lowercase().ends_with(".csv")
    };
    let found: Vec<usize> = (0..archive.len()).filter(is_csv).collect();
    let [index] = found[..] else {
        return Err(schema_changed(format!("{} CSV files in the archive instead of one", found.len())));
    };
    let file = archive.by_index(index).map_err(|error| cut(&error))?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| cut(&error))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(schema_changed(format!("the archive unpacks to more than {MOST_BYTES} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| schema_changed("the CSV is no UTF-8"))
}

fn no_archive(body: &[u8]) -> Refusal {
    let start = String::from_utf8_lossy(&body[..body.len().min(256)]).trim().to_ascii_lowercase();
    if start.is_empty() {
        schema_changed("an empty body")
    } else if start.starts_with("<!doctype") || start.contains("<html") || start.contains("<head") {
        Refusal::Blocked { reason: "the ECB answers with a page instead of the archive".to_owned() }
    } else {
        schema_changed("no zip archive")
    }
}

pub fn schema_changed(reason: impl Into<String>) -> Refusal {
    Refusal::SchemaChanged { reason: reason.into() }
}
