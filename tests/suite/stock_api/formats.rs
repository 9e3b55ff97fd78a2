//! The domain's tables as JSON lines, Parquet and Arrow, read again by the readers of the formats.

use arrow_array::{
    Array as _, RecordBatch,
    cast::AsArray as _,
    types::{Date32Type, Float64Type},
};
use arrow_ipc::reader::StreamReader;
use axum::http::StatusCode;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};

use super::fixture::{House, UNEVEN};
use crate::support::on_both_databases;

/// Dates and closes.
fn closes(batches: &[RecordBatch]) -> Vec<(String, Option<f64>)> {
    let rows = |batch: &RecordBatch| {
        let dates = batch.column_by_name("date").unwrap().as_primitive::<Date32Type>().clone();
        let closes = batch.column_by_name("close").unwrap().as_primitive::<Float64Type>().clone();
        let close = move |row| closes.is_valid(row).then(|| closes.value(row));
        (0..batch.num_rows()).map(|row| (dates.value_as_date(row).unwrap().to_string(), close(row))).collect::<Vec<_>>()
    };
    batches.iter().flat_map(rows).collect()
}

on_both_databases!(bars_are_the_same_as_parquet_arrow_and_json_lines, |store: TestStore| async {
    let house = House::with_market(store).await;
    let path = "/api/v1/stockprices/rawdata/7203";
    let expected = [("2026-11-18", Some(UNEVEN)), ("2026-11-19", None), ("2026-11-20", Some(101.0))]
        .map(|(d, c)| (d.to_owned(), c));

    let (status, headers, file) = house.bytes(&format!("{path}?format=parquet")).await;
    assert_eq!(
        (status, &headers["accept-ranges"], &headers["data-source"]),
        (StatusCode::OK, &"bytes".parse().unwrap(), &"yahoo".parse().unwrap())
    );
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let about: Value = serde_json::from_str(&builder.schema().metadata()["datainfra"]).unwrap();
    let batches: Vec<_> = builder.build().unwrap().map(Result::unwrap).collect();
    assert_eq!(closes(&batches), expected);

    let (_, headers, stream) = house.bytes(&format!("{path}?format=arrow")).await;
    assert_eq!(headers["content-disposition"], "attachment; filename=\"rawdata-7203.arrows\"");
    let reader = StreamReader::try_new(&*stream, None).unwrap();
    let of_stream: Value = serde_json::from_str(&reader.schema().metadata()["datainfra"]).unwrap();
    assert_eq!(closes(&reader.map(Result::unwrap).collect::<Vec<_>>()), expected);

    let mut head = house.get(path).await.json();
    let members = head.as_object_mut().unwrap();
    members.remove("timestamp");
    let rows = members.remove("data").unwrap();
    assert_eq!((&about, &of_stream), (&head, &head), "all of the head, save the time and the rows");

    let lines = house.get_with(path, &[("accept", "application/x-ndjson")]).await;
    let lines: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(json!(lines), rows);
});

on_both_databases!(a_file_changes_with_the_data_and_with_nothing_else, |store: TestStore| async {
    let house = House::with_market(store).await;
    let path = "/api/v1/stockprices/rawdata/7203?format=parquet";
    let tag = async || house.bytes(path).await.1["etag"].to_str().unwrap().to_owned();
    let first = tag().await;
    assert_eq!(tag().await, first);
    let known = house.get_with(path, &[("if-none-match", &first)]).await;
    assert_eq!((known.status, known.header("etag")), (StatusCode::NOT_MODIFIED, &*first));
    house.sql("UPDATE stockprice SET close_price = 102 WHERE company_id = '0001' AND date = '2026-11-20'", []).await;
    house.sql("UPDATE stockprice_series SET version = version + 1", []).await;
    assert_ne!(tag().await, first);
});

on_both_databases!(lists_are_given_as_json_lines_and_refused_as_files, |store: TestStore| async {
    let house = House::with_market(store).await;
    let lists =
        ["/companies", "/companies/7203", "/coverage", "/coverage/7203", "/differences", "/quarantine", "/revisions"];
    for path in lists.map(|path| format!("/api/v1{path}")) {
        let json = house.get(&path).await.json();
        let rows = json.get("items").or_else(|| json.get("companies")).cloned();
        let lines = house.get(&format!("{path}?format=ndjson")).await;
        assert_eq!((lines.status, lines.header("content-type")), (StatusCode::OK, "application/x-ndjson"), "{path}");
        let read: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        match rows {
            Some(rows) => assert_eq!(json!(read), rows, "{path}"),
            None => assert_eq!((read.len(), &read[0]["gaps"]), (1, &json["gaps"]), "{path}"),
        }
        for format in ["parquet", "arrow"] {
            let refused = house.get(&format!("{path}?format={format}")).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{path}");
            assert_eq!(refused.json()["errors"][0]["param"], "format", "{path}");
            assert!(refused.text.contains("write json, csv or ndjson"), "{path}: {}", refused.text);
        }
        let accepted = house.get_with(&path, &[("accept", "application/vnd.apache.parquet")]).await;
        assert_eq!(accepted.header("content-type"), "application/json", "{path}: what cannot be is not insisted on");
    }
    let page = house.get("/api/v1/coverage?format=ndjson&limit=1").await;
    assert_eq!((page.text.lines().count(), page.header("next-cursor").is_empty()), (1, false));
});
