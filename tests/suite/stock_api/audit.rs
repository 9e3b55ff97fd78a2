//! Who registered a company and who stopped watching it.

use axum::http::StatusCode;
use data_infrastructure::audit::{
    Entry,
    store::{AuditFilter, list},
};
use futures_util::future::join_all;
use serde_json::json;

use super::fixture::House;
use crate::support::{TestStore, on_both_databases};

const COMPANIES: &str = "/api/v1/companies";
const TOYOTA: &str = "/api/v1/companies/7203";
const NINTENDO: &str = r#"{"stockCode":"7974","companyName":"任天堂","countryCode":"JP","listedMarket":"プライム"}"#;

async fn rows(house: &House) -> Vec<Entry> {
    list(house.database.connection(), &AuditFilter { limit: 500, ..AuditFilter::default() }).await.unwrap()
}

on_both_databases!(companies_registered_and_no_longer_watched_are_rows, |store: TestStore| async {
    let house = House::with_market(store).await;
    house.change("POST", COMPANIES, NINTENDO).await;
    house.change("DELETE", TOYOTA, "").await;
    house.change("POST", COMPANIES, &NINTENDO.replace("7974", "7203")).await;
    for (method, path, body, status) in [
        ("POST", COMPANIES, NINTENDO, 409),
        ("POST", COMPANIES, r#"{"stockCode":"1"}"#, 422),
        ("DELETE", "/api/v1/companies/9999", "", 404),
    ] {
        assert_eq!(house.change(method, path, body).await.status, status, "{method} {path}");
    }
    let rows = rows(&house).await;
    let told: Vec<_> = rows.iter().map(|row| (row.actor.as_str(), row.action.as_str(), row.subject.as_str())).collect();
    assert_eq!(
        told,
        [
            ("default", "company.register", "7203"),
            ("default", "company.unwatch", "7203"),
            ("default", "company.register", "7974"),
        ]
    );
    let (again, gone, new) = (&rows[0], &rows[1], &rows[2]);
    assert_eq!(again.before, Some(json!({"companyName": "トヨタ <自動車>", "status": "unwatched"})));
    assert_eq!(again.after, Some(json!({"companyName": "任天堂", "status": "active"})));
    assert_eq!(
        (&gone.before, &gone.after),
        (&Some(json!({"status": "active"})), &Some(json!({"status": "unwatched"})))
    );
    let row = new.after.as_ref().unwrap();
    assert_eq!((&new.before, &row["companyId"], &row["status"]), (&None, &json!("0002"), &json!("active")));
});

on_both_databases!(a_company_that_cannot_be_written_down_is_not_changed, |store: TestStore| async {
    let house = House::with_market(store).await;
    house.sql("ALTER TABLE audit RENAME TO audit_away", []).await;
    let failed = StatusCode::INTERNAL_SERVER_ERROR;
    assert_eq!(house.change("POST", COMPANIES, NINTENDO).await.status, failed);
    assert_eq!(house.change("DELETE", TOYOTA, "").await.status, failed);
    house.sql("ALTER TABLE audit_away RENAME TO audit", []).await;
    assert_eq!(house.get("/api/v1/companies/7974").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.get(TOYOTA).await.json()["companies"][0]["status"], "active");
    assert!(rows(&house).await.is_empty());
});

on_both_databases!(of_twenty_requests_at_once_one_changes_the_company_and_has_the_row, |store: TestStore| async {
    let house = House::with_market(store).await;
    let again = NINTENDO.replace("7974", "7203");
    for (method, path, body, done) in [
        ("POST", COMPANIES, NINTENDO, StatusCode::CREATED),
        ("DELETE", TOYOTA, "", StatusCode::NO_CONTENT),
        ("POST", COMPANIES, again.as_str(), StatusCode::OK),
    ] {
        let before = rows(&house).await.len();
        let replies = join_all((0..20).map(|_| house.change(method, path, body))).await;
        let count = replies.iter().filter(|reply| reply.status == done).count();
        let others: Vec<_> = replies.iter().map(|reply| reply.status).filter(|status| *status != done).collect();
        assert_eq!(count, 1, "{method} {path}: {others:?}");
        assert!(others.iter().all(|status| [404, 409].contains(&status.as_u16())), "{others:?}");
        assert_eq!(rows(&house).await.len() - before, 1, "{method} {path}");
    }
});

#[tokio::test]
async fn companies_are_for_administrators() {
    let house = House::with_market(TestStore::sqlite()).await;
    for token in ["Bearer ops-token", "Bearer eyes-token"] {
        let headers = [("authorization", token), ("content-type", "application/json")];
        for (method, path) in [("POST", COMPANIES), ("DELETE", TOYOTA)] {
            let reply = house.send(method, path, &headers, NINTENDO).await;
            assert_eq!(reply.status, StatusCode::FORBIDDEN, "{token} {method}");
            assert_eq!(reply.header("www-authenticate"), r#"Bearer error="insufficient_scope", scope="admin""#);
        }
    }
    assert!(rows(&house).await.is_empty());
}
