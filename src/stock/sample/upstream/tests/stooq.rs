//! Stooq's CSV.

use super::*;

async fn records(fixture: &Fixture, query: &str) -> Vec<Vec<String>> {
    let body = fixture.text("stooq", &format!("/q/d/l/?{query}&i=d")).await;
    assert!(body.is_ascii() && body.ends_with("\r\n") && body.matches('\n').count() == body.matches("\r\n").count());
    assert!(body.starts_with("Date,Open,High,Low,Close,Volume\r\n"), "{body}");
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(body.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[tokio::test]
async fn rows_ascend_within_the_days_asked_for_both_included() {
    let fixture = Fixture::start().await;
    let rows = records(&fixture, "s=1102.jp&d1=20261116&d2=20261119").await;
    let bars = market().bars_as_of("1102", day(AS_OF));
    assert_eq!(
        rows.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(),
        ["2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19"]
    );
    for row in rows {
        let bar = bars.iter().find(|bar| bar.date == day(&row[0])).unwrap();
        let truth = [bar.open, bar.high, bar.low, bar.close, bar.volume].map(Option::unwrap);
        assert_eq!(row[1..].iter().map(|cell| cell.parse::<f64>().unwrap()).collect::<Vec<_>>(), truth);
    }
    fixture.stop().await;
}

#[tokio::test]
async fn without_dividends_all_of_apple_is_adjusted_for_splits() {
    let fixture = Fixture::start().await;
    let rows = records(&fixture, "s=aapl.us").await;
    assert_eq!((rows.len(), rows[0][0].as_str(), rows[0][4].as_str()), (3270, "2000-03-01", "32.5775"));
    fixture.stop().await;
}

#[tokio::test]
async fn with_dividends_prices_before_them_are_lower_and_volumes_higher_than_elsewhere() {
    let fixture = Fixture::start().await;
    let row = records(&fixture, "s=1101.jp&d1=20200106&d2=20200106").await.remove(0);
    let bars = market().bars_as_of("1101", day(AS_OF));
    let bar = bars.iter().find(|bar| bar.date == day("2020-01-06")).unwrap();
    assert!(row[4].parse::<f64>().unwrap() < 0.95 * bar.close.unwrap());
    assert!(row[5].parse::<f64>().unwrap() > 1.05 * bar.volume.unwrap());
    fixture.stop().await;
}

#[tokio::test]
async fn sessions_without_trade_have_no_row_and_a_missing_volume_five_fields() {
    let fixture = Fixture::start().await;
    let rows = records(&fixture, "s=1107.jp&d1=20170509&d2=20170515").await;
    assert_eq!(rows.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), ["2017-05-09", "2017-05-15"]);
    let rows = records(&fixture, "s=1112.jp&d1=20161108&d2=20161109").await;
    assert_eq!(rows.iter().map(Vec::len).collect::<Vec<_>>(), [6, 5]);
    fixture.stop().await;
}

#[tokio::test]
async fn the_bad_row_is_served_as_it_is() {
    let fixture = Fixture::start().await;
    let row = records(&fixture, "s=1109.jp&d1=20190618&d2=20190618").await.remove(0);
    assert!(row[2].parse::<f64>().unwrap() < row[3].parse::<f64>().unwrap());
    fixture.stop().await;
}

#[tokio::test]
async fn the_row_of_an_open_session_is_not_there_yet() {
    let fixture = Fixture::start().await;
    fixture.upstream.set_provisional(true);
    let rows = records(&fixture, "s=1101.jp&d1=20261118").await;
    assert_eq!(rows.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), ["2026-11-18", "2026-11-19"]);
    fixture.stop().await;
}

#[tokio::test]
async fn nothing_to_show_is_said_under_status_200() {
    let fixture = Fixture::start().await;
    for query in ["s=9999.jp&i=d", "s=1101.us&i=d", "s=1101", "", "s=aapl.us&d1=20200101", "s=1101.jp&i=w"] {
        let response = fixture.get("stooq", &format!("/q/d/l/?{query}")).await;
        assert_eq!((response.status().as_u16(), response.text().await.unwrap().as_str()), (200, "No data"), "{query}");
    }
    fixture.stop().await;
}
