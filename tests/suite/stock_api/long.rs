//! Long answers: of one state of the database whatever is loaded meanwhile, over connections that come back.

use std::time::Duration;

use axum::http::StatusCode;

use super::fixture::{House, begin, company, rest};
use crate::support::on_every_layout;

/// Four thousand sessions of two companies, and two moving averages stored of one of them.
async fn house(store: crate::support::TestStore) -> House {
    let house = House::with_market(store).await;
    house.company(&company("0002", "9433", "KDDI")).await;
    house.sql("DELETE FROM stockprice", []).await;
    house.sql("DELETE FROM stockprice_indicator", []).await;
    for id in ["0001", "0002"] {
        house.days(id, 4_000).await;
    }
    let insert = if house.database.is_postgres() {
        "INSERT INTO stockprice_indicator (company_id, date, v) \
         SELECT company_id, date, ARRAY[1, volume, volume + 0.5]::float8[] FROM stockprice WHERE company_id = '0001'"
    } else {
        "INSERT INTO stockprice_indicator (company_id, date, v1, v2, v3) \
         SELECT company_id, date, 1, volume, volume + 0.5 FROM stockprice WHERE company_id = '0001'"
    };
    house.sql(insert, []).await;
    house
}

const LONG: [&str; 4] = [
    "/api/v1/stockprices/rawdata/7203?startDate=2000-01-01&format=csv",
    "/api/v1/stockprices/ma/7203?startDate=2000-01-01&format=csv",
    "/api/v1/stockprices/ma/7203?startDate=2000-01-01&maTypes=sma5,sma7&format=csv",
    "/api/v1/bars?from=2000-01-01&format=csv",
];

on_every_layout!(a_series_rebased_between_two_pieces_is_told_as_it_was, |store: TestStore| async {
    let house = house(store).await;
    for path in LONG {
        let before = house.get(path).await;
        assert!(before.text.lines().count() > 3_900, "{path}");
        let mut body = house.open("GET", path, &[], "").await.into_body().into_data_stream();
        let begun = begin(&mut body).await;
        rebase(&house).await;
        assert_eq!(rest(begun, body).await, before.text, "{path}");
        let after = house.get_with(path, &[("if-none-match", before.header("etag"))]).await;
        assert_eq!(after.status, StatusCode::OK, "{path}");
        assert_ne!(after.text, before.text, "{path}");
    }
});

/// As a load does that finds a split: every row in one transaction.
async fn rebase(house: &House) {
    let transaction = house.database.begin().await.unwrap();
    let mut statements = vec![
        "UPDATE stockprice SET close_price = close_price * 2",
        "UPDATE stockprice_series SET version = version + 1",
    ];
    statements.push(if house.database.is_postgres() {
        "UPDATE stockprice_indicator SET v = ARRAY[v[1], v[2] * 2, v[3] * 2]"
    } else {
        "UPDATE stockprice_indicator SET v2 = v2 * 2, v3 = v3 * 2"
    });
    for sql in statements {
        data_infrastructure::db::execute(&transaction, sql, []).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

on_every_layout!(
    while_all_long_answers_are_lent_out_another_one_is_503_and_short_ones_are_given,
    |store: TestStore| async {
        let house = house(store).await;
        // Half of the pool's four connections; each is kept by an answer that nobody reads on.
        let mut answers = Vec::new();
        for path in [LONG[0], LONG[3]] {
            let mut body = house.open("GET", path, &[], "").await.into_body().into_data_stream();
            begin(&mut body).await;
            answers.push(body);
        }
        let refused = house.get(LONG[0]).await;
        assert_eq!(
            (refused.status, refused.header("retry-after")),
            (StatusCode::SERVICE_UNAVAILABLE, "5"),
            "{}",
            refused.text
        );
        assert!(refused.text.contains("too many long answers are under way"), "{}", refused.text);
        let short = "/api/v1/stockprices/rawdata/7203?startDate=2009-01-01&endDate=2009-12-31";
        assert_eq!(house.get(short).await.json()["data"].as_array().unwrap().len(), 365);
        assert_eq!(house.get("/api/v1/bars?from=2010-01-04&to=2010-01-04").await.status, StatusCode::OK);

        // Clients that go away give their connections back, also in the middle.
        for body in answers {
            drop(body);
        }
        for _ in 0..4 {
            let mut body = house.open("GET", LONG[3], &[], "").await.into_body().into_data_stream();
            begin(&mut body).await;
        }
        let all = tokio::time::timeout(Duration::from_secs(4), house.get(LONG[3])).await.unwrap();
        assert_eq!((all.status, all.text.lines().count()), (StatusCode::OK, 8_001));
    }
);
