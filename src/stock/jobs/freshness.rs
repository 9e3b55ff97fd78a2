//! How fresh the stored data are, told to the metrics and to whoever measures.

use std::{collections::BTreeMap, fmt};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::stock::StockJob;
use crate::{
    db::{Connection, DbError},
    jobs::{
        TickOutcome,
        store::{TickFilter, list_ticks},
    },
    metrics::Metrics,
    stock::{
        calendar::{Calendar, Delays},
        company::CompanyStatus,
        loading::PUBLISHED_AFTER,
        sources::SourceName,
        store::{companies, differences, market_days, series},
    },
};

/// What a due instant of the job asks for is stored so long after it, retries included.
const GRACE: TimeDelta = TimeDelta::hours(3);

/// Whether the companies of a country have what the job should have brought by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// `JP`, `US`.
    pub country: &'static str,
    /// Active companies with bars. One without any is told by the runs that cannot load it.
    pub companies: usize,
    /// Those of them without the session.
    pub overdue: usize,
    /// The session they should have; none before the job was ever due.
    pub session: Option<NaiveDate>,
}

impl fmt::Display for Freshness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.session, self.overdue) {
            (None, _) => write!(f, "no session is due yet"),
            (Some(session), 0) => write!(f, "every company has the session of {session}"),
            (Some(session), overdue) => write!(
                f,
                "{overdue} of {} companies lack the session of {session}, which the job should have brought by now",
                self.companies
            ),
        }
    }
}

/// What is measured of a country.
#[derive(Default)]
struct Country {
    newest: Option<NaiveDate>,
    stale: u64,
    /// Of each active company with bars, the last day a source has answered for.
    covered: Vec<NaiveDate>,
}

/// Measures each country: its newest bar, its active companies that lack the newest session that can be had, and those
/// that should have one by now; and of each source the differences found and not gone.
///
/// # Errors
/// What the database says.
pub async fn measure(
    connection: &impl Connection,
    metrics: &Metrics,
    delays: &Delays,
    now: DateTime<Utc>,
) -> Result<Vec<Freshness>, DbError> {
    let series: BTreeMap<String, series::Series> = series::list(connection).await?.into_iter().collect();
    let calendars = market_days::calendars(connection).await?;
    let mut countries = calendars.each().map(|calendar| (calendar, Country::default()));
    for company in companies::list(connection).await? {
        let Some(market) = company.market() else { continue };
        let known = series.get(company.company_id.as_str());
        let of_it = countries.iter_mut().find(|(calendar, _)| calendar.market() == market);
        let Some((calendar, country)) = of_it else { continue };
        country.newest = known.and_then(|series| series.newest_date).max(country.newest);
        let covered = known.and_then(|series| series.covered);
        country.stale += u64::from(company.is_stale(covered, delays.newest_session(calendar, now)));
        if company.status == CompanyStatus::Active {
            country.covered.extend(covered.map(|days| days.to));
        }
    }
    let open = differences::open_by_source(connection).await?;
    for source in SourceName::ALL {
        metrics.differences_open(source.as_str(), open.get(source.as_str()).copied().unwrap_or(0));
    }
    let due = last_due(connection, now - GRACE).await?;
    for (calendar, Country { newest, stale, .. }) in &countries {
        let country = calendar.market().country();
        if let Some(newest) = newest {
            metrics.newest_bar(country, *newest);
        }
        metrics.stale_companies(country, *stale);
    }
    let judged = countries.map(|(calendar, country)| freshness(calendar, delays, due, &country.covered)).to_vec();
    for found in &judged {
        // Of a country without companies that have bars, nobody expects any.
        let session = found.session.filter(|_| found.companies > 0);
        let [companies, overdue] = [found.companies, found.overdue].map(|n| u64::try_from(n).unwrap_or(u64::MAX));
        metrics.due_session(found.country, session, companies, overdue);
    }
    Ok(judged)
}

/// The newest due instant of the job up to an instant, whatever became of it; while the job is paused, nothing is due.
async fn last_due(connection: &impl Connection, until: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, DbError> {
    let filter =
        TickFilter { until: Some(until), except: Some(TickOutcome::SkippedPaused), limit: 1, ..TickFilter::default() };
    Ok(list_ticks(connection, StockJob::NAME, &filter).await?.first().map(|tick| tick.scheduled_for))
}

/// Judges by the sessions that were final when the job was last due. A company may lack the newest of them: it may
/// have had no trades, or its source may be late. But somebody has it, and everybody has what was final long before.
fn freshness(calendar: &Calendar, delays: &Delays, due: Option<DateTime<Utc>>, covered: &[NaiveDate]) -> Freshness {
    let country = calendar.market().country();
    let nothing_due = Freshness { country, companies: covered.len(), overdue: 0, session: None };
    let Some(due) = due else { return nothing_due };
    let lacking = |session: NaiveDate| covered.iter().filter(|to| **to < session).count();
    let newest = delays.newest_session(calendar, due);
    let settled = delays.newest_session(calendar, due - PUBLISHED_AFTER);
    let session = if lacking(newest) == covered.len() { newest } else { settled };
    Freshness { overdue: lacking(session), session: Some(session), ..nothing_due }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::calendar::{Market, MarketDay};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Overdue companies and the session they lack, when the job was last due at `due`.
    fn judge(market: Market, due: &str, covered: &[&str]) -> (usize, String) {
        let covered: Vec<NaiveDate> = covered.iter().map(|text| day(text)).collect();
        let judged = freshness(&Calendar::embedded(market), &Delays::default(), due.parse().ok(), &covered);
        (judged.overdue, judged.session.unwrap().to_string())
    }

    #[test]
    fn a_company_without_the_newest_session_may_just_not_have_been_traded() {
        // Due at 18:00 in Tokyo, when the session of that day has been final for an hour and a quarter.
        let due = "2026-11-20T18:00:00+09:00";
        assert_eq!(judge(Market::Tokyo, due, &["2026-11-20", "2026-11-19"]), (0, "2026-11-19".to_owned()));
        assert_eq!(judge(Market::Tokyo, due, &["2026-11-20", "2026-11-18"]), (1, "2026-11-19".to_owned()));
    }

    #[test]
    fn when_nobody_has_the_newest_session_all_are_overdue() {
        let due = "2026-11-20T18:00:00+09:00";
        assert_eq!(judge(Market::Tokyo, due, &["2026-11-19", "2026-11-19"]), (2, "2026-11-20".to_owned()));
    }

    #[test]
    fn what_became_final_after_the_job_was_due_is_not_due() {
        // Friday's session in New York is final on Saturday in Tokyo; the job is due again on Monday evening.
        let (friday, monday) = ("2026-11-20T18:00:00+09:00", "2026-11-23T18:00:00+09:00");
        assert_eq!(judge(Market::NewYork, friday, &["2026-11-19"]), (0, "2026-11-18".to_owned()));
        assert_eq!(judge(Market::NewYork, monday, &["2026-11-19"]), (1, "2026-11-20".to_owned()));
    }

    #[test]
    fn a_day_that_the_exchange_closes_is_never_due() {
        let closed = MarketDay { date: day("2026-11-20"), is_open: false };
        let calendar = Calendar::announced(Market::Tokyo, [closed], None);
        let due = "2026-11-20T18:00:00+09:00".parse().ok();
        let judged = freshness(&calendar, &Delays::default(), due, &[day("2026-11-19"), day("2026-11-19")]);
        assert_eq!((judged.overdue, judged.session), (0, Some(day("2026-11-19"))));
    }

    #[test]
    fn nothing_is_overdue_without_companies_or_before_the_job_was_due() {
        assert_eq!(judge(Market::Tokyo, "2026-11-20T18:00:00+09:00", &[]).0, 0);
        let never = freshness(&Calendar::embedded(Market::Tokyo), &Delays::default(), None, &[day("2000-01-04")]);
        assert_eq!((never.overdue, never.to_string().as_str()), (0, "no session is due yet"));
    }

    #[test]
    fn it_says_what_is_the_case_in_a_sentence() {
        let fresh = Freshness { country: "JP", companies: 400, overdue: 0, session: Some(day("2026-11-20")) };
        assert_eq!(fresh.to_string(), "every company has the session of 2026-11-20");
        let stale = Freshness { overdue: 12, ..fresh };
        let told = "12 of 400 companies lack the session of 2026-11-20, which the job should have brought by now";
        assert_eq!(stale.to_string(), told);
    }
}
