//! The company master.

use sea_orm::{QueryResult, Value};

use crate::{
    db::{Connection, DbError, Dialect, Places, all, execute, one},
    stock::{
        bar::{CompanyId, StockCode},
        company::{Company, CompanyStatus},
    },
};

/// What [`company`] reads.
pub(super) const COLUMNS: &str = "company_id, company_name, stock_code, country_code, listed_market, foundation_date, longitude, \
     latitude, status, listed_from, listed_to";

/// Companies of one statement.
const CHUNK: usize = 500;

/// What became of a company given to [`upsert`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upserted {
    Inserted,
    Updated,
    Unchanged,
}

/// The company of a stock code; where two countries have one, the first by id.
///
/// # Errors
/// What the database says.
pub async fn find_by_code(connection: &impl Connection, code: &StockCode) -> Result<Option<Company>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM company WHERE stock_code = $1 ORDER BY company_id LIMIT 1");
    one(connection, &sql, [code.as_str().into()]).await?.as_ref().map(company).transpose()
}

/// The company of a stock code in a country.
///
/// # Errors
/// What the database says.
pub async fn find_by_code_in(
    connection: &impl Connection,
    code: &StockCode,
    country: &str,
) -> Result<Option<Company>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM company WHERE stock_code = $1 AND country_code = $2");
    one(connection, &sql, [code.as_str().into(), country.into()]).await?.as_ref().map(company).transpose()
}

/// The company of a code as [`find_by_code`] gives it, for a change: nobody else changes the company until the transaction ends.
///
/// # Errors
/// What the database says.
pub async fn lock_by_code(connection: &impl Connection, code: &StockCode) -> Result<Option<Company>, DbError> {
    let lock = Dialect::of(connection).for_update();
    let sql = format!("SELECT {COLUMNS} FROM company WHERE stock_code = $1 ORDER BY company_id LIMIT 1 {lock}");
    one(connection, &sql, [code.as_str().into()]).await?.as_ref().map(company).transpose()
}

/// # Errors
/// What the database says.
pub async fn find_by_id(connection: &impl Connection, id: &CompanyId) -> Result<Option<Company>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM company WHERE company_id = $1");
    one(connection, &sql, [id.as_str().into()]).await?.as_ref().map(company).transpose()
}

/// All companies, also those no longer watched, by id.
///
/// # Errors
/// What the database says.
pub async fn list(connection: &impl Connection) -> Result<Vec<Company>, DbError> {
    after(connection, None, None).await
}

/// The same: those behind `after` where it is given, and `limit` of them where that is.
///
/// # Errors
/// What the database says.
pub async fn after(
    connection: &impl Connection,
    after: Option<&CompanyId>,
    limit: Option<u32>,
) -> Result<Vec<Company>, DbError> {
    // The order of bytes in both databases, whatever PostgreSQL's collation is.
    let id = match Dialect::of(connection) {
        Dialect::Postgres => "company_id COLLATE \"C\"",
        Dialect::Sqlite => "company_id",
    };
    let condition = after.map_or_else(String::new, |_| format!("WHERE {id} > $1"));
    let limit = limit.map_or_else(String::new, |limit| format!("LIMIT {limit}"));
    let sql = format!("SELECT {COLUMNS} FROM company {condition} ORDER BY {id} {limit}");
    all(connection, &sql, after.map(|id| id.as_str().into())).await?.iter().map(company).collect()
}

/// The companies of a country by id, for a change: nobody else changes them until the transaction ends.
///
/// # Errors
/// What the database says.
pub async fn lock_of_country(connection: &impl Connection, country: &str) -> Result<Vec<Company>, DbError> {
    let lock = Dialect::of(connection).for_update();
    let sql = format!("SELECT {COLUMNS} FROM company WHERE country_code = $1 ORDER BY company_id {lock}");
    all(connection, &sql, [country.into()]).await?.iter().map(company).collect()
}

/// Adds a company. False when its id, or its code within the country, is taken.
///
/// # Errors
/// What the database says.
pub async fn insert(connection: &impl Connection, new: &Company) -> Result<bool, DbError> {
    let sql = format!(
        "INSERT INTO company ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING"
    );
    Ok(execute(connection, &sql, values(new)).await? == 1)
}

/// Adds a company or brings the one of its id up to date; `upd_ts` moves only when a value differs.
///
/// # Errors
/// What the database says; also when the code belongs to another id.
pub async fn upsert(connection: &impl Connection, company: &Company) -> Result<Upserted, DbError> {
    let Some(stored) = find_by_id(connection, &company.company_id).await? else {
        return if insert(connection, company).await? {
            Ok(Upserted::Inserted)
        } else {
            Err(DbError::Custom(format!("stock code {} belongs to another company id", company.stock_code)))
        };
    };
    if stored == *company {
        return Ok(Upserted::Unchanged);
    }
    update(connection, company).await?;
    Ok(Upserted::Updated)
}

/// Brings the company of the id up to date.
///
/// # Errors
/// What the database says; also when the code belongs to another id.
pub async fn update(connection: &impl Connection, company: &Company) -> Result<(), DbError> {
    let now = Dialect::of(connection).timestamp_now();
    let sql = format!(
        "UPDATE company SET company_name = $2, stock_code = $3, country_code = $4, listed_market = $5, \
         foundation_date = $6, longitude = $7, latitude = $8, status = $9, listed_from = $10, listed_to = $11, \
         upd_ts = {now} WHERE company_id = $1"
    );
    execute(connection, &sql, values(company)).await.map(drop)
}

/// Adds many companies, none of which is there.
///
/// # Errors
/// What the database says; also when an id, or a code within its country, is taken.
pub async fn insert_all(connection: &impl Connection, new: &[Company]) -> Result<(), DbError> {
    for chunk in new.chunks(CHUNK) {
        let mut sql = format!("INSERT INTO company ({COLUMNS}) VALUES ");
        let mut places = Places::new(Dialect::of(connection));
        for row in 0..chunk.len() {
            sql.push_str(if row == 0 { "" } else { "," });
            places.push_tuple(&mut sql, 11);
        }
        execute(connection, &sql, chunk.iter().flat_map(values)).await?;
    }
    Ok(())
}

/// # Errors
/// What the database says.
pub async fn set_status(connection: &impl Connection, id: &CompanyId, status: CompanyStatus) -> Result<(), DbError> {
    let now = Dialect::of(connection).timestamp_now();
    let sql = format!("UPDATE company SET status = $1, upd_ts = {now} WHERE company_id = $2 AND status <> $1");
    execute(connection, &sql, [status.as_str().into(), id.as_str().into()]).await.map(drop)
}

/// The id after the greatest four-digit one: `0005`.
///
/// # Errors
/// What the database says.
pub async fn next_id(connection: &impl Connection) -> Result<CompanyId, DbError> {
    let rows = all(connection, "SELECT company_id FROM company", []).await?;
    let mut greatest = 0;
    for row in rows {
        let id: String = row.try_get("", "company_id")?;
        greatest = greatest.max(id.parse::<u32>().unwrap_or(0));
    }
    CompanyId::parse(&format!("{:04}", greatest + 1)).map_err(|e| DbError::Type(e.to_string()))
}

fn values(company: &Company) -> [Value; 11] {
    [
        company.company_id.as_str().into(),
        company.company_name.as_str().into(),
        company.stock_code.as_str().into(),
        company.country_code.as_str().into(),
        company.listed_market.as_str().into(),
        company.foundation_date.into(),
        company.longitude.into(),
        company.latitude.into(),
        company.status.as_str().into(),
        company.listed_from.into(),
        company.listed_to.into(),
    ]
}

pub(super) fn company(row: &QueryResult) -> Result<Company, DbError> {
    let wrong = |e: &dyn std::fmt::Display| DbError::Type(e.to_string());
    let status: String = row.try_get("", "status")?;
    Ok(Company {
        company_id: CompanyId::parse(&row.try_get::<String>("", "company_id")?).map_err(|e| wrong(&e))?,
        company_name: row.try_get("", "company_name")?,
        stock_code: StockCode::parse(&row.try_get::<String>("", "stock_code")?).map_err(|e| wrong(&e))?,
        country_code: row.try_get("", "country_code")?,
        listed_market: row.try_get("", "listed_market")?,
        foundation_date: row.try_get("", "foundation_date")?,
        longitude: row.try_get("", "longitude")?,
        latitude: row.try_get("", "latitude")?,
        status: CompanyStatus::parse(&status).ok_or_else(|| wrong(&format!("unknown status {status:?}")))?,
        listed_from: row.try_get("", "listed_from")?,
        listed_to: row.try_get("", "listed_to")?,
    })
}
