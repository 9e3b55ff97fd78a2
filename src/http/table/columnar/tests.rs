//! What is written is read again by the readers of the formats.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use arrow_array::{
    Array as _, RecordBatch,
    cast::AsArray as _,
    types::{Date32Type, Float64Type, Int64Type},
};
use arrow_ipc::reader::StreamReader;
use axum::body::to_bytes;
use chrono::{Days, NaiveDate};
use futures_util::{StreamExt as _, stream};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::json;
use tokio::time::Instant;

use super::{
    ABOUT, Files, about,
    stream::arrow,
    write::{ROW_GROUP, Written, write},
};
use crate::http::{
    problem::Problem,
    table::{Batch, Kind, Table, Tag, Values, columns},
};
use crate::told;

const COLUMNS: [(&str, Kind); 4] =
    [("date", Kind::Day), ("name", Kind::Text), ("value", Kind::Real), ("lag", Kind::Whole)];

fn day(number: usize) -> NaiveDate {
    NaiveDate::from_ymd_opt(1900, 1, 1).unwrap() + Days::new(number as u64)
}

/// Rows from `start` on, with everything absent that may be in every third.
fn piece(start: usize, rows: usize) -> Batch {
    let numbers = || start..start + rows;
    let unless_third = |number: usize| !number.is_multiple_of(3);
    let real = |number: usize| if number % 7 == 1 { f64::NAN } else { number as f64 / 3.0 };
    Batch(vec![
        Values::Day(numbers().map(day).collect()),
        Values::Text(numbers().map(|n| unless_third(n).then(|| Arc::from(format!("銘柄 {}", n % 5)))).collect()),
        Values::Real(numbers().map(|n| unless_third(n).then_some(real(n))).collect()),
        Values::Whole(numbers().map(|n| unless_third(n).then_some(-(n as i64))).collect()),
    ])
}

/// Pieces of 100 rows, counted as they are pulled.
fn table(pieces: usize, pulled: &Arc<AtomicUsize>) -> Table {
    let pulled = Arc::clone(pulled);
    let batches = stream::iter(0..pieces).map(move |number| {
        pulled.fetch_add(1, Ordering::Relaxed);
        Ok(piece(number * 100, 100))
    });
    Table { columns: columns(&COLUMNS), batches: batches.boxed() }
}

fn head() -> serde_json::Value {
    json!({"timestamp": "2026-11-20T22:00:00.000Z", "source": "somebody", "licenceNote": "private use"})
}

async fn written(table: Table) -> Written {
    write(std::env::temp_dir(), about(&head()).unwrap(), table).await.unwrap()
}

fn bytes(file: &Written) -> axum::body::Bytes {
    file.read(0, file.length).unwrap().into()
}

/// All rows of the batches are those of `piece`.
fn assert_rows(batches: &[RecordBatch], rows: usize) {
    let mut next = 0;
    for batch in batches {
        let (days, names) = (batch.column(0).as_primitive::<Date32Type>(), batch.column(1).as_string::<i32>());
        let (reals, wholes) =
            (batch.column(2).as_primitive::<Float64Type>(), batch.column(3).as_primitive::<Int64Type>());
        for row in 0..batch.num_rows() {
            let absent = next % 3 == 0;
            assert_eq!(days.value_as_date(row), Some(day(next)));
            assert_eq!((names.is_null(row), wholes.is_null(row)), (absent, absent), "{next}");
            assert_eq!(reals.is_null(row), absent || next % 7 == 1, "{next}: what is no number is absent");
            if !absent {
                assert_eq!((names.value(row), wholes.value(row)), (&*format!("銘柄 {}", next % 5), -(next as i64)));
            }
            if !reals.is_null(row) {
                assert_eq!(reals.value(row), next as f64 / 3.0, "to the last digit");
            }
            next += 1;
        }
    }
    assert_eq!(next, rows);
}

fn nullable(batch: &RecordBatch) -> Vec<bool> {
    batch.schema().fields().iter().map(|field| field.is_nullable()).collect()
}

#[tokio::test]
async fn a_parquet_file_has_the_rows_to_the_last_digit_and_the_head_without_its_time() {
    let file = written(table(2_700, &Arc::default())).await;
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes(&file)).unwrap();
    let groups: Vec<i64> = builder.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
    assert_eq!(groups, [ROW_GROUP as i64, ROW_GROUP as i64, 270_000 - 2 * ROW_GROUP as i64]);
    let about = json!({"source": "somebody", "licenceNote": "private use"});
    assert_eq!(serde_json::from_str::<serde_json::Value>(&builder.schema().metadata()[ABOUT]).unwrap(), about);
    let batches: Vec<RecordBatch> = builder.build().unwrap().map(Result::unwrap).collect();
    assert_eq!(nullable(&batches[0]), [false, true, true, true]);
    assert_rows(&batches, 270_000);
}

#[tokio::test]
async fn the_same_rows_are_the_same_bytes_and_others_are_not() {
    let (one, same, other) = (written(table(5, &Arc::default())).await, written(table(5, &Arc::default())).await, {
        written(table(6, &Arc::default())).await
    });
    assert_eq!((bytes(&one), &one.hash), (bytes(&same), &same.hash));
    assert_ne!(one.hash, other.hash);
    assert_eq!(bytes(&one).len() as u64, one.length);
}

#[tokio::test]
async fn an_empty_table_is_a_file_and_a_stream_of_no_rows() {
    let file = written(table(0, &Arc::default())).await;
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes(&file)).unwrap();
    assert_eq!((builder.schema().fields().len(), builder.build().unwrap().count()), (4, 0));
    let stream = to_bytes(arrow(&head(), table(0, &Arc::default())).unwrap(), usize::MAX).await.unwrap();
    assert_eq!(StreamReader::try_new(&*stream, None).unwrap().count(), 0);
}

#[tokio::test]
async fn an_arrow_stream_has_a_batch_for_each_piece_and_the_head_in_its_schema() {
    let stream = to_bytes(arrow(&head(), table(30, &Arc::default())).unwrap(), usize::MAX).await.unwrap();
    let reader = StreamReader::try_new(&*stream, None).unwrap();
    assert!(reader.schema().metadata()[ABOUT].contains("private use"));
    let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
    assert_eq!((batches.len(), nullable(&batches[0])), (30, vec![false, true, true, true]));
    assert_rows(&batches, 3_000);
}

#[tokio::test]
async fn a_stream_that_breaks_off_fails_its_reader() {
    let mut broken = table(3, &Arc::default());
    broken.batches = broken.batches.chain(stream::iter([Err(Problem::not_found(told!("gone", "ありません")))])).boxed();
    assert!(to_bytes(arrow(&head(), broken).unwrap(), usize::MAX).await.is_err());
    let mut broken = table(3, &Arc::default());
    broken.batches = broken.batches.chain(stream::iter([Err(Problem::not_found(told!("gone", "ありません")))])).boxed();
    let refused = write(std::env::temp_dir(), String::new(), broken).await.err().unwrap();
    assert!(format!("{refused:?}").contains("gone"));
}

#[tokio::test]
async fn without_a_place_for_a_file_it_is_unavailable_for_now() {
    let folder = PathBuf::from("/nowhere/at/all");
    let refused = write(folder, String::new(), table(1, &Arc::default())).await.err().unwrap();
    assert!(format!("{refused:?}").contains("503"), "{refused:?}");
}

/// A file of so many bytes, made of a table that counts.
async fn file(files: &Files, tag: &str, pulled: &Arc<AtomicUsize>) -> Arc<Written> {
    let make = |folder| write(folder, String::new(), table(4, pulled));
    files.file(&Tag::of([tag]), make).await.unwrap()
}

#[tokio::test]
async fn those_who_ask_at_once_wait_for_one_to_make_it() {
    let (files, pulled) = (Files::default(), Arc::default());
    let asking = (0..20).map(|_| file(&files, "a", &pulled));
    let got = futures_util::future::join_all(asking).await;
    assert!(got.iter().all(|file| Arc::ptr_eq(file, &got[0])));
    assert_eq!(pulled.load(Ordering::Relaxed), 4, "the table is read once");
    file(&files, "b", &pulled).await;
    assert_eq!(pulled.load(Ordering::Relaxed), 8, "another tag is another file");
}

#[tokio::test]
async fn when_the_one_who_makes_it_goes_away_the_next_one_does() {
    let (files, pulled) = (Files::default(), Arc::default());
    let tag = Tag::of(["a"]);
    let mut never = Box::pin(files.file(&tag, |_| std::future::pending()));
    assert!(futures_util::poll!(never.as_mut()).is_pending());
    let mut next = Box::pin(file(&files, "a", &pulled));
    assert!(futures_util::poll!(next.as_mut()).is_pending(), "he waits");
    drop(never);
    next.await;
    assert_eq!(pulled.load(Ordering::Relaxed), 4);
}

#[tokio::test]
async fn what_could_not_be_made_is_made_by_the_next_who_asks() {
    let (files, pulled) = (Files::default(), Arc::default());
    let failed = files.file(&Tag::of(["a"]), async |_| Err(Problem::not_found(told!("gone", "ありません")))).await;
    assert!(failed.is_err());
    file(&files, "a", &pulled).await;
    assert_eq!(pulled.load(Ordering::Relaxed), 4);
}

#[tokio::test]
async fn a_file_is_kept_for_minutes() {
    let (files, pulled) = (Files::default(), Arc::default());
    file(&files, "a", &pulled).await;
    files.sweep(Instant::now() + Duration::from_secs(290));
    file(&files, "a", &pulled).await;
    assert_eq!(pulled.load(Ordering::Relaxed), 4, "it is there still");
    files.sweep(Instant::now() + Duration::from_secs(300));
    file(&files, "a", &pulled).await;
    assert_eq!(pulled.load(Ordering::Relaxed), 8, "it was too old");
}

#[tokio::test]
async fn only_the_newest_files_are_kept() {
    let (files, pulled) = (Files::default(), Arc::default());
    for number in 0..17 {
        file(&files, &number.to_string(), &pulled).await;
    }
    for kept in ["16", "1"] {
        file(&files, kept, &pulled).await;
    }
    assert_eq!(pulled.load(Ordering::Relaxed), 17 * 4);
    file(&files, "0", &pulled).await;
    assert_eq!(pulled.load(Ordering::Relaxed), 18 * 4);
}

#[tokio::test]
async fn a_file_larger_than_all_that_may_be_kept_is_given_and_not_kept() {
    let (files, pulled) = (Files::default(), Arc::default());
    let kept = file(&files, "kept", &pulled).await;
    let large = async |folder| {
        let mut file = write(folder, String::new(), table(4, &pulled)).await?;
        file.length = 300 * 1024 * 1024;
        Ok(file)
    };
    for _ in 0..2 {
        assert_eq!(files.file(&Tag::of(["large"]), large).await.unwrap().length, 300 * 1024 * 1024);
    }
    assert_eq!(pulled.load(Ordering::Relaxed), 12, "it was made twice");
    assert!(Arc::ptr_eq(&kept, &file(&files, "kept", &pulled).await), "and drove nothing out");
}

#[tokio::test]
async fn making_that_takes_too_long_is_told() {
    let files = Files::new(std::env::temp_dir(), Duration::from_millis(1));
    let refused = files.file(&Tag::of(["a"]), |_| std::future::pending()).await.err().unwrap();
    assert!(format!("{refused:?}").contains("not written within"), "{refused:?}");
}
