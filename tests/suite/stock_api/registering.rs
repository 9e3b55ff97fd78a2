//! `POST` and `DELETE` of companies.

use axum::http::StatusCode;
use serde_json::json;

use super::fixture::House;
use crate::support::{TestStore, on_both_databases};

const COMPANIES: &str = "/api/v1/companies";
const NINTENDO: &str = r#"{"stockCode":"7974","companyName":"任天堂","countryCode":"JP","listedMarket":"プライム"}"#;

on_both_databases!(a_company_is_registered_once, |store: TestStore| async {
    let house = House::with_market(store).await;
    let made = house.change("POST", COMPANIES, NINTENDO).await;
    assert_eq!(
        (made.status, made.header("location")),
        (StatusCode::CREATED, "/api/v1/companies/7974"),
        "{}",
        made.text
    );
    assert_eq!(made.json()["companies"][0]["companyId"], "0002");
    assert_eq!(house.get("/api/v1/companies/7974").await.json()["companies"], made.json()["companies"]);
    assert_eq!(house.change("POST", COMPANIES, NINTENDO).await.status, StatusCode::CONFLICT);

    let mut other = serde_json::from_str::<serde_json::Value>(NINTENDO).unwrap();
    other["stockCode"] = json!("7975");
    other["companyId"] = json!("0001");
    assert_eq!(house.change("POST", COMPANIES, &other.to_string()).await.status, StatusCode::CONFLICT);
    assert_eq!(house.get("/api/v1/companies/7975").await.status, StatusCode::NOT_FOUND);
});

on_both_databases!(a_company_no_longer_watched_keeps_its_bars_and_can_be_watched_again, |store: TestStore| async {
    let house = House::with_market(store).await;
    let toyota = "/api/v1/companies/7203";
    let gone = house.change("DELETE", toyota, "").await;
    assert_eq!((gone.status, gone.text.as_str()), (StatusCode::NO_CONTENT, ""));
    assert_eq!(house.change("DELETE", toyota, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.get(toyota).await.json()["companies"][0]["status"], "unwatched");
    assert_eq!(house.get("/api/v1/stockprices/rawdata/7203").await.json()["data"].as_array().unwrap().len(), 3);

    let again = NINTENDO.replace("7974", "7203");
    let other_id = again.replace('}', r#","companyId":"0042"}"#);
    assert_eq!(house.change("POST", COMPANIES, &other_id).await.status, StatusCode::CONFLICT);
    let again = house.change("POST", COMPANIES, &again).await;
    assert_eq!((again.status, again.header("location")), (StatusCode::OK, toyota));
    let company = &again.json()["companies"][0];
    assert_eq!((&company["companyId"], &company["status"]), (&json!("0001"), &json!("active")));
    assert_eq!((&company["companyName"], &company["longitude"]), (&json!("任天堂"), &json!(137.125)));
});

on_both_databases!(a_delisted_company_watched_again_still_ends, |store: TestStore| async {
    let house = House::with_market(store).await;
    assert_eq!(house.change("DELETE", "/api/v1/companies/130A", "").await.status, StatusCode::NO_CONTENT);
    let again = house.change("POST", COMPANIES, &NINTENDO.replace("7974", "130A")).await;
    let company = &again.json()["companies"][0];
    assert_eq!((&company["status"], &company["listedTo"]), (&json!("ended"), &json!("2020-12-24")));
});

on_both_databases!(codes_with_letters_and_of_five_characters_are_registered_and_no_others, |store: TestStore| async {
    let house = House::with_market(store).await;
    for code in ["131A", "25935"] {
        let made = house.change("POST", COMPANIES, &NINTENDO.replace("7974", code)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let found = house.get(&format!("{COMPANIES}/{code}")).await.json();
        let company = &found["companies"][0];
        assert_eq!((&company["stockCode"], &company["status"]), (&json!(code), &json!("active")));
        assert_eq!((&company["listedFrom"], &company["listedTo"]), (&json!(null), &json!(null)));
    }
    for code in ["72030", "131B", "0131", "AAPL"] {
        let refused = house.change("POST", COMPANIES, &NINTENDO.replace("7974", code)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{code}");
        assert_eq!(refused.json()["errors"][0]["param"], "stockCode", "{code}");
    }
});

#[tokio::test]
async fn a_wrong_body_is_422_naming_each_member_and_nothing_is_stored() {
    let house = House::empty(TestStore::sqlite()).await;
    let body = r#"{"stockCode":7203,"companyName":" ","countryCode":"FR","listedMarket":"x","lat":1}"#;
    let reply = house.change("POST", COMPANIES, body).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    let errors = reply.json()["errors"].as_array().unwrap().clone();
    let params: Vec<_> = errors.iter().map(|error| error["param"].as_str().unwrap()).collect();
    assert_eq!(params, ["lat", "stockCode", "companyName", "countryCode"]);
    assert_eq!(house.get(COMPANIES).await.json()["companies"], json!([]));
}

#[tokio::test]
async fn without_the_token_nothing_changes() {
    let house = House::with_market(TestStore::sqlite()).await;
    let json = [("content-type", "application/json")];
    for (method, path) in
        [("POST", COMPANIES), ("DELETE", "/api/v1/companies/7203"), ("DELETE", "/api/v1/companies/%20")]
    {
        assert_eq!(house.send(method, path, &json, NINTENDO).await.status, StatusCode::UNAUTHORIZED, "{method} {path}");
    }
    assert_eq!(house.get("/api/v1/companies/7203").await.json()["companies"][0]["status"], "active");
}
