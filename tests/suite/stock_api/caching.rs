//! `ETag` and 304.

use axum::http::StatusCode;

use super::fixture::{House, company};
use crate::support::{TestStore, on_both_databases};

const PATHS: [&str; 4] =
    ["/api/v1/companies", "/api/v1/companies/7203", "/api/v1/stockprices/rawdata/7203", "/api/v1/stockprices/ma/7203"];

/// The routes of series that are told by parameters.
const SERIES: [&str; 4] = [
    "/api/v1/indicators/7203?names=sma5,macd",
    "/api/v1/stockprices/timeseries?companyId=0001",
    "/api/v1/stockprices/timeseries/candlestick?companyId=0001",
    "/api/v1/stockprices/timeseries/correlogram?companyId=0001",
];

on_both_databases!(an_unchanged_answer_is_304_and_a_changed_one_is_given_anew, |store: TestStore| async {
    let house = House::with_market(store).await;
    for path in PATHS {
        let reply = house.get(path).await;
        assert_eq!(reply.header("cache-control"), "private, max-age=0, must-revalidate", "{path}");
        let known = [("if-none-match", reply.header("etag"))];
        let again = house.get_with(path, &known).await;
        assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""), "{path}");
        assert_eq!(again.header("etag"), reply.header("etag"));
        let csv = house.get_with(&format!("{path}?format=csv"), &known).await;
        assert_eq!(csv.status, StatusCode::OK, "{path}: another format is another content");

        house.sql("UPDATE stockprice_series SET version = version + 1", []).await;
        house.sql("UPDATE company SET company_name = company_name || 'x'", []).await;
        assert_eq!(house.get_with(path, &known).await.status, StatusCode::OK, "{path}");
    }
});

#[tokio::test]
async fn a_load_and_another_range_change_the_tag_of_a_series_and_only_companies_that_of_their_list() {
    let house = House::with_market(TestStore::sqlite()).await;
    let [list, _, bars, averages] = PATHS;
    let tag = async |path: &str| house.get(path).await.header("etag").to_owned();
    let before = (tag(list).await, tag(bars).await, tag(averages).await);
    assert_ne!(tag(&format!("{bars}?startDate=2026-11-19")).await, before.1);
    assert_ne!(tag(&format!("{averages}?maTypes=sma5")).await, before.2);

    house.sql("UPDATE stockprice_series SET version = version + 1", []).await;
    let loaded = (tag(list).await, tag(bars).await, tag(averages).await);
    assert_eq!(loaded.0, before.0);
    assert!(loaded.1 != before.1 && loaded.2 != before.2);

    house.company(&company("0009", "9984", "ソフトバンク")).await;
    assert_ne!(tag(list).await, before.0);
    assert_eq!(tag(bars).await, loaded.1);
}

on_both_databases!(a_series_that_was_not_loaded_again_is_304_under_each_of_its_parameters, |store: TestStore| async {
    let house = House::with_market(store).await;
    let mut tags = std::collections::BTreeSet::new();
    for path in SERIES {
        for more in ["", "&startDate=2026-11-19", "&endDate=2026-11-19", "&format=csv"] {
            let path = format!("{path}{more}");
            let reply = house.get(&path).await;
            assert!(tags.insert(reply.header("etag").to_owned()), "{path} has a tag of its own");
            let known = [("if-none-match", reply.header("etag"))];
            let again = house.get_with(&path, &known).await;
            assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""), "{path}");
            let head = house.send("HEAD", &path, &[], "").await;
            assert_eq!(
                (head.status, head.text.as_str(), head.header("etag")),
                (StatusCode::OK, "", reply.header("etag"))
            );
            house.sql("UPDATE stockprice_series SET version = version + 1", []).await;
            assert_eq!(house.get_with(&path, &known).await.status, StatusCode::OK, "{path}");
            house.sql("UPDATE stockprice_series SET version = version - 1", []).await;
        }
    }
});
