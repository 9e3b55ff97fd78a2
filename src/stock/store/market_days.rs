//! What exchanges say of their own trading days, and when they were last asked.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::QueryResult;

use crate::{
    db::{Connection, DbError, Dialect, all, execute},
    stock::{
        bar::Days,
        calendar::{Calendar, Calendars, Market, MarketDay},
    },
};

/// Nobody is asked again for so long: a day, less than which the next daily run never begins, whatever its delay.
const ASKED_AGAIN_AFTER: Duration = Duration::from_hours(20);

/// What an exchange's calendar says of a range of days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// The days it speaks of: nothing said of them before counts any more.
    pub days: Days,
    /// Those that are otherwise than in the table.
    pub differing: Vec<MarketDay>,
}

/// The calendar of every market: one small statement.
///
/// # Errors
/// What the database says.
pub async fn calendars(connection: &impl Connection) -> Result<Calendars, DbError> {
    let sql = "SELECT c.country_code, c.known_until, d.day, d.is_session FROM market_calendar c \
               LEFT JOIN market_day d ON d.country_code = c.country_code";
    let mut said: BTreeMap<String, (Option<NaiveDate>, Vec<MarketDay>)> = BTreeMap::new();
    for row in all(connection, sql, []).await? {
        let (_, days) = said.entry(row.try_get_by_index(0)?).or_insert((row.try_get_by_index(1)?, Vec::new()));
        days.extend(day(&row)?);
    }
    // Of a country that an earlier or later version knew, nothing is asked here.
    let known = said.into_iter().filter_map(|(country, said)| Some((Market::of_country(&country)?, said)));
    Ok(known.fold(Calendars::embedded(), |calendars, (market, (known_until, days))| {
        calendars.with(Calendar::announced(market, days, known_until))
    }))
}

fn day(row: &QueryResult) -> Result<Option<MarketDay>, DbError> {
    let (date, is_open): (Option<NaiveDate>, Option<bool>) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
    Ok(date.zip(is_open).map(|(date, is_open)| MarketDay { date, is_open }))
}

/// Whether the market's calendar is to be asked for now; then nobody else is told so for a day, over all replicas.
///
/// # Errors
/// What the database says.
pub async fn claim(connection: &impl Connection, market: Market) -> Result<bool, DbError> {
    let dialect = Dialect::of(connection);
    let (now, before) = (dialect.now(), dialect.now_minus(ASKED_AGAIN_AFTER));
    let sql = format!(
        "INSERT INTO market_calendar (country_code, asked_at) VALUES ($1, {now}) \
         ON CONFLICT (country_code) DO UPDATE SET asked_at = excluded.asked_at \
         WHERE market_calendar.asked_at < {before}"
    );
    Ok(execute(connection, &sql, [market.country().into()]).await? > 0)
}

/// Lets the next one ask who wants to: who was told to did not.
///
/// # Errors
/// What the database says.
pub async fn release(connection: &impl Connection, market: Market) -> Result<(), DbError> {
    let sql = "UPDATE market_calendar SET asked_at = $2 WHERE country_code = $1";
    execute(connection, sql, [market.country().into(), DateTime::<Utc>::UNIX_EPOCH.into()]).await.map(drop)
}

/// Writes down what the exchange says, in place of what it said before of these days. Given a transaction.
///
/// # Errors
/// What the database says.
pub async fn save(
    connection: &impl Connection,
    market: Market,
    source: &str,
    said: &Announcement,
) -> Result<(), DbError> {
    let dialect = Dialect::of(connection);
    let (country, now, Days { from, to }) = (market.country(), dialect.now(), said.days);
    // Its row is the lock of those who write the days. What was known once stays known.
    let sql = format!(
        "INSERT INTO market_calendar (country_code, asked_at, source, known_until, fetched_at) \
         VALUES ($1, {now}, $2, $3, {now}) ON CONFLICT (country_code) DO UPDATE SET source = excluded.source, \
         fetched_at = excluded.fetched_at, known_until = CASE WHEN market_calendar.known_until > excluded.known_until \
         THEN market_calendar.known_until ELSE excluded.known_until END"
    );
    execute(connection, &sql, [country.into(), source.into(), to.into()]).await?;
    let sql = "DELETE FROM market_day WHERE country_code = $1 AND day BETWEEN $2 AND $3";
    execute(connection, sql, [country.into(), from.into(), to.into()]).await?;
    let rows = dialect.rows("$3", &[("day", "date"), ("is_session", "boolean")]);
    let sql = format!(
        "INSERT INTO market_day (country_code, day, is_session, source, fetched_at) \
         SELECT $1, r.day, r.is_session, $2, {now} FROM {rows}"
    );
    let rows: Vec<_> =
        said.differing.iter().map(|day| serde_json::json!({"day": day.date, "is_session": day.is_open})).collect();
    let rows = serde_json::Value::from(rows).to_string();
    execute(connection, &sql, [country.into(), source.into(), rows.into()]).await.map(drop)
}
