//! The lines of a text file in bounded memory: whatever ends them, UTF-8 or cp932, and nothing that is no text.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};

use encoding_rs::SHIFT_JIS;

use super::error::FileError;
use crate::told;

/// No row of daily bars is as long.
const LONGEST: usize = 64 * 1024;

/// The end of a text file of old.
const CONTROL_Z: u8 = 0x1a;

pub(super) struct Lines<R> {
    inner: BufReader<R>,
    /// Of the line given last, from 1.
    number: u64,
    line: Vec<u8>,
    after_return: bool,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner: BufReader::with_capacity(64 * 1024, inner), number: 0, line: Vec::new(), after_return: false }
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Whether there is nothing at all.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn is_empty(&mut self) -> Result<bool, FileError> {
        Ok(self.number == 0 && self.inner.fill_buf()?.is_empty())
    }

    /// The next line that is not blank, without its end; none at the end of the file.
    ///
    /// # Errors
    /// When the line is too long, no text, or in an encoding that is not known here.
    pub(super) fn next(&mut self) -> Result<Option<Cow<'_, str>>, FileError> {
        loop {
            if !self.fill()? {
                return Ok(None);
            }
            if self.number == 1 && self.line.starts_with(b"\xef\xbb\xbf") {
                self.line.drain(..3);
            }
            if !self.line.trim_ascii().is_empty() && self.line != [CONTROL_Z] {
                break;
            }
        }
        text(&self.line).map(Some).map_err(|error| error.at(self.number))
    }

    /// Reads up to the end of a line: `\n`, `\r\n` or `\r`. False at the end of the file.
    fn fill(&mut self) -> Result<bool, FileError> {
        self.line.clear();
        let mut begun = false;
        loop {
            let buffer = self.inner.fill_buf()?;
            if buffer.is_empty() {
                self.number += u64::from(begun);
                return Ok(begun);
            }
            if std::mem::take(&mut self.after_return) && buffer[0] == b'\n' {
                self.inner.consume(1);
                continue;
            }
            if !begun && self.number == 0 && (buffer.starts_with(b"\xff\xfe") || buffer.starts_with(b"\xfe\xff")) {
                return Err(utf_16().at(1));
            }
            begun = true;
            let end = buffer.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let part = &buffer[..end.unwrap_or(buffer.len())];
            if self.line.len() + part.len() > LONGEST {
                let most = LONGEST / 1024;
                let reason = told!(
                    "it is longer than {most} KiB, as no row of bars is",
                    "行が長すぎます（{most} KiB 超）。株価の行ではありえません"
                );
                return Err(FileError::content(reason).at(self.number + 1));
            }
            self.line.extend_from_slice(part);
            let length = part.len();
            match end {
                Some(end) => {
                    self.after_return = buffer[end] == b'\r';
                    self.inner.consume(end + 1);
                    self.number += 1;
                    return Ok(true);
                }
                None => {
                    // What is no text is refused before much of it is read.
                    plain(&self.line[self.line.len() - length..]).map_err(|error| error.at(self.number + 1))?;
                    self.inner.consume(length);
                }
            }
        }
    }
}

/// A file of UTF-16 has zeros in it; its mark says so more kindly.
fn utf_16() -> FileError {
    FileError::unknown(told!(
        "it is UTF-16; save the file as UTF-8 (spreadsheets offer \"CSV UTF-8\")",
        "文字コードが UTF-16 です。UTF-8 で保存し直してください（表計算ソフトでは「CSV UTF-8」）"
    ))
}

fn plain(bytes: &[u8]) -> Result<(), FileError> {
    if bytes.iter().any(|byte| byte.is_ascii_control() && !matches!(*byte, b'\t' | CONTROL_Z)) {
        return Err(FileError::unknown(told!(
            "it is no text: it has control characters",
            "テキストではありません。制御文字が含まれています"
        )));
    }
    Ok(())
}

/// In cp932 no byte of a character looks like a line's end, a comma or a quote, so lines may be told apart before.
fn text(line: &[u8]) -> Result<Cow<'_, str>, FileError> {
    plain(line)?;
    if let Ok(text) = std::str::from_utf8(line) {
        return Ok(Cow::Borrowed(text));
    }
    SHIFT_JIS.decode_without_bom_handling_and_without_replacement(line).ok_or_else(|| {
        FileError::unknown(told!(
            "it is neither UTF-8 nor cp932; save the file as UTF-8",
            "文字コードが UTF-8 でも Shift_JIS でもありません。UTF-8 で保存し直してください"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Result<Vec<(u64, String)>, FileError> {
        let mut lines = Lines::new(bytes);
        let mut found = Vec::new();
        while let Some(line) = lines.next()? {
            let line = line.into_owned();
            found.push((lines.number(), line));
        }
        Ok(found)
    }

    fn own(lines: &[(u64, &str)]) -> Vec<(u64, String)> {
        lines.iter().map(|(number, line)| (*number, (*line).to_owned())).collect()
    }

    #[test]
    fn mixed_ends_of_lines_and_blank_lines_are_read() {
        assert_eq!(all(b"a\r\nb\nc\rd\r\n\r\n \ne").unwrap(), own(&[(1, "a"), (2, "b"), (3, "c"), (4, "d"), (7, "e")]));
        assert_eq!(all(b"a\r\n\x1a").unwrap(), own(&[(1, "a")]));
        assert!(all(b"").unwrap().is_empty());
    }

    #[test]
    fn the_end_of_a_line_may_fall_between_two_reads() {
        let long = "x".repeat(64 * 1024 - 1);
        let text = format!("{long}\r\ny\r\n");
        assert_eq!(all(text.as_bytes()).unwrap(), own(&[(1, &long), (2, "y")]));
    }

    #[test]
    fn a_mark_is_taken_off_and_cp932_read() {
        let (cp932, _, _) = SHIFT_JIS.encode("日付,終値\n");
        assert_eq!(all(&cp932).unwrap(), own(&[(1, "日付,終値")]));
        assert_eq!(all("\u{feff}日付\n".as_bytes()).unwrap(), own(&[(1, "日付")]));
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_line() {
        for (bytes, line, word) in [
            (&b"a,b\n\x00\x01\n"[..], 2, "no text"),
            (b"\xff\xfea\x00\n\x00", 1, "UTF-16"),
            (b"a\n\x80\xff\n", 2, "neither UTF-8 nor cp932"),
            (&[0; 100_000], 1, "no text"),
        ] {
            let error = all(bytes).unwrap_err();
            assert!(error.line == Some(line) && error.reason.to_string().contains(word), "{error}");
        }
    }

    #[test]
    fn a_line_without_an_end_is_refused_before_it_is_held() {
        let columns = std::io::repeat(b',').take(10_000_000);
        let mut lines = Lines::new(columns);
        let error = lines.next().unwrap_err();
        assert!(error.reason.to_string().contains("longer than 64 KiB") && error.line == Some(1), "{error}");
        assert!(lines.line.capacity() <= 2 * LONGEST);
    }
}
