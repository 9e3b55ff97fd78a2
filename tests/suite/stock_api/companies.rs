//! Lists of companies: in pages, and by parts of names.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::fixture::{House, company};
use crate::support::{TestStore, on_both_databases};

const SEARCH: &str = "/api/v1/companies/search";

async fn house(store: TestStore) -> House {
    let house = House::with_market(store).await;
    for (id, code, name) in [
        ("0003", "9433", "ＫＤＤＩ"),
        ("0002", "6758", "Sony Group"),
        ("a001", "9984", "100%_ソフト"),
        ("0004", "SEARCH", "O'Neil; DROP TABLE company"),
    ] {
        house.company(&company(id, code, name)).await;
    }
    house
}

fn ids(answer: &Value) -> Vec<&str> {
    answer["companies"].as_array().unwrap().iter().map(|one| one["companyId"].as_str().unwrap()).collect()
}

on_both_databases!(companies_come_in_pages_by_id_to_those_who_ask_for_them, |store: TestStore| async {
    let house = house(store).await;
    let all = house.get("/api/v1/companies").await;
    assert_eq!(ids(&all.json()), ["0001", "0002", "0003", "0004", "S001", "a001"]);
    assert!(!all.text.contains("nextCursor"), "as the original");
    let first = house.get("/api/v1/companies?limit=2").await;
    assert_eq!((ids(&first.json()), &first.json()["nextCursor"]), (vec!["0001", "0002"], &json!("0002")));
    // What comes and goes between two pages repeats none and skips none of the others.
    house.sql("DELETE FROM company WHERE company_id = '0002'", []).await;
    house.company(&company("0000", "1301", "極洋")).await;
    let second = house.get("/api/v1/companies?limit=2&cursor=0002").await.json();
    assert_eq!((ids(&second), &second["nextCursor"]), (vec!["0003", "0004"], &json!("0004")));
    let last = house.get("/api/v1/companies?limit=2&cursor=0004").await.json();
    assert_eq!((ids(&last), &last["nextCursor"]), (vec!["S001", "a001"], &json!(null)));
    assert_eq!(ids(&house.get("/api/v1/companies?cursor=0004").await.json()), ["S001", "a001"]);

    let csv = house.get("/api/v1/companies?limit=1&format=csv").await;
    assert_eq!((csv.text.lines().count(), csv.header("next-cursor")), (2, "0000"));
    let end = house.get("/api/v1/companies?limit=1&format=csv&cursor=S001").await;
    assert_eq!((end.text.lines().count(), end.header("next-cursor")), (2, ""));
    let again = house.get_with("/api/v1/companies?limit=2", &[("if-none-match", first.header("etag"))]).await;
    assert_eq!(again.status, StatusCode::OK, "another page");
});

on_both_databases!(companies_are_found_by_parts_of_names_and_by_codes, |store: TestStore| async {
    let house = house(store).await;
    for (query, found) in [
        ("companyName=トヨタ", vec!["0001"]),
        ("companyName=ﾄﾖﾀ", vec!["0001"]),
        ("companyName=kddi,GROUP,%20", vec!["0002", "0003"]),
        ("stockCode=9433,7203", vec!["0001", "0003"]),
        ("stockCode=943", vec![]),
        ("stockCode=130a", vec!["S001"]),
        ("companyName=s&stockCode=6758,7203", vec!["0002"]),
        ("companyName=%25", vec!["a001"]),
        ("companyName=%25_", vec!["a001"]),
        ("companyName=_", vec!["a001"]),
        ("companyName=%27%3B%20DROP", vec![]),
        ("companyName=%27neil%3B%20drop", vec!["0004"]),
    ] {
        let query =
            query.replace("トヨタ", "%E3%83%88%E3%83%A8%E3%82%BF").replace("ﾄﾖﾀ", "%EF%BE%84%EF%BE%96%EF%BE%80");
        let reply = house.get(&format!("{SEARCH}?{query}")).await;
        assert_eq!(ids(&reply.json()), found, "{query}");
    }
    let all = house.get(&format!("{SEARCH}?stockCode=7203")).await.json();
    assert_eq!(all["companies"], house.get("/api/v1/companies/7203").await.json()["companies"], "the same shape");
    let old = house.get("/stock-prediction-dashboard/api/v1/companies/search?stockCode=7203").await.json();
    assert_eq!(ids(&old), ["0001"]);

    let first = house.get(&format!("{SEARCH}?companyName=o&limit=1")).await;
    assert_eq!((ids(&first.json()), &first.json()["nextCursor"]), (vec!["0002"], &json!("0002")));
    let rest = house.get(&format!("{SEARCH}?companyName=o&limit=1&cursor=0002")).await.json();
    assert_eq!((ids(&rest), &rest["nextCursor"]), (vec!["0004"], &json!(null)));
    let csv = house.get(&format!("{SEARCH}?companyName=o&limit=1&format=csv")).await;
    assert_eq!((csv.text.lines().count(), csv.header("next-cursor")), (2, "0002"));
    let known = [("if-none-match", first.header("etag"))];
    assert_eq!(
        house.get_with(&format!("{SEARCH}?companyName=o&limit=1"), &known).await.status,
        StatusCode::NOT_MODIFIED
    );
});

#[tokio::test]
async fn a_search_for_nothing_or_the_impossible_is_400_and_hides_no_company() {
    let house = house(TestStore::sqlite()).await;
    for (query, named) in [
        ("", "companyName"),
        ("?companyName=", "companyName"),
        ("?companyName=%20,&stockCode=9433", "companyName"),
        ("?companyName=a&stockCode=", "stockCode"),
        ("?companyName=a%00", "companyName"),
        ("?stockCode=72%2003", "stockCode"),
        ("?stockCode=7203%27%20OR%201=1", "stockCode"),
        ("?companyName=a&limit=0", "limit"),
        ("?companyName=a&limit=501", "limit"),
        ("?companyName=a&cursor=%00", "cursor"),
        ("?name=a", "name"),
        ("?companyName=a&format=xml", "format"),
    ] {
        let reply = house.get(&format!("{SEARCH}{query}")).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{query}: {}", reply.text);
        assert_eq!(reply.json()["errors"][0]["param"], named, "{query}");
    }
    assert_eq!(house.get("/api/v1/companies/SEARCH").await.json()["companies"][0]["companyId"], "0004");
    assert_eq!(house.change("DELETE", SEARCH, "").await.status, StatusCode::METHOD_NOT_ALLOWED);
}
