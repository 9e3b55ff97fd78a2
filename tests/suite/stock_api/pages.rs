//! The home page and the pages of companies.

use axum::http::StatusCode;

use super::fixture::{House, company};
use crate::support::{TestStore, on_both_databases};

#[tokio::test]
async fn without_a_company_the_home_page_says_what_to_do() {
    let house = House::empty(TestStore::sqlite()).await;
    let home = house.get("/").await;
    assert_eq!(home.status, StatusCode::OK);
    for text in ["datainfra companies import", "POST /jobs/stock/run", "the jobs", "href=\"/metrics\""] {
        assert!(home.text.contains(text), "{text}: {}", home.text);
    }
}

on_both_databases!(the_home_page_shows_each_company_with_its_newest_close_and_line, |store: TestStore| async {
    let house = House::with_market(store).await;
    let home = house.get("/").await;
    assert!(home.header("content-type").starts_with("text/html"));
    for text in [
        "トヨタ &lt;自動車&gt;",
        "href=\"/companies/7203\"",
        "2026-11-20",
        ">101.0 <small class=\"unit\">JPY</small><",
        "+100.7 (+33,566.67 %)",
        "<svg class=\"spark\"",
        "simulated",
        "delisted 2020-12-24",
        "no bar yet",
        "title=\"Yahoo Finance: private use, no redistribution\"",
        "/api/v1/stockprices/rawdata/7203",
    ] {
        assert!(home.text.contains(text), "{text}: {}", home.text);
    }
});

on_both_databases!(of_many_companies_the_first_200_by_code_are_shown_with_their_count, |store: TestStore| async {
    let house = House::with_market(store).await;
    for number in 0..210 {
        house.company(&company(&format!("X{number}"), &format!("{}", 1200 + number), "会社")).await;
    }
    let home = house.get("/").await.text;
    assert!(home.contains("The first 200 of 212 companies by code"), "{home}");
    assert_eq!(home.matches("href=\"/companies/").count(), 200);
    assert!(home.contains(">130A<") && !home.contains(">7203<"));
});

on_both_databases!(a_companys_page_has_its_year_and_newest_sessions, |store: TestStore| async {
    let house = House::with_market(store).await;
    house.sql("UPDATE stockprice_indicator_type SET ma_type = 'sma25' WHERE ma_type = 'ema25'", []).await;
    let page = house.get("/companies/7203").await;
    for text in [
        "<svg class=\"chart\"",
        "class=\"average\"",
        "sma25",
        "aria-label=\"closes of 7203 (JPY)\"",
        ">close (JPY)<",
        ">Close (JPY)<",
        "<dt>Currency</dt><dd>JPY</dd>",
        ">101.0<",
        ">1,000<",
        "no trade",
        "for splits, not for dividends",
        "Kabutan (Minkabu the Infonoid)",
        "/api/v1/stockprices/rawdata/7203?format=csv",
    ] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    let simulated = house.get("/companies/130a").await.text;
    for text in ["simulated by us", "delisted 2020-12-24", "No bar is stored yet"] {
        assert!(simulated.contains(text), "{text}: {simulated}");
    }
});

on_both_databases!(prices_have_the_currency_of_their_market_and_none_where_that_is_unknown, |store: TestStore| async {
    let house = House::with_market(store).await;
    for (country, shown) in
        [("US", ">101.00 <small class=\"unit\">USD</small><"), ("JP", "JPY"), ("GB", "<td class=\"num\">101.00</td>")]
    {
        house.sql("UPDATE company SET country_code = $1 WHERE stock_code = '7203'", [country.into()]).await;
        let home = house.get("/").await.text;
        assert!(home.contains(shown), "{shown}: {home}");
    }
    assert!(!house.get("/companies/7203").await.text.contains("Currency"));
});

#[tokio::test]
async fn styles_stand_in_the_head_of_each_page() {
    let house = House::with_market(TestStore::sqlite()).await;
    for path in ["/", "/companies/7203", "/quarantine"] {
        let page = house.get(path).await.text;
        let (head, body) = page.split_once("<body>").unwrap();
        assert!(head.contains(".spark") && !body.contains("<style"), "{path}: {page}");
    }
}
