//! Zip archives, as Stooq gives them and as an attacker would.

use std::io::Write as _;

use zip::{ZipWriter, write::SimpleFileOptions};

use super::super::FileErrorKind;
use super::*;

const HEADER: &str = "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\r\n";

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn bulk(code: &str) -> Vec<u8> {
    format!("{HEADER}{code},D,20240104,000000,10,11,9,10.5,5000,0\r\n").into_bytes()
}

#[test]
fn an_archive_of_stooq_is_read_through_its_folders() {
    let bytes = archive(&[
        ("data/daily/jp/tse stocks/1/7203.jp.txt", &bulk("7203.JP")),
        ("data/daily/jp/tse stocks/2/7777.jp.txt", &bulk("7777.JP")),
        ("data/daily/jp/tse stocks/2/empty.jp.txt", b""),
        ("__MACOSX/._7203.jp.txt", b"\x00\x05\x16\x07"),
    ]);
    let (summary, rows) = file("d_jp_txt.zip", &bytes);
    assert_eq!(told(&summary), (Layout::StooqBulk, Basis::SplitDividend, 2));
    assert_eq!(summary.bytes, bytes.len() as u64);
    assert_eq!(rows.closes().iter().map(|row| row.0.as_str()).collect::<Vec<_>>(), ["7203", "7777"]);
    let single = "Date,Open,High,Low,Close,Volume\n2024-01-04,10,11,9,10,1\n".as_bytes();
    let (_, rows) = file("x.zip", archive(&[("a/7203.jp.csv", single), ("a/^nkx_d.csv", single)]));
    assert_eq!(rows.closes().iter().map(|row| row.0.as_str()).collect::<Vec<_>>(), ["7203", "^NKX"]);
}

#[test]
fn names_that_lead_out_of_the_archive_are_refused() {
    for name in ["../7203.jp.txt", "data/../../etc/7203.txt", "/etc/7203.txt", "C:\\7203.txt", "a\\..\\..\\b.txt"] {
        let error = refused("x.zip", archive(&[("7203.jp.txt", &bulk("7203.JP")), (name, &bulk("7777.JP"))]));
        assert_eq!(error.reason.to_string(), "the name leads out of the archive", "{name}");
        assert!(error.to_string().starts_with(error.entry.as_deref().unwrap()), "{error}");
    }
}

#[test]
fn what_unpacks_to_far_more_than_it_is_ends_at_once() {
    let line = "7203.JP,D,20240104,000000,10,11,9,10.5,5000,0\r\n";
    let bomb = archive(&[("7203.jp.txt", format!("{HEADER}{}", line.repeat(500_000)).as_bytes())]);
    assert!(bomb.len() < 200_000);
    let error = refused("bomb.zip", bomb);
    assert_eq!(error.kind, FileErrorKind::TooLarge);
    assert!(error.reason.to_string().contains("more than 200 times its size"), "{error}");
}

#[test]
fn an_archive_of_endless_entries_is_refused_before_its_directory_is_read() {
    let mut bytes = archive(&[("7203.jp.txt", &bulk("7203.JP"))]);
    bytes.extend(b"PK\x01\x02".repeat(60_001));
    let error = refused("x.zip", bytes);
    assert!(error.reason.to_string().contains("more than 60000 entries"), "{error}");
}

#[test]
fn entries_that_are_no_text_are_named() {
    let good = bulk("7203.JP");
    for (name, bytes, words) in [
        ("prices.pdf", &b"%PDF"[..], "neither .txt nor .csv"),
        ("inner.zip", b"PK\x03\x04", "neither .txt nor .csv"),
        ("7777.txt", b"\x00\x01\x02", "line 1: it is no text"),
        ("7777.txt", b"a,b,c\n", "no layout that is known here"),
        (
            "7777.jp.csv",
            b"Date,Open,High,Low,Close,Volume\n2024-01-04,1,1,1,1,1\n",
            "all files of an archive have one layout",
        ),
    ] {
        let error = refused("x.zip", archive(&[("7203.jp.txt", &good), (name, bytes)]));
        assert!(error.to_string().contains(words) && error.entry.as_deref() == Some(name), "{error}");
    }
    assert!(refused("x.zip", archive(&[("empty.txt", b"")])).reason.to_string().contains("no file with rows"));
    assert!(refused("x.zip", archive(&[])).reason.to_string().contains("no file with rows"));
}

#[test]
fn an_encrypted_or_broken_archive_says_so() {
    let mut bytes = archive(&[("7203.jp.txt", &bulk("7203.JP"))]);
    for (mark, flags) in [(&b"PK\x03\x04"[..], 6), (b"PK\x01\x02", 8)] {
        let at = bytes.windows(4).position(|window| window == mark).unwrap();
        bytes[at + flags] |= 1;
    }
    let error = refused("x.zip", &bytes);
    assert!(error.reason.to_string().contains("encrypted"), "{error}");
    let whole = archive(&[("7203.jp.txt", &bulk("7203.JP"))]);
    for end in [10, whole.len() / 2, whole.len() - 4] {
        let error = refused("x.zip", &whole[..end]);
        assert!(
            error.reason.to_string().contains("broken") || error.reason.to_string().contains("cannot be read"),
            "{error}"
        );
    }
    let mut damaged = whole.clone();
    damaged[70] ^= 0xff;
    refused("x.zip", damaged);
}
