//! Files of bars on their way into the database: their rows wait here, in pieces, for the run that loads them.

use std::time::Duration;

use sea_orm::{QueryResult, Value};

use crate::{
    db::{Connection, DbError, Dialect, Places, all, execute, one},
    stock::bar::{Basis, StockCode},
};

/// Pieces in one statement.
const AT_ONCE: usize = 50;
const LONGEST_NAME: usize = 256;
const LONGEST_ACTOR: usize = 128;

/// A file that was read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFile {
    pub id: String,
    pub name: String,
    /// As the reader of files calls it.
    pub layout: String,
    pub basis: Basis,
    pub sha256: String,
    pub bytes: u64,
    pub rows: u64,
}

/// Some rows of a company, compressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub code: StockCode,
    pub country: Option<String>,
    /// From 0.
    pub seq: u32,
    pub body: Vec<u8>,
}

/// Begins to keep a file: nobody sees it before it is [`complete`].
///
/// # Errors
/// What the database says.
pub async fn begin(connection: &impl Connection, id: &str, name: &str, actor: &str) -> Result<(), DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!("INSERT INTO import_file (id, name, actor, created_at) VALUES ($1, $2, $3, {now})");
    let values = [id.into(), cut(name, LONGEST_NAME).into(), cut(actor, LONGEST_ACTOR).into()];
    execute(connection, &sql, values).await.map(drop)
}

/// # Errors
/// What the database says.
pub async fn add(connection: &impl Connection, id: &str, pieces: &[Piece]) -> Result<(), DbError> {
    for some in pieces.chunks(AT_ONCE) {
        let mut sql = "INSERT INTO import_rows (import_id, stock_code, seq, country_code, body) VALUES ".to_owned();
        let mut places = Places::new(Dialect::of(connection));
        let mut values: Vec<Value> = Vec::with_capacity(some.len() * 5);
        for (at, piece) in some.iter().enumerate() {
            sql.push_str(if at == 0 { "" } else { "," });
            places.push_tuple(&mut sql, 5);
            values.extend([
                id.into(),
                piece.code.as_str().into(),
                i32::try_from(piece.seq).unwrap_or(i32::MAX).into(),
                piece.country.clone().into(),
                piece.body.clone().into(),
            ]);
        }
        execute(connection, &sql, values).await?;
    }
    Ok(())
}

/// The file was read to its end.
///
/// # Errors
/// What the database says.
pub async fn complete(connection: &impl Connection, file: &ImportFile) -> Result<(), DbError> {
    let sql = "UPDATE import_file SET layout = $2, basis = $3, sha256 = $4, bytes = $5, rows = $6, complete = true \
               WHERE id = $1";
    let number = |number: u64| Value::from(i64::try_from(number).unwrap_or(i64::MAX));
    let values = [
        file.id.as_str().into(),
        file.layout.as_str().into(),
        file.basis.as_str().into(),
        file.sha256.as_str().into(),
        number(file.bytes),
        number(file.rows),
    ];
    execute(connection, sql, values).await.map(drop)
}

/// A file that was read to its end and is still kept.
///
/// # Errors
/// What the database says.
pub async fn find(connection: &impl Connection, id: &str) -> Result<Option<ImportFile>, DbError> {
    let sql = "SELECT id, name, layout, basis, sha256, bytes, rows FROM import_file WHERE id = $1 AND complete";
    one(connection, sql, [id.into()]).await?.as_ref().map(file).transpose()
}

fn file(row: &QueryResult) -> Result<ImportFile, DbError> {
    let basis: String = row.try_get("", "basis")?;
    let number = |column: &str| row.try_get::<i64>("", column).map(i64::unsigned_abs);
    Ok(ImportFile {
        id: row.try_get("", "id")?,
        name: row.try_get("", "name")?,
        layout: row.try_get("", "layout")?,
        basis: Basis::from_name(&basis).ok_or_else(|| DbError::Type(format!("unknown basis {basis:?}")))?,
        sha256: row.try_get("", "sha256")?,
        bytes: number("bytes")?,
        rows: number("rows")?,
    })
}

/// The stock codes whose rows are still to load.
///
/// # Errors
/// What the database says.
pub async fn codes(connection: &impl Connection, id: &str) -> Result<Vec<String>, DbError> {
    let sql = "SELECT DISTINCT stock_code FROM import_rows WHERE import_id = $1 ORDER BY stock_code";
    all(connection, sql, [id.into()]).await?.iter().map(|row| row.try_get("", "stock_code")).collect()
}

/// The pieces of a company, in their order.
///
/// # Errors
/// What the database says.
pub async fn pieces(connection: &impl Connection, id: &str, code: &StockCode) -> Result<Vec<Piece>, DbError> {
    let sql = "SELECT seq, country_code, body FROM import_rows WHERE import_id = $1 AND stock_code = $2 ORDER BY seq";
    let rows = all(connection, sql, [id.into(), code.as_str().into()]).await?;
    let piece = |row: &QueryResult| {
        Ok(Piece {
            code: code.clone(),
            country: row.try_get("", "country_code")?,
            seq: row.try_get::<i32>("", "seq")?.unsigned_abs(),
            body: row.try_get("", "body")?,
        })
    };
    rows.iter().map(piece).collect()
}

/// The rows of a company need not wait any more.
///
/// # Errors
/// What the database says.
pub async fn remove_rows(connection: &impl Connection, id: &str, code: &StockCode) -> Result<(), DbError> {
    let sql = "DELETE FROM import_rows WHERE import_id = $1 AND stock_code = $2";
    execute(connection, sql, [id.into(), code.as_str().into()]).await.map(drop)
}

/// Forgets a file with all its rows.
///
/// # Errors
/// What the database says.
pub async fn remove(connection: &impl Connection, id: &str) -> Result<(), DbError> {
    execute(connection, "DELETE FROM import_rows WHERE import_id = $1", [id.into()]).await?;
    execute(connection, "DELETE FROM import_file WHERE id = $1", [id.into()]).await.map(drop)
}

/// Forgets files whose reading was never finished after `unfinished`, and all others with the rows that nobody loaded
/// after `kept`. Gives how many files.
///
/// # Errors
/// What the database says.
pub async fn purge(connection: &impl Connection, unfinished: Duration, kept: Duration) -> Result<u64, DbError> {
    let dialect = Dialect::of(connection);
    let old = format!(
        "created_at < {} OR (NOT complete AND created_at < {})",
        dialect.now_minus(kept),
        dialect.now_minus(unfinished)
    );
    let rows = format!("DELETE FROM import_rows WHERE import_id IN (SELECT id FROM import_file WHERE {old})");
    execute(connection, &rows, []).await?;
    execute(connection, &format!("DELETE FROM import_file WHERE {old}"), []).await
}

/// PostgreSQL's text has no NUL.
fn cut(text: &str, most: usize) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(most).collect()
}
