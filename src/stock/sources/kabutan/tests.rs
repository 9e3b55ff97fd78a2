//! Kabutan's pages, good and ugly; the numbers of the fixtures are invented.

use proptest::prelude::*;
use tokio_util::sync::CancellationToken;
use wiremock::matchers::{path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::history::History;
use super::{Kabutan, Page, parse};
use crate::crawl::answer::{Answer, Refusal};
use crate::crawl::source::Source;
use crate::stock::bar::{Days, StockCode};
use crate::stock::calendar::{Calendar, Market};
use crate::stock::sources::testing::{client, day, query, real, values};

const FIRST: &str = include_str!("../../../../tests/fixtures/kabutan/page1.html");
const SECOND: &str = include_str!("../../../../tests/fixtures/kabutan/page2.html");
const NOT_FOUND: &str = include_str!("../../../../tests/fixtures/kabutan/not_found.html");
const DENIED: &str = include_str!("../../../../tests/fixtures/kabutan/access_denied.html");

fn code(text: &str) -> StockCode {
    StockCode::parse(text).unwrap()
}

fn read(body: &str) -> Result<Answer<Page>, Refusal> {
    parse(200, body.as_bytes(), &code("7777"))
}

fn page(body: &str, of: &str) -> Page {
    match parse(200, body.as_bytes(), &code(of)) {
        Ok(Answer::Data(page)) => page,
        other => panic!("{other:?}"),
    }
}

#[test]
fn both_tables_are_read_and_nothing_else_on_the_page() {
    let page = page(FIRST, "7777");
    let days: Vec<_> = page.rows.iter().map(|row| row.bar.date).collect();
    assert_eq!(days, ["2024-01-12", "2024-01-11", "2024-01-10", "2024-01-09"].map(day));
    let newest = [Some(2712.0), Some(2748.5), Some(2701.0), Some(2733.5), Some(143_200.0)];
    assert_eq!(values(&page.rows[0].bar), newest);
    assert_eq!(values(&page.rows[2].bar), [None; 5], "a session without trades");
    assert_eq!(page.rows[2].raw, "2024-01-10 | － | － | － | － | － | － | －");
    assert_eq!(page.unreadable.len(), 1);
    assert_eq!(page.unreadable[0].reason, "約定 is no number");
    assert_eq!(page.unreadable[0].date, Some(day("2024-01-05")));
    assert!(!page.is_last);
}

#[test]
fn an_unknown_code_is_told_from_a_missing_page() {
    assert_eq!(parse(404, NOT_FOUND.as_bytes(), &code("9999")), Ok(Answer::UnknownSymbol));
    assert!(matches!(parse(404, b"<h1>404</h1>", &code("9999")), Err(Refusal::SchemaChanged { .. })));
}

#[test]
fn each_way_of_saying_no_is_told_apart() {
    assert!(matches!(parse(403, b"", &code("7777")), Err(Refusal::Blocked { .. })));
    let Err(Refusal::Blocked { reason }) = read(DENIED) else { panic!("blocked") };
    assert_eq!(reason, "a page that denies access: Access Denied Access Denied Reference #18.example");
    for empty in ["", " \n"] {
        assert_eq!(read(empty), Err(Refusal::SchemaChanged { reason: "an empty page".to_owned() }));
    }
    assert!(matches!(read("<html><title>メンテナンス中</title></html>"),
        Err(Refusal::SchemaChanged { reason }) if reason.contains("メンテナンス中")));
    let one_table = FIRST.replace("stock_kabuka_dwm\"", "stock_kabuka_new\"");
    assert!(matches!(read(&one_table), Err(Refusal::SchemaChanged { .. })));
}

#[test]
fn a_page_of_something_else_is_refused() {
    for (was, is, word) in [
        ("<li class=\"active\">日足</li>", "<li class=\"active\">週足</li>", "週足"),
        ("<th scope=\"col\">日付</th>", "<th scope=\"col\">週</th>", "headed 週"),
        ("売買高(株)", "信用残", "no column 売買高"),
        ("【7777】", "【7778】", "answered for 7778"),
    ] {
        let Err(Refusal::SchemaChanged { reason }) = read(&FIRST.replace(was, is)) else { panic!("{word}") };
        assert!(reason.contains(word), "{reason}");
    }
}

#[test]
fn rows_a_week_apart_are_refused_whatever_they_are_headed() {
    let Err(Refusal::SchemaChanged { reason }) = read(include_str!("../../../../tests/fixtures/kabutan/weeks.html"))
    else {
        panic!("weeks")
    };
    assert_eq!(reason, "rows 7 days apart under a heading of days");
}

#[test]
fn a_row_with_a_missing_cell_is_unreadable_alone() {
    let page = page(&FIRST.replace("<td>98,000</td>", ""), "7777");
    assert_eq!((page.rows.len(), page.unreadable.len()), (3, 2));
    assert_eq!(page.unreadable[0].reason, "7 cells under 8 headings");
}

#[test]
fn a_cut_page_is_refused_wherever_it_is_cut() {
    let end = FIRST.rfind("</html>").unwrap() + "</html>".len();
    for cut in (1..end).filter(|at| FIRST.is_char_boundary(*at)) {
        let read = read(&FIRST[..cut]);
        assert!(matches!(read, Err(Refusal::SchemaChanged { .. })), "cut at {cut}: {read:?}");
    }
    assert_eq!(page(&FIRST[..end], "7777").rows.len(), 4);
}

#[test]
fn tables_without_rows_are_no_new_data() {
    let start = FIRST.find("<tbody>").unwrap();
    let rows = without_bodies(&FIRST[start..]);
    assert_eq!(read(&format!("{}{rows}", &FIRST[..start])), Ok(Answer::NoNewData));
}

/// The text without what stands in its `tbody` elements.
fn without_bodies(text: &str) -> String {
    let after = text.split("<tbody>").map(|part| part.split_once("</tbody>").map_or(part, |(_, after)| after));
    after.collect()
}

#[test]
fn a_page_that_would_take_the_parser_minutes_is_refused_at_once() {
    for body in ["<div>".repeat(200_000), format!("<html {}>", "a=b ".repeat(200_000))] {
        assert!(matches!(read(&body), Err(Refusal::SchemaChanged { reason }) if reason.contains("the usual")));
    }
}

async fn pages(server: &MockServer, answers: &[(u32, ResponseTemplate)]) {
    for (number, answer) in answers {
        Mock::given(path("/stock/kabuka"))
            .and(query_param("code", "7777"))
            .and(query_param("ashi", "day"))
            .and(query_param("page", number.to_string()))
            .respond_with(answer.clone())
            .expect(1)
            .mount(server)
            .await;
    }
}

fn ok(body: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_string(body)
}

#[tokio::test]
async fn a_short_range_takes_one_page() {
    let server = MockServer::start().await;
    pages(&server, &[(1, ok(FIRST))]).await;
    let kabutan = Kabutan::new(client("kabutan", &server));
    let query = query("7777", "2024-01-10", "2024-01-12");
    let Ok(Answer::Data(batch)) = kabutan.fetch(&query, &CancellationToken::new()).await else { panic!("data") };
    assert_eq!((batch.vouched, batch.basis.as_str()), (query.days, "split"));
    assert_eq!(batch.rows.len(), 4);
}

#[tokio::test]
async fn pages_are_turned_back_to_the_end_and_the_batch_vouches_from_the_oldest_row() {
    let server = MockServer::start().await;
    pages(&server, &[(1, ok(FIRST)), (2, ok(SECOND))]).await;
    let kabutan = Kabutan::new(client("kabutan", &server));
    let query = query("7777", "2020-01-01", "2024-01-12");
    let Ok(Answer::Data(batch)) = kabutan.fetch(&query, &CancellationToken::new()).await else { panic!("data") };
    assert_eq!(batch.rows.len(), 6, "the repeated newest row is one");
    assert_eq!(batch.vouched.from, day("2023-12-29"));
}

#[tokio::test]
async fn a_page_that_fails_fails_the_whole() {
    let server = MockServer::start().await;
    pages(&server, &[(1, ok(FIRST)), (2, ResponseTemplate::new(502))]).await;
    let kabutan = Kabutan::new(client("kabutan", &server));
    let query = query("7777", "2020-01-01", "2024-01-12");
    let answer = kabutan.fetch(&query, &CancellationToken::new()).await;
    assert_eq!(answer, Err(Refusal::Server { status: 502 }));
}

#[test]
fn the_real_pages_are_read() {
    for (file, oldest) in [("kabuka_7203_day_p1.html", "2026-05-21"), ("kabuka_7203_day_p2.html", "2026-04-03")] {
        let Some(body) = real(&format!("kabutan/{file}")) else { continue };
        let page = page(&body, "7203");
        let expected = if file.contains("p1") { 30 } else { 31 };
        assert_eq!((page.rows.len(), page.unreadable.len(), page.is_last), (expected, 0, false), "{file}");
        assert_eq!(page.rows[0].bar.date, day("2026-07-01"));
        assert_eq!(page.rows.last().unwrap().bar.date, day(oldest));
        assert!(page.rows.iter().all(|row| values(&row.bar).iter().all(Option::is_some)));
    }
    if let (Some(first), Some(second)) =
        (real("kabutan/kabuka_7203_day_p1.html"), real("kabutan/kabuka_7203_day_p2.html"))
    {
        let mut history = History::back_to(day("1949-05-16"));
        history.add(page(&first, "7203"));
        history.add(page(&second, "7203"));
        let mut days: Vec<_> = history.finish().rows.iter().map(|row| row.bar.date).collect();
        days.reverse();
        let all = Calendar::embedded(Market::Tokyo).sessions(Days { from: days[0], to: day("2026-07-01") });
        assert_eq!(days, all.collect::<Vec<_>>(), "each session once, without a hole between the pages");
    }
    for file in ["errors/kabutan_404_notfound.html", "kabutan/main_notfound_99999.html"] {
        let Some(body) = real(file) else { continue };
        assert_eq!(parse(404, body.as_bytes(), &code("99999")), Ok(Answer::UnknownSymbol));
    }
}

proptest! {
    #[test]
    fn no_body_makes_the_parser_panic(status in 100_u16..600, body in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(status, &body, &code("7777"));
    }

    #[test]
    fn no_changed_byte_of_a_good_body_does(
        places in prop::collection::vec((0..FIRST.len(), any::<u8>()), 1..6),
        end in 0..FIRST.len(),
    ) {
        let mut body = FIRST.as_bytes().to_vec();
        for (place, byte) in places {
            body[place] = byte;
        }
        let _ = parse(200, &body, &code("7777"));
        let _ = parse(200, &body[..end], &code("7777"));
    }
}
