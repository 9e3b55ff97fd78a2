//! The original's four routes answer as the stored documents, byte for byte: names, order and defaults of their members,
//! with those added behind the original's. Only the time of the answer is masked.

use axum::http::StatusCode;

use super::fixture::House;
use crate::support::on_both_databases;

const GOLDEN: [(&str, &str); 4] = [
    ("/companies", include_str!("golden/companies.json")),
    ("/companies/7203", include_str!("golden/company.json")),
    ("/stockprices/rawdata/7203", include_str!("golden/rawdata.json")),
    ("/stockprices/ma/7203", include_str!("golden/ma.json")),
];

on_both_databases!(the_originals_routes_answer_as_stored, |store: TestStore| async {
    let house = House::with_market(store).await;
    for (path, golden) in GOLDEN {
        for prefix in ["/api/v1", "/stock-prediction-dashboard/api/v1"] {
            let reply = house.get(&format!("{prefix}{path}")).await;
            assert_eq!((reply.status, reply.header("content-type")), (StatusCode::OK, "application/json"), "{path}");
            assert_eq!(masked(&reply.text), golden.trim_end(), "{prefix}{path}");
        }
    }
});

/// The document, which begins with the time it was made.
fn masked(text: &str) -> String {
    let after = text.strip_prefix("{\"timestamp\":\"").unwrap();
    let (time, rest) = after.split_once('"').unwrap();
    assert!(chrono::DateTime::parse_from_rfc3339(time).is_ok() && time.ends_with('Z'), "{time}");
    format!("{{\"timestamp\":\"<when>\"{rest}")
}
