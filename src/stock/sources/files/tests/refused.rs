//! What is no file of bars, or one with something wrong in it: each ends with its reason and its line.

use std::io::Read;

use proptest::prelude::*;

use super::super::FileErrorKind;
use super::*;

const STOOQ: &str = "Date,Open,High,Low,Close,Volume\n";

#[test]
fn what_is_no_file_of_bars_is_refused_with_the_reason() {
    for (bytes, kind, line, words) in [
        (&b""[..], FileErrorKind::Content, None, "it is empty"),
        (b"\n \r\n", FileErrorKind::Content, None, "it is empty"),
        (STOOQ.as_bytes(), FileErrorKind::Content, None, "a header and no rows"),
        (b"\x7fELF\x02\x01\x01\x00\x00", FileErrorKind::Unknown, Some(1), "no text"),
        (b"\xff\xfeD\x00a\x00t\x00e\x00", FileErrorKind::Unknown, Some(1), "UTF-16"),
        (b"Date,Open\x80\xff\n", FileErrorKind::Unknown, Some(1), "neither UTF-8 nor cp932"),
        (b"<!DOCTYPE html><html>", FileErrorKind::Unknown, Some(1), "a page for browsers"),
        (b"No data", FileErrorKind::Unknown, Some(1), "it begins with No data"),
        (b"{\"chart\":{}}", FileErrorKind::Unknown, Some(1), "no layout that is known here"),
    ] {
        let error = refused("7203.jp.csv", bytes);
        assert_eq!((error.kind, error.line), (kind, line), "{error}");
        assert!(error.reason.to_string().contains(words), "{error}");
    }
    let error = refused("7203.jp.csv", "a,b\n1,2\n");
    for layout in Layout::ALL {
        assert!(error.reason.to_string().contains(layout.as_str()), "{error}");
    }
}

#[test]
fn rows_that_are_none_are_kept_with_their_reason() {
    let text = format!(
        "{STOOQ}2024-01-04,10,11,9\n31.01.2024,10,11,9,10,1\n2024-01-09,10,x,9,10,1\n2024-01-10,1,2,3,4,5,6\n2024-01-11,10,11,9,10,1\n"
    );
    let (summary, rows) = file("7203.jp.csv", text);
    assert_eq!((summary.rows, rows.closes().len()), (5, 1));
    let expected =
        ["4 fields instead of 5 or 6", "the date cannot be read", "x is no number", "7 fields instead of 5 or 6"];
    assert_eq!(rows.reasons(), expected);
}

#[test]
fn a_row_whose_company_cannot_be_told_ends_the_file() {
    let text = "stock_code,date,open,high,low,close\n7203,2024-01-04,10,11,9,10\n72 03,2024-01-04,10,11,9,10\n";
    let error = refused("x.csv", text);
    assert_eq!(
        error.to_string(),
        "line 3: \"72 03\" is no stock code: 1 to 16 letters, digits, dots, dashes or a leading ^ are"
    );
    let error = refused("株価.csv", format!("{STOOQ}2024-01-04,10,11,9,10,1\n"));
    assert!(error.reason.to_string().contains("--company"), "{error}");
}

#[test]
fn a_vendors_basis_cannot_be_declared_away() {
    let text = format!("{STOOQ}2024-01-04,10,11,9,10,1\n");
    let given = Given { basis: Some(Basis::Split), ..given("7203.jp.csv") };
    let error = with(text.as_bytes(), &given).unwrap_err();
    assert!(error.reason.to_string().contains("have the basis split_dividend, not split"), "{error}");
}

#[test]
fn a_file_is_read_no_further_than_its_limit() {
    let endless = std::io::repeat(b'\n').take(u64::MAX);
    let content = Content::Text(Box::new(endless));
    let given = Given { most: 1024 * 1024, ..given("x.csv") };
    let error = read(content, &given, &mut Rows::default()).unwrap_err();
    assert_eq!((error.kind, error.to_string().as_str()), (FileErrorKind::TooLarge, "it is larger than 1 MiB"));
}

#[test]
fn zeros_and_endless_lines_are_refused_after_their_first_piece() {
    for byte in [0, b'x', b','] {
        let (content, left) = counted(std::io::repeat(byte).take(1 << 30));
        let error = read(content, &given("x.csv"), &mut Rows::default()).unwrap_err();
        assert_eq!(error.line, Some(1), "{error}");
        let read = (1 << 30) - *left.lock().unwrap();
        assert!(read <= 256 * 1024, "{read} bytes were read");
    }
}

/// A reader, and how much of a gigabyte it has left.
fn counted(inner: impl Read + Send + 'static) -> (Content, std::sync::Arc<std::sync::Mutex<u64>>) {
    struct Counted<R>(R, std::sync::Arc<std::sync::Mutex<u64>>);
    impl<R: Read> Read for Counted<R> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let length = self.0.read(buffer)?;
            *self.1.lock().unwrap() -= length as u64;
            Ok(length)
        }
    }
    let left = std::sync::Arc::new(std::sync::Mutex::new(1 << 30));
    (Content::Text(Box::new(Counted(inner, std::sync::Arc::clone(&left)))), left)
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(body in prop::collection::vec(any::<u8>(), 0..400), header in 0..6_usize) {
        let headers = [
            "", STOOQ, "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n",
            "Date,Open,High,Low,Close,Adj Close,Volume\n", "stock_code,date,open,high,low,close\n",
            "Date,Open,Hight,Low,Close,Volume,Adj Close\n",
        ];
        let _ = with(&[headers[header].as_bytes(), &body].concat(), &given("7203.csv"));
        let _ = with(&[b"PK\x03\x04", body.as_slice()].concat(), &given("7203.zip"));
    }

    #[test]
    fn no_row_of_plausible_characters_does(line in "[-0-9,./:+ TZa\"]{0,60}") {
        for header in [STOOQ, "Date,Open,High,Low,Close,Adj Close,Volume\n"] {
            let _ = with(format!("{header}{line}\n").as_bytes(), &given("7203.csv"));
        }
    }
}
