//! Script and style of the page, out of the archive in the binary: sent compressed, as they lie there.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    io::{Cursor, Read as _},
};

use axum::body::Bytes;
use sha2::{Digest as _, Sha256};
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::{
    CompressionMethod, ZipArchive,
    result::{ZipError, ZipResult},
};

/// Those of the archive that the page needs.
const NEEDED: [&str; 2] = ["swagger-ui.css", "swagger-ui-bundle.js"];
/// Ours.
const INIT: (&str, &str) = ("init.js", include_str!("init.js"));
/// gzip's header: deflated, no name, no time, made anywhere.
const GZIP: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// The files by name, under a version that changes when one of them does.
pub struct Assets {
    version: String,
    files: BTreeMap<&'static str, Asset>,
}

/// A file.
#[derive(Clone, Debug)]
pub struct Asset {
    pub kind: &'static str,
    pub content: Packed,
}

/// As it is, or as gzip.
#[derive(Clone, Debug)]
pub enum Packed {
    Plain(Bytes),
    Gzip(Bytes),
}

impl Assets {
    /// Those in the binary. A file that could not be found there is missing, and the page says nothing then.
    pub fn bundled() -> Self {
        let mut files =
            BTreeMap::from([(INIT.0, Asset::new(INIT.0, Packed::Plain(Bytes::from_static(INIT.1.as_bytes()))))]);
        match archived() {
            Ok(found) => files.extend(found),
            Err(error) => tracing::error!(%error, "the files of the page /docs could not be read"),
        }
        let mut hash = Sha256::new();
        for (name, file) in &files {
            hash.update(name);
            hash.update(file.content.bytes());
        }
        let version = hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        Self { version, files }
    }

    pub fn find(&self, version: &str, name: &str) -> Option<&Asset> {
        self.files.get(name).filter(|_| version == self.version)
    }

    /// Where a file is found.
    pub fn address(&self, name: &str) -> String {
        format!("/docs/{}/{name}", self.version)
    }
}

impl Asset {
    fn new(name: &str, content: Packed) -> Self {
        let kind = if name.ends_with(".css") { "text/css; charset=utf-8" } else { "text/javascript; charset=utf-8" };
        Self { kind, content }
    }
}

impl Packed {
    fn bytes(&self) -> &Bytes {
        match self {
            Self::Plain(bytes) | Self::Gzip(bytes) => bytes,
        }
    }

    /// For a client that does not take gzip.
    pub fn unpacked(&self) -> std::io::Result<Bytes> {
        let packed = match self {
            Self::Plain(bytes) => return Ok(bytes.clone()),
            Self::Gzip(packed) => packed,
        };
        let mut content = Vec::new();
        flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut content)?;
        Ok(content.into())
    }
}

fn archived() -> ZipResult<Vec<(&'static str, Asset)>> {
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    let mut found = Vec::new();
    for name in NEEDED {
        let is_it = |path: &Cow<'_, str>| path.ends_with(&format!("/dist/{name}")) && path.matches('/').count() == 2;
        let path = archive.file_names().filter_map(Result::ok).find(is_it).map(Cow::into_owned);
        let path = path.ok_or(ZipError::FileNotFound)?;
        let index = archive.index_for_name(&path).ok_or(ZipError::FileNotFound)?;
        let mut entry = archive.by_index_raw(index)?;
        let mut packed = Vec::new();
        let content = if entry.compression() == CompressionMethod::Deflated {
            packed.extend_from_slice(&GZIP);
            entry.read_to_end(&mut packed)?;
            packed.extend_from_slice(&entry.crc32().to_le_bytes());
            // Modulo 2³², as gzip has it.
            packed.extend_from_slice(&entry.size().to_le_bytes()[..4]);
            Packed::Gzip(packed.into())
        } else {
            entry.read_to_end(&mut packed)?;
            Packed::Plain(packed.into())
        };
        found.push((name, Asset::new(name, content)));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_the_page_are_in_the_binary_and_whole() {
        let assets = Assets::bundled();
        for (name, word) in [("swagger-ui.css", ".swagger-ui"), ("swagger-ui-bundle.js", "SwaggerUIBundle"), INIT] {
            let file = assets.find(&assets.version, name).unwrap();
            let text = String::from_utf8(file.content.unpacked().unwrap().to_vec()).unwrap();
            assert!(text.contains(word), "{name}");
            assert!(assets.find("other", name).is_none());
        }
    }
}
