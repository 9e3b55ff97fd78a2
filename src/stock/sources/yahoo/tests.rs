//! Yahoo's answers, good and ugly; the numbers of the fixtures are invented.

use proptest::prelude::*;
use tokio_util::sync::CancellationToken;
use wiremock::matchers::{path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{Yahoo, parse};
use crate::crawl::answer::{Answer, Refusal};
use crate::crawl::source::Source;
use crate::stock::bar::{Days, RawBatch, Split};
use crate::stock::calendar::{Calendar, Market};
use crate::stock::sources::BarQuery;
use crate::stock::sources::testing::{client, data, day, january, query, query_in, real, values};

const TOKYO: &str = include_str!("../../../../tests/fixtures/yahoo/tokyo.json");
const NEW_YORK: &str = include_str!("../../../../tests/fixtures/yahoo/new_york_dst.json");

fn read(body: &str) -> Result<Answer<RawBatch>, Refusal> {
    parse(200, body.as_bytes(), &january())
}

fn batch(body: &str, query: &BarQuery) -> RawBatch {
    data(parse(200, body.as_bytes(), query))
}

#[test]
fn a_chart_is_read_with_its_nulls_its_split_and_the_last_bar_at_its_closing_time() {
    let batch = batch(TOKYO, &january());
    let days = ["2024-01-04", "2024-01-05", "2024-01-08", "2024-01-09", "2024-01-10", "2024-01-11", "2024-01-12"];
    assert_eq!(batch.rows.iter().map(|row| row.bar.date).collect::<Vec<_>>(), days.map(day));
    let prices = [Some(1001.1), Some(1010.0), Some(995.5), Some(1005.0), Some(98_000.0)];
    assert_eq!(values(&batch.rows[1].bar), prices);
    assert_eq!(batch.rows[1].raw, "2024-01-05,1001.09997558594,1010,995.5,1005,98000");
    assert_eq!(values(&batch.rows[2].bar), [None, None, None, None, Some(0.0)], "a phantom of a holiday");
    assert_eq!(values(&batch.rows[5].bar), [None; 5]);
    assert_eq!(batch.rows[5].raw, "2024-01-11,,,,,");
    assert_eq!(batch.splits, [Split { date: day("2024-01-10"), ratio: 3.0 }]);
    assert_eq!((batch.source, batch.basis.as_str(), batch.unreadable.len()), ("yahoo", "split", 0));
}

#[test]
fn a_stamp_is_read_in_the_exchanges_zone_also_where_greenwich_has_another_day() {
    // Midnight in Tokyo, 15:00 of the day before in Greenwich, instead of the opening at 09:00.
    let midnight = TOKYO.replace("[1704326400,1704412800,", "[1704294000,1704380400,");
    assert_ne!(midnight, TOKYO);
    let days = |body: &str| batch(body, &january()).rows.iter().map(|row| row.bar.date).collect::<Vec<_>>();
    assert_eq!(days(&midnight), days(TOKYO));
    let without_a_name = midnight.replace(r#""exchangeTimezoneName":"Asia/Tokyo","#, "");
    assert_eq!(days(&without_a_name), days(TOKYO));
    // The last bar of New York closes at 20:00 there after hours, when it is the next day in Greenwich.
    let late = NEW_YORK.replace(&last_stamp(NEW_YORK).to_string(), &(at("2024-03-13T00:00:00Z")).to_string());
    assert_ne!(late, NEW_YORK);
    let query = query_in(Market::NewYork, "BRK.B", "2024-03-08", "2024-03-12");
    assert_eq!(batch(&late, &query).rows.last().unwrap().bar.date, day("2024-03-12"));
}

fn at(instant: &str) -> i64 {
    chrono::DateTime::parse_from_rfc3339(instant).unwrap().timestamp()
}

fn last_stamp(body: &str) -> i64 {
    let chart: serde_json::Value = serde_json::from_str(body).unwrap();
    chart["chart"]["result"][0]["timestamp"].as_array().unwrap().last().unwrap().as_i64().unwrap()
}

#[test]
fn a_dividend_neither_breaks_nor_changes_anything() {
    let dividends = r#""dividends":{"1704758400":{"amount":12,"date":1704758400}},"#;
    let without = TOKYO.replace(dividends, "");
    assert_ne!(without, TOKYO);
    for events in [
        dividends,
        r#""dividends":{},"#,
        r#""dividends":null,"#,
        r#""dividends":{"1704758400":{"amount":null,"date":"soon"},"x":7},"#,
        r#""dividends":{"1704758400":{"amount":-1e300,"date":1704758400}},"capitalGains":{"1":{"amount":3}},"#,
    ] {
        assert_eq!(read(&TOKYO.replace(dividends, events)), read(&without), "{events}");
    }
}

#[test]
fn days_are_those_of_new_york_on_both_sides_of_the_change_of_clocks() {
    let query = query_in(Market::NewYork, "BRK.B", "2024-03-08", "2024-03-12");
    let batch = batch(NEW_YORK, &query);
    let days: Vec<_> = batch.rows.iter().map(|row| row.bar.date).collect();
    assert_eq!(days, ["2024-03-08", "2024-03-11", "2024-03-12"].map(day));
    assert_eq!(batch.rows[1].bar.open, Some(402.99));
}

#[test]
fn without_a_known_zone_the_offset_serves_and_without_either_nothing_does() {
    let fixed = TOKYO.replace(r#""exchangeTimezoneName":"Asia/Tokyo","#, "");
    assert_eq!(batch(&fixed, &january()).rows[0].bar.date, day("2024-01-04"));
    let none = fixed.replace(r#""gmtoffset":32400,"#, "");
    assert!(matches!(read(&none), Err(Refusal::SchemaChanged { reason }) if reason.contains("zone")));
}

#[test]
fn an_answer_about_something_else_is_refused() {
    for (was, is, word) in [
        (r#""symbol":"7777.T""#, r#""symbol":"7778.T""#, "answered for 7778.T"),
        (r#""dataGranularity":"1d""#, r#""dataGranularity":"1mo""#, "steps of 1mo"),
        ("Asia/Tokyo", "Europe/London", "another market"),
    ] {
        let Err(Refusal::SchemaChanged { reason }) = read(&TOKYO.replace(was, is)) else { panic!("{word}") };
        assert!(reason.contains(word), "{reason}");
    }
}

#[test]
fn meta_without_stamps_is_no_new_data() {
    assert_eq!(read(include_str!("../../../../tests/fixtures/yahoo/no_rows.json")), Ok(Answer::NoNewData));
    let gone = r#"{"chart":{"result":null,"error":{"code":"Bad Request","description":"Data doesn't exist for startDate = 1, endDate = 2"}}}"#;
    assert_eq!(parse(400, gone.as_bytes(), &january()), Ok(Answer::NoNewData));
}

#[test]
fn arrays_of_different_lengths_are_a_changed_schema() {
    let body = include_str!("../../../../tests/fixtures/yahoo/lengths_differ.json");
    let Err(Refusal::SchemaChanged { reason }) = read(body) else { panic!("refused") };
    assert_eq!(reason, "2 stamps, but 1 values of close");
    let missing = TOKYO.replace(r#""low":["#, r#""lowest":["#);
    assert!(matches!(read(&missing), Err(Refusal::SchemaChanged { reason }) if reason == "7 stamps, but no low"));
}

#[test]
fn a_series_without_volume_is_read() {
    let index = TOKYO.replace(r#""volume":["#, r#""turnover":["#);
    assert!(batch(&index, &january()).rows.iter().all(|row| row.bar.volume.is_none()));
}

#[test]
fn the_row_of_the_ticker_stands_for_the_day_it_repeats() {
    let twice = TOKYO.replace("1704931200,1705041000", "1705017600,1705041000");
    let batch = batch(&twice, &january());
    let last: Vec<_> = batch.rows.iter().filter(|row| row.bar.date == day("2024-01-12")).collect();
    assert_eq!((last.len(), last[0].bar.close), (1, Some(1012.5)));
}

#[test]
fn a_split_without_a_ratio_is_unreadable_and_the_rest_is_read() {
    let batch = batch(&TOKYO.replace(r#""denominator":1"#, r#""denominator":0"#), &january());
    assert!(batch.splits.is_empty());
    assert_eq!(batch.unreadable[0].raw, "split,1704844800,3:0");
    assert_eq!(batch.rows.len(), 7);
}

#[test]
fn each_way_of_saying_no_is_told_apart() {
    let fault =
        |code: &str| format!(r#"{{"finance":{{"result":null,"error":{{"code":"{code}","description":"x"}}}}}}"#);
    let not_found = include_str!("../../../../tests/fixtures/yahoo/not_found.json");
    assert_eq!(parse(404, not_found.as_bytes(), &january()), Ok(Answer::UnknownSymbol));
    let refused = |status, body: &str| parse(status, body.as_bytes(), &january()).unwrap_err();
    assert!(matches!(refused(401, &fault("Unauthorized")), Refusal::Blocked { .. }));
    assert!(matches!(refused(200, "Edge: Too Many Requests"), Refusal::QuotaExceeded { .. }));
    assert!(matches!(refused(200, &fault("Too Many Requests")), Refusal::QuotaExceeded { .. }));
    assert!(matches!(refused(500, &fault("Internal Server Error")), Refusal::Server { status: 500 }));
    assert!(matches!(refused(403, "<html>no</html>"), Refusal::Blocked { .. }));
    assert!(matches!(
        refused(200, include_str!("../../../../tests/fixtures/yahoo/consent.html")),
        Refusal::Blocked { .. }
    ));
    assert!(matches!(refused(404, "<html>no such page</html>"), Refusal::SchemaChanged { .. }));
    for broken in ["", "{}", "[]", "null", r#"{"chart":{}}"#, &TOKYO[..TOKYO.len() / 2]] {
        assert!(matches!(refused(200, broken), Refusal::SchemaChanged { .. }), "{broken}");
    }
}

#[tokio::test]
async fn whole_days_of_the_markets_zone_are_asked_for() {
    let server = MockServer::start().await;
    Mock::given(path("/v8/finance/chart/7777.T"))
        .and(query_param("period1", "1704294000")) // 2024-01-04T00:00+09:00
        .and(query_param("period2", "1705071600")) // 2024-01-13T00:00+09:00
        .and(query_param("interval", "1d"))
        .and(query_param("events", "div,split"))
        .respond_with(ResponseTemplate::new(200).set_body_string(TOKYO))
        .mount(&server)
        .await;
    let yahoo = Yahoo::new(client("yahoo", &server));
    let answer = yahoo.fetch(&january(), &CancellationToken::new()).await;
    assert!(matches!(answer, Ok(Answer::Data(batch)) if batch.rows.len() == 7));
}

#[tokio::test]
async fn a_symbol_is_written_as_yahoo_does_and_nothing_is_asked_where_nothing_can_be_final() {
    let server = MockServer::start().await;
    let yahoo = Yahoo::new(client("yahoo", &server));
    let mut query = query_in(Market::NewYork, "BRK.B", "2024-03-08", "2024-03-12");
    let not_there = yahoo.fetch(&query, &CancellationToken::new()).await;
    assert!(matches!(not_there, Err(Refusal::SchemaChanged { .. })), "the server knows no address");
    query.newest_final = day("2024-03-07");
    assert_eq!(yahoo.fetch(&query, &CancellationToken::new()).await, Ok(Answer::NoNewData));
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.iter().map(|r| r.url.path()).collect::<Vec<_>>(), ["/v8/finance/chart/BRK-B"]);
}

#[test]
fn the_real_answers_are_read() {
    for (file, code, rows, splits) in [
        ("yahoo/chart.1301.T.1mo.20241206.json", "1301", 23, 0),
        ("yahoo/chart.6309.T.1mo.split3for1-div73.20250519.json", "6309", 18, 1),
    ] {
        let Some(body) = real(file) else { continue };
        let batch = batch(&body, &query(code, "2024-01-01", "2025-12-31"));
        assert_eq!((batch.rows.len(), batch.splits.len(), batch.unreadable.len()), (rows, splits, 0), "{file}");
        let days: std::collections::BTreeSet<_> = batch.rows.iter().map(|row| row.bar.date).collect();
        assert_eq!(days.len(), rows, "each day once");
        let sessions = Calendar::embedded(Market::Tokyo)
            .sessions(Days { from: *days.first().unwrap(), to: *days.last().unwrap() });
        assert!(days.iter().all(|day| Calendar::embedded(Market::Tokyo).is_session(*day)), "{file}");
        assert_eq!(sessions.count(), rows, "{file} has a hole");
        assert!(batch.rows.iter().all(|row| values(&row.bar).iter().all(Option::is_some)));
    }
    if let Some(body) = real("errors/yahoo_404.json") {
        assert_eq!(parse(404, body.as_bytes(), &january()), Ok(Answer::UnknownSymbol));
    }
    if let Some(body) = real("errors/yahoo_429.txt") {
        assert!(matches!(read(&body), Err(Refusal::QuotaExceeded { .. })));
    }
}

proptest! {
    #[test]
    fn no_body_makes_the_parser_panic(status in 100_u16..600, body in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(status, &body, &january());
    }

    #[test]
    fn no_changed_byte_of_a_good_body_does(
        places in prop::collection::vec((0..TOKYO.len(), any::<u8>()), 1..6),
        end in 0..TOKYO.len(),
    ) {
        let mut body = TOKYO.as_bytes().to_vec();
        for (place, byte) in places {
            body[place] = byte;
        }
        let _ = parse(200, &body, &january());
        let _ = parse(200, &body[..end], &january());
    }

    #[test]
    fn no_stamp_does(stamp: i64) {
        let _ = read(&TOKYO.replace("1704412800", &stamp.to_string()));
    }
}
