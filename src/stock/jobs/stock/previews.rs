//! Which gaps a run would fill, company by company, without asking any source.

use chrono::NaiveDate;

use super::{
    keys::by_code,
    missing::{in_words, missing},
    need::Wanted,
};
use crate::{
    db::{Connection, DbError},
    jobs::Preview,
    stock::{
        bar::{CompanyId, Days},
        calendar::{Calendar, Calendars},
        company::Company,
        coverage::{Extent, SessionList, expected},
        store::{
            bars,
            coverage::{Counted, counted},
            series::{self, Series},
        },
    },
};

/// Companies counted at once.
const PAGE: usize = 500;

/// A market with what a run wants of it.
struct Of<'a> {
    calendar: &'a Calendar,
    wanted: Wanted,
    sources: String,
    sessions: SessionList,
}

/// The gaps of each of these companies, in words; those without any are left out. Only of companies that lack a row are
/// the dates read.
///
/// # Errors
/// What the database says.
pub async fn gap_previews(
    connection: &impl Connection,
    codes: &[String],
    calendars: &Calendars,
    wanted: impl Fn(&Calendar) -> Wanted,
    sources: impl Fn(&Calendar) -> String,
) -> Result<Vec<Preview>, DbError> {
    let by_code = by_code(connection).await?;
    let markets = calendars.each().map(|calendar| {
        let wanted = wanted(calendar);
        let since = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap_or_default();
        let sessions = SessionList::new(calendar, Days { from: since, to: wanted.newest_final });
        Of { calendar, wanted, sources: sources(calendar), sessions }
    });
    let mut previews = Vec::new();
    for page in codes.chunks(PAGE) {
        let asked: Vec<&Company> = page.iter().filter_map(|code| by_code.get(code)).collect();
        let ids: Vec<&CompanyId> = asked.iter().map(|company| &company.company_id).collect();
        let (rows, series) = (counted(connection, &ids).await?, series::of(connection, &ids).await?);
        for company in asked {
            let known = series.get(company.company_id.as_str()).cloned().unwrap_or_default();
            let rows = rows.get(&company.company_id);
            if let Some(message) = message(connection, company, &known, rows, &markets).await? {
                previews.push(Preview { key: company.stock_code.to_string(), message });
            }
        }
    }
    Ok(previews)
}

async fn message(
    connection: &impl Connection,
    company: &Company,
    series: &Series,
    rows: Option<&Counted>,
    markets: &[Of<'_>],
) -> Result<Option<String>, DbError> {
    let of = company.market().and_then(|market| markets.iter().find(|of| of.calendar.market() == market));
    let Some(Of { calendar, wanted, sources, sessions }) = of else {
        return Ok(Some(format!("cannot be fetched: no calendar for the country {:?}", company.country_code)));
    };
    let dates = match rows {
        Some(rows) => {
            let extent = Extent { first: Some(rows.first), newest: Some(rows.newest), covered: series.covered };
            let whole = expected(company, &extent, wanted.newest_final);
            let complete = |days| sessions.is_complete(days, rows.rows, (rows.first, rows.newest));
            if wanted.from.is_none_or(|from| from >= rows.first) && whole.is_some_and(complete) {
                return Ok(None);
            }
            bars::dates(connection, &company.company_id, Days { from: rows.first, to: rows.newest }).await?
        }
        None => Vec::new(),
    };
    let pieces = missing(company, calendar, series, wanted, &dates);
    Ok((!pieces.is_empty()).then(|| format!("{} from {sources}", in_words(&pieces))))
}
