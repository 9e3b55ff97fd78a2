//! A list of issues, as an exchange or a source publishes it: who is listed, under which name and in which segment.

use chrono::NaiveDate;

use super::bar::StockCode;

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    pub code: StockCode,
    /// 銘柄名
    pub name: String,
    /// The market segment as the list writes it: `プライム（内国株式）`; none where the list has none.
    pub segment: Option<String>,
}

/// A list of one market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueList {
    /// Who published it: `jpx`, `jquants`.
    pub source: &'static str,
    /// The day the list speaks of.
    pub as_of: NaiveDate,
    /// Whether it has every issue of the market, so that one it lacks is no longer listed.
    pub complete: bool,
    /// In the order of the list, each code once.
    pub issues: Vec<Issue>,
}
