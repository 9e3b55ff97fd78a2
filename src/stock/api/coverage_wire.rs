//! Coverage as clients read it: gaps as objects in JSON, in one field in CSV.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{coverage_report::Report, rows::Row};
use crate::stock::{
    bar::{Basis, Days},
    company::CompanyStatus,
    coverage::Gap,
};

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Coverage, bound = "")]
pub(super) struct CoverageRow<G, D> {
    company_id: String,
    company_name: String,
    stock_code: String,
    country_code: String,
    #[schema(value_type = CompanyStatus)]
    status: &'static str,
    listed_from: Option<NaiveDate>,
    listed_to: Option<NaiveDate>,
    /// The oldest and the newest row.
    first_date: Option<NaiveDate>,
    newest_date: Option<NaiveDate>,
    sessions_expected: usize,
    /// Of those expected, with prices or without.
    sessions_present: usize,
    sessions_without_trades: usize,
    /// For CSV in one field: `2019-03-11 to 2019-04-11 (23)`.
    #[schema(value_type = Vec<GapRow>)]
    gaps: G,
    /// The days a source has answered for.
    covered_from: Option<NaiveDate>,
    covered_to: Option<NaiveDate>,
    #[schema(value_type = Option<Basis>)]
    basis: Option<&'static str>,
    /// The source of the newest bars.
    source: Option<String>,
    /// It lacks the newest final session.
    stale: bool,
    /// Days with a row that the exchange has closed since.
    #[schema(value_type = Vec<NaiveDate>)]
    unexpected: D,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Gap)]
pub(super) struct GapRow {
    from: NaiveDate,
    to: NaiveDate,
    sessions: usize,
}

/// As JSON has it.
pub(super) type CoverageJson = CoverageRow<Vec<GapRow>, Vec<NaiveDate>>;
/// As CSV has it.
pub(super) type CoverageLine = CoverageRow<String, String>;

const COLUMNS: &[&str] = &[
    "companyId",
    "companyName",
    "stockCode",
    "countryCode",
    "status",
    "listedFrom",
    "listedTo",
    "firstDate",
    "newestDate",
    "sessionsExpected",
    "sessionsPresent",
    "sessionsWithoutTrades",
    "gaps",
    "coveredFrom",
    "coveredTo",
    "basis",
    "source",
    "stale",
    "unexpected",
];

impl Row for CoverageJson {
    const COLUMNS: &'static [&'static str] = COLUMNS;
}

impl Row for CoverageLine {
    const COLUMNS: &'static [&'static str] = COLUMNS;
}

impl From<Report> for CoverageJson {
    fn from(report: Report) -> Self {
        let row = |gap: &Gap| GapRow { from: gap.days.from, to: gap.days.to, sessions: gap.sessions };
        let gaps = report.gaps.iter().map(row).collect();
        let unexpected = report.unexpected.clone();
        Self::new(report, gaps, unexpected)
    }
}

impl From<Report> for CoverageLine {
    fn from(report: Report) -> Self {
        let gaps = report.gaps.iter().map(in_words).collect::<Vec<_>>().join("; ");
        let unexpected = report.unexpected.iter().map(NaiveDate::to_string).collect::<Vec<_>>().join("; ");
        Self::new(report, gaps, unexpected)
    }
}

impl<G, D> CoverageRow<G, D> {
    fn new(report: Report, gaps: G, unexpected: D) -> Self {
        let Report { company, series, counted, sessions_expected, sessions_present, stale, .. } = report;
        let covered = |day: fn(Days) -> NaiveDate| series.covered.map(day);
        Self {
            company_id: company.company_id.to_string(),
            company_name: company.company_name,
            stock_code: company.stock_code.to_string(),
            country_code: company.country_code,
            status: company.status.as_str(),
            listed_from: company.listed_from,
            listed_to: company.listed_to,
            first_date: counted.map(|rows| rows.first),
            newest_date: counted.map(|rows| rows.newest),
            sessions_expected,
            sessions_present,
            sessions_without_trades: counted.map_or(0, |rows| rows.without_trades),
            gaps,
            covered_from: covered(|days| days.from),
            covered_to: covered(|days| days.to),
            basis: series.basis.map(Basis::as_str),
            source: series.source,
            stale,
            unexpected,
        }
    }
}

/// `2019-03-11 to 2019-04-11 (23)`
pub(super) fn in_words(gap: &Gap) -> String {
    format!("{} to {} ({})", gap.days.from, gap.days.to, gap.sessions)
}
