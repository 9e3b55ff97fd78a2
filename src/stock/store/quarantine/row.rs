//! A row that was not loaded, as it is stored.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::QueryResult;

use crate::{
    db::DbError,
    stock::{
        bar::{Bar, Basis, CompanyId},
        store::bars::{VALUES, bar},
    },
};

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody has decided yet.
    Held,
    /// Its bar was loaded.
    Accepted,
    /// It stays out for good.
    Discarded,
}

impl State {
    pub const ALL: [Self; 3] = [Self::Held, Self::Accepted, Self::Discarded];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Accepted => "accepted",
            Self::Discarded => "discarded",
        }
    }

    fn parse(name: &str) -> Result<Self, DbError> {
        let found = Self::ALL.into_iter().find(|state| state.as_str() == name);
        found.ok_or_else(|| DbError::Type(format!("unknown state {name:?}")))
    }
}

/// A row that was not loaded.
#[derive(Clone, Debug, PartialEq)]
pub struct Quarantined {
    /// A UUIDv7: sorts by when the row was first met.
    pub id: String,
    pub company_id: CompanyId,
    /// None when the company is in the master no more.
    pub stock_code: Option<String>,
    pub company_name: Option<String>,
    pub source: String,
    /// The day of the row, where it could be read.
    pub date: Option<NaiveDate>,
    /// Its values and what they are adjusted for, where the whole row could be read.
    pub bar: Option<(Bar, Basis)>,
    pub raw: String,
    pub reason: String,
    /// The run that first met it.
    pub run_id: String,
    pub created_at: DateTime<Utc>,
    pub state: State,
    pub decided_at: Option<DateTime<Utc>>,
    pub decided_by: Option<String>,
    pub note: String,
}

/// A statement up to its conditions; the date and the values come first.
pub(super) fn select() -> String {
    let values = VALUES.split(", ").map(|name| format!("q.{name}")).collect::<Vec<_>>().join(", ");
    format!(
        "SELECT q.date, {values}, q.id, q.company_id, q.source, q.basis, q.raw, q.reason, q.run_id, q.created_at, \
         q.state, q.decided_at, q.decided_by, q.note, c.stock_code, c.company_name \
         FROM stockprice_quarantine q LEFT JOIN company c ON c.company_id = q.company_id"
    )
}

pub(super) fn quarantined(row: &QueryResult) -> Result<Quarantined, DbError> {
    let wrong = |e: &dyn std::fmt::Display| DbError::Type(e.to_string());
    let date: Option<NaiveDate> = row.try_get_by_index(0)?;
    let basis: Option<String> = row.try_get("", "basis")?;
    let basis = basis.map(|name| Basis::from_name(&name).ok_or(DbError::Type(name))).transpose()?;
    let bar = match (date, basis) {
        (Some(date), Some(basis)) => Some((bar(date, row)?, basis)),
        _ => None,
    };
    Ok(Quarantined {
        id: row.try_get("", "id")?,
        company_id: CompanyId::parse(&row.try_get::<String>("", "company_id")?).map_err(|e| wrong(&e))?,
        stock_code: row.try_get("", "stock_code")?,
        company_name: row.try_get("", "company_name")?,
        source: row.try_get("", "source")?,
        date,
        bar,
        raw: row.try_get("", "raw")?,
        reason: row.try_get("", "reason")?,
        run_id: row.try_get("", "run_id")?,
        created_at: row.try_get("", "created_at")?,
        state: State::parse(&row.try_get::<String>("", "state")?)?,
        decided_at: row.try_get("", "decided_at")?,
        decided_by: row.try_get("", "decided_by")?,
        note: row.try_get("", "note")?,
    })
}
