//! Bytes to text: UTF-8 with or without a byte order mark, or cp932, the encoding of Japanese Windows.

use encoding_rs::SHIFT_JIS;

use super::FileProblems;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

pub(super) struct Text {
    pub text: String,
    pub encoding: &'static str,
}

/// # Errors
/// When the bytes are no text, or in another encoding.
pub(super) fn decode(bytes: &[u8]) -> Result<Text, FileProblems> {
    let (bytes, marked) = bytes.strip_prefix(BYTE_ORDER_MARK).map_or((bytes, false), |rest| (rest, true));
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(FileProblems::one("is empty"));
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(FileProblems::one("is UTF-16; save it as UTF-8 (spreadsheets offer \"CSV UTF-8\")"));
    }
    // Text has no such bytes; what has is a picture, an archive, a program.
    if bytes.iter().any(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31)) {
        return Err(FileProblems::one("is binary: neither CSV, JSON, XLS nor XLSX"));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let encoding = if marked { "UTF-8 with a byte order mark" } else { "UTF-8" };
        return Ok(Text { text: text.to_owned(), encoding });
    }
    match SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) if !marked => Ok(Text { text: text.into_owned(), encoding: "cp932" }),
        _ => Err(FileProblems::one("is neither UTF-8 nor cp932; save it as UTF-8 (spreadsheets offer \"CSV UTF-8\")")),
    }
}
