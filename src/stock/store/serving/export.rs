//! Bars of many companies: by stock code, then by date. A statement reads a piece over as many companies as have one
//! piece's sessions within the days, so that a day of a whole market is one statement, as is a year of a few companies.

use std::{collections::HashMap, sync::Arc};

use chrono::NaiveDate;
use futures_util::stream::{self, StreamExt as _};
use sea_orm::{QueryResult, Value};
use serde_json::json;

use super::stream::Pieces;
use crate::{
    db::{Connection, DbError, Dialect, View, all},
    stock::{
        bar::{Bar, CompanyId, Days, StockCode},
        store::bars::{VALUES, bar},
    },
};

/// Sessions read at once: more than a market has companies.
const PIECE: usize = 5_000;

/// A company whose bars are to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub company_id: CompanyId,
    pub stock_code: StockCode,
    pub company_name: String,
    /// Grows with every change of the company's bars.
    pub version: i64,
}

/// A bar of one of the companies.
#[derive(Clone, Debug, PartialEq)]
pub struct CompanyBar {
    /// Which of the companies.
    pub company: usize,
    pub bar: Bar,
    pub source: Option<Arc<str>>,
}

/// Companies and the days wanted of them.
#[derive(Clone, Debug)]
pub struct Export {
    pub companies: Arc<[Listed]>,
    pub days: Days,
}

/// The companies of these codes, or all there are, watched or not: by code, then by id, in the order of bytes.
///
/// # Errors
/// What the database says.
pub async fn listed(connection: &impl Connection, codes: Option<&[StockCode]>) -> Result<Vec<Listed>, DbError> {
    let dialect = Dialect::of(connection);
    let order = match dialect {
        Dialect::Postgres => "c.stock_code COLLATE \"C\", c.company_id COLLATE \"C\"",
        Dialect::Sqlite => "c.stock_code, c.company_id",
    };
    let (condition, values): (String, Vec<Value>) = match codes {
        Some(codes) => {
            let codes: Vec<&str> = codes.iter().map(StockCode::as_str).collect();
            (format!("WHERE c.stock_code IN {}", dialect.texts("$1")), vec![json!(codes).to_string().into()])
        }
        None => (String::new(), Vec::new()),
    };
    let sql = format!(
        "SELECT c.company_id, c.stock_code, c.company_name, COALESCE(s.version, 0) FROM company c \
         LEFT JOIN stockprice_series s ON s.company_id = c.company_id {condition} ORDER BY {order}"
    );
    all(connection, &sql, values).await?.iter().map(company).collect()
}

fn company(row: &QueryResult) -> Result<Listed, DbError> {
    let wrong = |e: &dyn std::fmt::Display| DbError::Type(e.to_string());
    Ok(Listed {
        company_id: CompanyId::parse(&row.try_get_by_index::<String>(0)?).map_err(|e| wrong(&e))?,
        stock_code: StockCode::parse(&row.try_get_by_index::<String>(1)?).map_err(|e| wrong(&e))?,
        company_name: row.try_get_by_index(2)?,
        version: row.try_get_by_index(3)?,
    })
}

impl Export {
    /// Whether there cannot be more bars than one statement reads.
    #[must_use]
    pub fn is_one_piece(&self) -> bool {
        self.companies.len().saturating_mul(calendar_days(self.days)) < PIECE
    }

    /// About how many bars there are at most.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.companies.len().saturating_mul(weekdays(self.days))
    }

    /// The bars, in pieces of bounded size.
    #[must_use]
    pub fn bars(self, view: &Arc<View>) -> Pieces<CompanyBar> {
        let start = (!self.companies.is_empty()).then_some(At { company: 0, day: self.days.from });
        let reader = Arc::new(Reader { sql: sql(view.dialect()), view: Arc::clone(view), export: self });
        stream::try_unfold(start, move |at| {
            let reader = Arc::clone(&reader);
            async move {
                let mut at = at;
                while let Some(from) = at {
                    let (piece, next) = reader.piece(from).await?;
                    if !piece.is_empty() {
                        return Ok(Some((piece, next)));
                    }
                    at = next;
                }
                Ok(None)
            }
        })
        .boxed()
    }

    /// The names of the sources of the bars, each once, by name.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sources(&self, view: &View) -> Result<Vec<String>, DbError> {
        let sql = format!("SELECT DISTINCT p.source {}", from(view.dialect(), "OFFSET 0"));
        let wanted = self.wanted(At { company: 0, day: self.days.from }, self.companies.len());
        let rows = view.all(&sql, self.values(wanted)).await?;
        let names = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<Vec<Option<String>>, _>>()?;
        let mut names: Vec<String> = names.into_iter().flatten().collect();
        names.sort_unstable();
        Ok(names)
    }

    /// The parameters of [`from`].
    fn values(&self, wanted: String) -> [Value; 3] {
        [wanted.into(), self.days.to.into(), self.days.from.max(earliest()).into()]
    }

    /// Companies from a place on, each with its number and the first day wanted, as a parameter.
    fn wanted(&self, at: At, end: usize) -> String {
        let first = |company| (if company == at.company { at.day } else { self.days.from }).max(earliest());
        let row = |company: usize| {
            let id = self.companies[company].company_id.as_str();
            json!({"n": company, "id": id, "since": first(company)})
        };
        serde_json::Value::from_iter((at.company..end).map(row)).to_string()
    }
}

/// As text, PostgreSQL knows days from year 1 on.
fn earliest() -> NaiveDate {
    NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or_default()
}

/// Where the next piece begins.
#[derive(Clone, Copy)]
struct At {
    company: usize,
    day: NaiveDate,
}

struct Reader {
    view: Arc<View>,
    export: Export,
    sql: String,
}

impl Reader {
    /// The next piece, and where the one after it begins.
    async fn piece(&self, at: At) -> Result<(Vec<CompanyBar>, Option<At>), DbError> {
        let Export { companies, days } = &self.export;
        let at_once = (PIECE / weekdays(*days)).max(1);
        let end = (at.company + at_once).min(companies.len());
        let wanted = self.export.wanted(at, end);
        let rows = self.view.all(&self.sql, self.export.values(wanted)).await?;
        let mut names = HashMap::new();
        let bars = rows.iter().map(|row| company_bar(row, &mut names)).collect::<Result<Vec<_>, _>>()?;
        let next = match bars.last().filter(|_| bars.len() == PIECE) {
            None => At { company: end, day: days.from },
            Some(last) => match last.bar.date.succ_opt().filter(|day| *day <= days.to) {
                Some(day) => At { company: last.company, day },
                None => At { company: last.company + 1, day: days.from },
            },
        };
        Ok((bars, (next.company < companies.len()).then_some(next)))
    }
}

fn sql(dialect: Dialect) -> String {
    let from = from(dialect, &format!("ORDER BY date LIMIT {PIECE}"));
    format!("SELECT p.date, {VALUES}, r.n, p.source {from} ORDER BY r.n, p.date LIMIT {PIECE}")
}

/// The companies first, then each one's days by the key. PostgreSQL would rather read the whole table where it knows
/// little of it: `cut`, which ends a subquery for each company, leaves it no choice. `$3`, the first day wanted of any,
/// says before all companies are looked at which partitions are not.
fn from(dialect: Dialect, cut: &str) -> String {
    let wanted = dialect.rows("$1", &[("n", "bigint"), ("id", "text"), ("since", "date")]);
    let key = "company_id = r.id AND date >= r.since AND date <= $2";
    match dialect {
        Dialect::Postgres => {
            format!("FROM {wanted} CROSS JOIN LATERAL (SELECT * FROM stockprice WHERE {key} AND date >= $3 {cut}) p")
        }
        // The plus keeps the condition away from the index, where the company's own first day does more.
        Dialect::Sqlite => format!("FROM {wanted} CROSS JOIN stockprice p WHERE {key} AND +date >= $3"),
    }
}

fn company_bar(row: &QueryResult, names: &mut HashMap<String, Arc<str>>) -> Result<CompanyBar, DbError> {
    let company: i64 = row.try_get_by_index(6)?;
    let source: Option<String> = row.try_get_by_index(7)?;
    let source = source.map(|name| Arc::clone(names.entry(name).or_insert_with_key(|name| name.as_str().into())));
    let company = usize::try_from(company).map_err(|e| DbError::Type(e.to_string()))?;
    Ok(CompanyBar { company, bar: bar(row.try_get_by_index(0)?, row)?, source })
}

fn calendar_days(days: Days) -> usize {
    usize::try_from((days.to - days.from).num_days().max(0)).unwrap_or(usize::MAX).saturating_add(1)
}

/// Five sessions in seven days. Where there are more of them, as on the Saturdays of old, a piece ends sooner.
fn weekdays(days: Days) -> usize {
    let days = calendar_days(days);
    (days / 7 * 5).saturating_add((days % 7).min(5))
}
