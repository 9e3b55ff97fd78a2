//! Kabutan's pages.

use scraper::{ElementRef, Html, Selector};

use super::*;

/// Day as in `datetime`, then the cells' texts.
fn rows(html: &str, table: &str) -> Vec<Vec<String>> {
    let select = |css: &str| Selector::parse(css).unwrap();
    let page = Html::parse_document(html);
    let text = |cell: ElementRef<'_>| cell.text().collect::<String>();
    page.select(&select(&format!("table.{table} tbody tr")))
        .map(|row| {
            let time = row.select(&select("th > time")).next().unwrap().attr("datetime").unwrap().to_owned();
            [time].into_iter().chain(row.select(&select("td")).map(text)).collect()
        })
        .collect()
}

async fn page(fixture: &Fixture, code: &str, number: usize) -> String {
    fixture.text("kabutan", &format!("/stock/kabuka?code={code}&ashi=day&page={number}")).await
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_overlap() {
    let fixture = Fixture::start().await;
    fixture.upstream.set_as_of(day("2016-03-31"));
    let bars = market().bars_as_of("1104", day("2016-03-31"));
    let pages = bars.len().div_ceil(30);
    let mut seen = Vec::new();
    for number in 1..=pages {
        let html = page(&fixture, "1104", number).await;
        let newest = rows(&html, "stock_kabuka0");
        assert_eq!((newest.len(), newest[0][0].as_str()), (1, "2016-03-31"));
        assert_eq!(html.contains("次へ＞"), number < pages);
        assert_eq!(html.contains("＜前へ"), number > 1);
        seen.extend((number == 1).then(|| newest[0].clone()));
        seen.extend(rows(&html, "stock_kabuka_dwm"));
        assert!(number == pages || seen.len() == 30 * number);
    }
    let dates: Vec<String> = bars.iter().rev().map(|bar| bar.date.to_string()).collect();
    assert_eq!(seen.iter().map(|row| row[0].clone()).collect::<Vec<_>>(), dates);
    assert!(rows(&page(&fixture, "1104", pages + 1).await, "stock_kabuka_dwm").is_empty());
    fixture.stop().await;
}

#[tokio::test]
async fn the_paging_offers_nine_pages_and_the_first_of_the_following_nine() {
    let fixture = Fixture::start().await;
    let html = page(&fixture, "1101", 2).await;
    assert!(html.contains("<strong>2</strong>") && html.contains("page=9\">9</a>") && !html.contains(">10</a>"));
    assert!(html.contains("page=3\">次へ＞</a>") && html.contains("page=10\">&raquo;</a>"));
    assert!(page(&fixture, "1101", 10).await.contains("page=19\">&raquo;</a>"));
    fixture.stop().await;
}

#[tokio::test]
async fn a_row_has_four_prices_two_changes_and_the_volume() {
    let fixture = Fixture::start().await;
    let html = page(&fixture, "1111", 1).await;
    assert!(html.contains("本日") && html.contains("(simulated)"));
    let bars = market().bars_as_of("1111", day(AS_OF));
    let [before, bar] = &bars[bars.len() - 2..] else { unreachable!() };
    let row = rows(&html, "stock_kabuka0").remove(0);
    let number = |text: &str| text.replace(',', "").parse::<f64>().unwrap();
    let prices = [bar.open, bar.high, bar.low, bar.close].map(Option::unwrap);
    assert_eq!(row[1..5].iter().map(|cell| number(cell)).collect::<Vec<_>>(), prices);
    assert!((number(&row[5]) - (prices[3] - before.close.unwrap())).abs() < 0.01);
    assert_eq!(number(&row[7]), bar.volume.unwrap());
    assert!(row[7].contains(',') && row[1].contains(',') && row[5].starts_with(['+', '-']));
    fixture.stop().await;
}

#[tokio::test]
async fn a_session_without_trade_has_dashes_and_the_next_change_spans_it() {
    let fixture = Fixture::start().await;
    fixture.upstream.set_as_of(day("2022-08-04"));
    let html = page(&fixture, "1107", 1).await;
    let history = rows(&html, "stock_kabuka_dwm");
    assert_eq!(history[0], ["2022-08-03", "－", "－", "－", "－", "－", "－", "－"]);
    let number = |text: &str| text.replace([',', '+'], "").parse::<f64>().unwrap();
    let newest = rows(&html, "stock_kabuka0").remove(0);
    assert!((number(&newest[4]) - number(&history[1][4]) - number(&newest[5])).abs() < 0.01);
    fixture.stop().await;
}

#[tokio::test]
async fn the_header_says_today_when_the_newest_row_is_older() {
    let fixture = Fixture::start().await;
    fixture.upstream.set_as_of(day("2026-11-22"));
    let html = page(&fixture, "1101", 1).await;
    assert!(html.contains(">本日<"));
    assert_eq!(rows(&html, "stock_kabuka0")[0][0], AS_OF);
    fixture.stop().await;
}

#[tokio::test]
async fn an_open_session_shows_another_close_than_it_will_have() {
    let fixture = Fixture::start().await;
    let closed = rows(&page(&fixture, "1111", 1).await, "stock_kabuka0").remove(0);
    fixture.upstream.set_provisional(true);
    let open = rows(&page(&fixture, "1111", 1).await, "stock_kabuka0").remove(0);
    assert_eq!((&open[0], &open[1]), (&closed[0], &closed[1]));
    assert_ne!((&open[4], &open[7]), (&closed[4], &closed[7]));
    fixture.stop().await;
}

#[tokio::test]
async fn unknown_codes_and_other_pages_are_not_found() {
    let fixture = Fixture::start().await;
    for query in [
        "code=99999&ashi=day&page=1",
        "code=AAPL",
        "code=1101&ashi=wek",
        "code=1101&page=0",
        "code=1101&page=99999999999",
        "page=x",
        "",
    ] {
        let response = fixture.get("kabutan", &format!("/stock/kabuka?{query}")).await;
        assert_eq!(response.status(), 404, "{query}");
        assert!(response.text().await.unwrap().contains("お探しのページが見つかりません。"));
    }
    fixture.upstream.set_as_of(day("2024-02-26"));
    assert_eq!(fixture.get("kabutan", "/stock/kabuka?code=100A").await.status(), 404);
    fixture.upstream.set_as_of(day("2024-02-27"));
    assert_eq!(fixture.get("kabutan", "/stock/kabuka?code=100A").await.status(), 200);
    fixture.stop().await;
}

#[tokio::test]
async fn a_history_shorter_than_a_page_fits_on_one() {
    let fixture = Fixture::start().await;
    fixture.upstream.set_as_of(day("2015-01-07"));
    let html = page(&fixture, "1101", 1).await;
    assert_eq!(rows(&html, "stock_kabuka_dwm").len(), 2);
    assert!(rows(&page(&fixture, "1101", 2).await, "stock_kabuka_dwm").is_empty());
    fixture.stop().await;
}
