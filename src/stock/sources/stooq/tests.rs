//! Stooq's answers, good and ugly; the numbers of the fixtures are invented.

use proptest::prelude::*;
use tokio_util::sync::CancellationToken;
use wiremock::matchers::{path, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{Stooq, parse};
use crate::crawl::answer::{Answer, Refusal};
use crate::crawl::source::Source;
use crate::stock::bar::RawBatch;
use crate::stock::calendar::Market;
use crate::stock::sources::BarQuery;
use crate::stock::sources::testing::{client, data, day, january, query, query_in, real};

const ENGLISH: &str = include_str!("../../../../tests/fixtures/stooq/english.csv");
const POLISH: &str = include_str!("../../../../tests/fixtures/stooq/polish_descending.csv");
const WARNINGS: &str = include_str!("../../../../tests/fixtures/stooq/php_warnings.csv");
const CHALLENGE: &str = include_str!("../../../../tests/fixtures/stooq/challenge.html");

fn read(body: &str) -> Result<Answer<RawBatch>, Refusal> {
    parse(200, body.as_bytes(), &january())
}

fn batch(body: &str, query: &BarQuery) -> RawBatch {
    data(parse(200, body.as_bytes(), query))
}

#[test]
fn a_file_is_read_with_fractional_and_missing_volumes_on_its_own_basis() {
    let batch = batch(ENGLISH, &january());
    assert_eq!((batch.source, batch.basis.as_str()), ("stooq", "split_dividend"));
    let volumes: Vec<_> = batch.rows.iter().map(|row| row.bar.volume).collect();
    assert_eq!(volumes, [Some(120_345.678_9), None, Some(98_000.0), Some(0.0)]);
    assert_eq!(batch.rows[1].raw, "2024-01-05,987.1,1001,985.25,999.5");
    assert_eq!(batch.unreadable.len(), 1);
    assert_eq!(batch.unreadable[0].reason, "4 fields instead of 5 or 6");
}

#[test]
fn a_polish_header_and_a_descending_order_are_read() {
    let days: Vec<_> = batch(POLISH, &january()).rows.iter().map(|row| row.bar.date).collect();
    assert_eq!(days, ["2024-01-10", "2024-01-09", "2024-01-05"].map(day));
    let accented = POLISH.replace("Najwyzszy,Najnizszy,Zamkniecie", "Najwyższy,Najniższy,Zamknięcie");
    assert_eq!(batch(&accented, &january()).rows.len(), 3);
}

#[test]
fn warnings_before_the_header_are_skipped_and_compact_dates_read() {
    let rows = batch(WARNINGS, &january()).rows;
    assert_eq!(rows.iter().map(|row| row.bar.date).collect::<Vec<_>>(), [day("2024-01-09")]);
    let alone = "Warning: Division by zero in /home/x.inc on line 102\r\n";
    assert!(matches!(read(alone), Err(Refusal::SchemaChanged { .. })));
}

#[test]
fn a_cut_answer_is_refused_wherever_it_is_cut() {
    let whole = "Date,Open,High,Low,Close,Volume\r\n2024-01-04,10,11,9,10,5000\r\n2024-01-05,10,11,9,10,123456\r\n";
    let second = whole.find("2024-01-05").unwrap();
    for end in second + 1..whole.len() {
        let Err(Refusal::SchemaChanged { reason }) = read(&whole[..end]) else { panic!("{}", &whole[second..end]) };
        assert!(reason.starts_with("cut in the middle of the row 2"), "{reason}");
    }
    assert_eq!(batch(whole, &january()).rows.len(), 2);
}

#[test]
fn no_data_is_an_unknown_symbol_only_for_a_long_range() {
    assert_eq!(read("No data"), Ok(Answer::NoNewData));
    let long = query("7777", "2023-01-04", "2024-01-12");
    assert_eq!(parse(200, b"No data\r\n", &long), Ok(Answer::UnknownSymbol));
    assert_eq!(read("Date,Open,High,Low,Close,Volume\r\n"), Ok(Answer::NoNewData));
    assert_eq!(read("Date,Open,High,Low,Close,Volume"), Ok(Answer::NoNewData));
}

#[test]
fn each_way_of_saying_no_is_told_apart() {
    let refused = |body: &str| read(body).unwrap_err();
    for quota in ["Exceeded the daily hits limit", "Exceeded the daily hits limit!\r\n"] {
        assert!(matches!(refused(quota), Refusal::QuotaExceeded { .. }));
    }
    assert!(matches!(refused("Access denied"), Refusal::Blocked { .. }));
    assert!(matches!(refused("Get your apikey:\r\n1. open the page"), Refusal::Blocked { .. }));
    assert_eq!(refused(""), Refusal::SchemaChanged { reason: "an empty body".to_owned() });
    assert!(matches!(refused("{\"error\":1}"), Refusal::SchemaChanged { .. }));
    assert!(matches!(parse(404, b"", &january()), Err(Refusal::SchemaChanged { .. })));
    assert!(matches!(parse(403, b"", &january()), Err(Refusal::Blocked { .. })));
    let stopped = format!("{}Exceeded the daily hits limit\r\n", ENGLISH);
    assert!(matches!(refused(&stopped), Refusal::QuotaExceeded { .. }), "in the midst of the rows");
}

#[test]
fn every_block_says_what_to_do() {
    let blocks = [read(CHALLENGE), read("Access denied"), read("Get your apikey:"), parse(403, b"", &january())];
    for block in blocks {
        let Err(Refusal::Blocked { reason }) = block else { panic!("blocked") };
        assert!(reason.contains("sources.stooq.api_key") && reason.contains("datainfra import bars"), "{reason}");
    }
}

#[tokio::test]
async fn the_range_is_asked_for_with_the_key_only_when_there_is_one() {
    let server = MockServer::start().await;
    let csv = || ResponseTemplate::new(200).set_body_string(ENGLISH);
    let asked = |s: &str| {
        Mock::given(path("/q/d/l/"))
            .and(query_param("s", s))
            .and(query_param("d1", "20240104"))
            .and(query_param("d2", "20240112"))
            .and(query_param("i", "d"))
    };
    asked("7777.jp").and(query_param_is_missing("apikey")).respond_with(csv()).expect(1).mount(&server).await;
    asked("^tpx").and(query_param("apikey", "k3y")).respond_with(csv()).expect(1).mount(&server).await;
    asked("brk-b.us").and(query_param("apikey", "k3y")).respond_with(csv()).expect(1).mount(&server).await;
    let cancel = CancellationToken::new();
    let (free, keyed) = (Stooq::new(client("stooq", &server), ""), Stooq::new(client("stooq", &server), "k3y"));
    assert!(free.fetch(&january(), &cancel).await.is_ok());
    let index = query("^TPX", "2024-01-04", "2024-01-12");
    assert!(keyed.fetch(&index, &cancel).await.is_ok());
    let american = query_in(Market::NewYork, "BRK.B", "2024-01-04", "2024-01-12");
    assert!(keyed.fetch(&american, &cancel).await.is_ok());
}

#[test]
fn the_real_files_are_read_to_the_last_row() {
    let all = |code| query(code, "1900-01-01", "2026-12-31");
    for (file, rows) in [
        ("stooq/^nkx_d.1914-2020.csv", 18_653),
        ("stooq/^nkx_d.2021-2026.csv", 1_221),
        ("stooq/^dax_d.pl-header.2018-2025.csv", 2_030),
        ("stooq/AAPL.US.pandas-datareader.desc.2012-2021.csv", 2_517),
    ] {
        let Some(body) = real(file) else { continue };
        let batch = batch(&body, &all("^NKX"));
        assert_eq!((batch.rows.len(), batch.unreadable.len()), (rows, 0), "{file}");
    }
}

#[test]
fn the_real_refusals_are_told_apart() {
    let outcomes = [
        ("stooq_access_denied.txt", "blocked"),
        ("stooq_daily_limit.txt", "quota_exceeded"),
        ("stooq_daily_limit_bang.txt", "quota_exceeded"),
        ("stooq_empty.txt", "schema_changed"),
        ("stooq_no_data.txt", "no_new_data"),
        ("stooq_pow_challenge.RECONSTRUCTED.html", "blocked"),
        ("stooq_php_warning_prefix.csv", "data"),
    ];
    for (file, outcome) in outcomes {
        let Some(body) = real(&format!("errors/{file}")) else { continue };
        let short = query("7777", "2005-02-20", "2005-03-01");
        assert_eq!(crate::crawl::observer::outcome(&parse(200, body.as_bytes(), &short)), outcome, "{file}");
    }
}

proptest! {
    #[test]
    fn no_body_makes_the_parser_panic(body in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(200, &body, &january());
        let _ = parse(200, &[b"Date,Open,High,Low,Close,Volume\n", body.as_slice(), b"\n"].concat(), &january());
    }

    #[test]
    fn no_changed_byte_of_a_good_body_does(
        places in prop::collection::vec((0..ENGLISH.len(), any::<u8>()), 1..6),
        end in 0..ENGLISH.len(),
    ) {
        let mut body = ENGLISH.as_bytes().to_vec();
        for (place, byte) in places {
            body[place] = byte;
        }
        let _ = parse(200, &body, &january());
        let _ = parse(200, &body[..end], &january());
    }
}
