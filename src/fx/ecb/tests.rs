//! The ECB's files, good and ugly; the rates are invented.

use std::io::{Cursor, Write as _};

use proptest::prelude::*;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::parse;
use crate::{
    crawl::{Answer, Refusal},
    fx::rate::{Currency, Days, RawRates},
};

const HISTORY: &str =
    "Date,USD,JPY,CYP,\n2026-11-20,1.25,150.5,N/A,\n2026-11-19,1.2525,151,N/A,\n2007-12-28,1.5,,0.58,\n";
const NEWEST: &str = "Date, USD, JPY, \n20 November 2026, 1.25, 150.5, \n";

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn archive(csv: &str) -> Vec<u8> {
    zip(&[("eurofxref.csv", csv.as_bytes())])
}

fn days(from: &str, to: &str) -> Days {
    Days { from: from.parse().unwrap(), to: to.parse().unwrap() }
}

fn all() -> Days {
    days("1999-01-04", "2026-11-20")
}

fn read(body: &[u8]) -> Result<Answer<RawRates>, Refusal> {
    parse(200, body, all())
}

#[track_caller]
fn data(csv: &str) -> RawRates {
    match read(&archive(csv)) {
        Ok(Answer::Data(raw)) => raw,
        other => panic!("{other:?}"),
    }
}

fn shown(raw: &RawRates) -> Vec<String> {
    raw.rates.iter().map(|rate| format!("{} {} {}", rate.currency, rate.date, rate.rate)).collect()
}

#[track_caller]
fn changed(body: &[u8], expected: &str) {
    match read(body) {
        Err(Refusal::SchemaChanged { reason }) => assert!(reason.contains(expected), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_history_is_read_with_its_last_comma_and_without_what_is_not_available() {
    let raw = data(HISTORY);
    let expected = [
        "USD 2026-11-20 1.25",
        "JPY 2026-11-20 150.5",
        "USD 2026-11-19 1.2525",
        "JPY 2026-11-19 151",
        "USD 2007-12-28 1.5",
        "CYP 2007-12-28 0.58",
    ];
    assert_eq!(shown(&raw), expected);
    assert_eq!(raw.unreadable, []);
}

#[test]
fn the_newest_day_is_read_with_its_blanks_and_its_written_out_date() {
    assert_eq!(shown(&data(NEWEST)), ["USD 2026-11-20 1.25", "JPY 2026-11-20 150.5"]);
    assert_eq!(shown(&data("Date, USD\n2 May 2026, 1.25")), ["USD 2026-05-02 1.25"]);
}

#[test]
fn a_byte_order_mark_line_ends_of_windows_and_blank_lines_are_no_hindrance() {
    let csv = format!("\u{feff}{}\r\n\r\n", HISTORY.replace('\n', "\r\n"));
    assert_eq!(data(&csv), data(HISTORY));
}

#[test]
fn what_is_no_rate_is_kept_with_its_reason_and_costs_only_itself() {
    let raw = data("Date,USD,JPY,\n2026-11-20,1.25,many,\n2026-11-19,1.25,\n31 Nov,1,2,\n2026-11-18,1.5,150,\n");
    assert_eq!(shown(&raw), ["USD 2026-11-20 1.25", "USD 2026-11-18 1.5", "JPY 2026-11-18 150"]);
    let told: Vec<String> = raw.unreadable.iter().map(ToString::to_string).collect();
    let expected = [
        "JPY of 2026-11-20 \"many\": no number",
        "of 2026-11-19 \"2026-11-19,1.25,\": 1 values for 2 currencies",
        "\"31 Nov,1,2,\": the date cannot be read",
    ];
    assert_eq!(told, expected);
    assert_eq!(raw.unreadable[0].currency, Some(Currency::parse("JPY").unwrap()));
}

#[test]
fn a_file_that_ends_before_the_days_asked_for_has_nothing_new() {
    let monday = days("2026-11-23", "2026-11-23");
    assert_eq!(parse(200, &archive(NEWEST), monday), Ok(Answer::NoNewData));
    assert_eq!(parse(200, &archive(HISTORY), monday), Ok(Answer::NoNewData));
    assert!(matches!(parse(200, &archive(HISTORY), days("2026-11-20", "2026-11-23")), Ok(Answer::Data(_))));
}

#[test]
fn an_archive_cut_anywhere_is_refused_as_a_fault_of_the_way() {
    let whole = archive(HISTORY);
    for end in 4..whole.len() {
        assert!(matches!(read(&whole[..end]), Err(Refusal::Network { .. })), "cut at {end} of {}", whole.len());
    }
    let mut spoilt = whole.clone();
    spoilt[60] ^= 1;
    assert!(matches!(read(&spoilt), Err(Refusal::Network { .. })), "the checksum tells");
}

#[test]
fn each_other_body_is_told_apart() {
    changed(b"", "an empty body");
    changed(b"  \r\n", "an empty body");
    changed(HISTORY.as_bytes(), "no zip archive");
    for page in ["<!DOCTYPE html><html><body>maintenance", "\n<html lang=\"en\">", "<HEAD><title>Access Denied"] {
        assert!(matches!(read(page.as_bytes()), Err(Refusal::Blocked { .. })), "{page}");
    }
    assert!(matches!(parse(403, b"", all()), Err(Refusal::Blocked { .. })));
    assert!(matches!(parse(404, b"", all()), Err(Refusal::SchemaChanged { .. })));
}

#[test]
fn a_csv_of_other_columns_is_refused_whole() {
    changed(&archive(""), "instead of Date");
    changed(&archive("Day,USD\n2026-11-20,1.25\n"), "\"Day,USD\" instead of Date");
    changed(&archive("Date,US Dollar,\n2026-11-20,1.25,\n"), "\"US Dollar\" is no currency");
    changed(&archive("Date,USD,JPY,USD,\n"), "3 columns for 2 currencies");
    changed(&archive("Date,\n2026-11-20,\n"), "0 columns");
    changed(&archive("Date,USD,\n"), "without rates");
    changed(&zip(&[("eurofxref.csv", b"Date,USD\n2026-11-20,\xff\n")]), "no UTF-8");
}

#[test]
fn one_csv_among_other_files_is_found_and_two_are_refused() {
    let files: [(&str, &[u8]); 2] = [("readme.txt", b"see below"), ("EUROFXREF.CSV", HISTORY.as_bytes())];
    assert!(matches!(read(&zip(&files)), Ok(Answer::Data(_))));
    let name = "../../eurofxref.csv";
    assert!(matches!(read(&zip(&[(name, HISTORY.as_bytes())])), Ok(Answer::Data(_))), "names lead nowhere");
    changed(&zip(&[("a.csv", HISTORY.as_bytes()), ("b.csv", HISTORY.as_bytes())]), "2 CSV files");
    changed(&zip(&[("a.xml", HISTORY.as_bytes())]), "0 CSV files");
    let names: Vec<String> = (0..17).map(|n| format!("{n}.txt")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    changed(&zip(&many), "17 files");
}

#[test]
fn a_small_archive_that_unpacks_to_a_great_file_is_refused() {
    let bomb = zip(&[("eurofxref.csv", &vec![b' '; 40 << 20])]);
    assert!(bomb.len() < 1 << 20);
    changed(&bomb, "more than 33554432 bytes");
}

proptest! {
    #[test]
    fn no_body_makes_the_parser_panic(body in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&body);
        let _ = read(&[b"PK\x03\x04", body.as_slice()].concat());
        let _ = read(&zip(&[("a.csv", &body)]));
        let _ = read(&zip(&[("a.csv", &[b"Date,USD,JPY\n", body.as_slice()].concat())]));
    }

    #[test]
    fn no_changed_byte_of_a_good_archive_does(places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut body = archive(HISTORY);
        for (place, byte) in places {
            let place = place.index(body.len());
            body[place] = byte;
        }
        let _ = read(&body);
    }
}
