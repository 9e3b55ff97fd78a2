//! What is there of some companies' sessions, and what is missing: counted first, and dates read only where the count
//! shows that one is missing.

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    db::{Connection, DbError},
    stock::{
        bar::{CompanyId, Days},
        calendar::{Calendar, Calendars},
        company::Company,
        coverage::{Extent, Gap, SessionList, expected, gaps},
        store::{
            bars,
            coverage::{Counted, counted},
            series::{self, Series},
        },
    },
};

/// The coverage of one company.
#[derive(Clone, Debug)]
pub(super) struct Report {
    pub company: Company,
    pub series: Series,
    pub counted: Option<Counted>,
    pub sessions_expected: usize,
    /// Of those expected.
    pub sessions_present: usize,
    pub gaps: Vec<Gap>,
    /// Rows of days that the exchange has closed since they were stored.
    pub unexpected: Vec<NaiveDate>,
    /// It lacks the newest final session, by the same rule as the metric.
    pub stale: bool,
}

/// The reports of these companies, in their order.
///
/// # Errors
/// What the database says.
pub(super) async fn reports(
    connection: &impl Connection,
    calendars: &Calendars,
    companies: Vec<Company>,
    now: DateTime<Utc>,
) -> Result<Vec<Report>, DbError> {
    let ids: Vec<&CompanyId> = companies.iter().map(|company| &company.company_id).collect();
    let (mut series, rows) = (series::of(connection, &ids).await?, counted(connection, &ids).await?);
    let mut measured = Vec::with_capacity(companies.len());
    for company in companies {
        let series = series.remove(company.company_id.as_str()).unwrap_or_default();
        let counted = rows.get(&company.company_id).copied();
        let calendar = company.market().map(|market| calendars.of(market));
        measured.push(Measured::new(company, series, counted, calendar, now));
    }
    let lists = calendars.each().map(|calendar| (calendar.market(), session_list(calendar, &measured)));
    let mut reports = Vec::with_capacity(measured.len());
    for one in measured {
        let list = lists.iter().find(|(market, _)| Some(*market) == one.company.market());
        reports.push(one.report(connection, list.and_then(|(_, list)| list.as_ref())).await?);
    }
    Ok(reports)
}

/// The sessions of all that is expected of the market's companies; none when nothing is.
fn session_list(calendar: &Calendar, measured: &[Measured]) -> Option<SessionList> {
    let of_it = |one: &&Measured| one.company.market() == Some(calendar.market());
    let days = measured.iter().filter(of_it).filter_map(|one| one.expected);
    let all = days.reduce(|all, days| Days { from: all.from.min(days.from), to: all.to.max(days.to) })?;
    Some(SessionList::new(calendar, all))
}

/// A company before its gaps are looked for.
struct Measured {
    company: Company,
    series: Series,
    counted: Option<Counted>,
    expected: Option<Days>,
    stale: bool,
}

impl Measured {
    fn new(
        company: Company,
        series: Series,
        counted: Option<Counted>,
        calendar: Option<&Calendar>,
        now: DateTime<Utc>,
    ) -> Self {
        let (first, newest) = (counted.map(|rows| rows.first), counted.map(|rows| rows.newest));
        let extent = Extent { first, newest, covered: series.covered };
        let newest_final = calendar.map(|calendar| calendar.newest_final_session(now));
        let expected = newest_final.and_then(|newest_final| expected(&company, &extent, newest_final));
        let stale = newest_final.is_some_and(|newest| company.is_stale(series.covered, newest));
        Self { company, series, counted, expected, stale }
    }

    async fn report(self, connection: &impl Connection, list: Option<&SessionList>) -> Result<Report, DbError> {
        let Self { company, series, counted, expected, stale } = self;
        let (mut sessions_expected, mut missing, mut unexpected) = (0, Vec::new(), Vec::new());
        if let (Some(days), Some(list)) = (expected, list) {
            let sessions = list.within(days);
            sessions_expected = sessions.len();
            let complete = counted.is_some_and(|rows| list.is_complete(days, rows.rows, (rows.first, rows.newest)));
            if !complete {
                let present: Vec<NaiveDate> = match counted {
                    Some(_) => bars::dates(connection, &company.company_id, days).await?,
                    None => Vec::new(),
                };
                missing = gaps(sessions, &present);
                unexpected = list.unexpected(&present);
            }
        }
        let absent: usize = missing.iter().map(|gap| gap.sessions).sum();
        let sessions_present = sessions_expected - absent;
        Ok(Report { company, series, counted, sessions_expected, sessions_present, gaps: missing, unexpected, stale })
    }
}
