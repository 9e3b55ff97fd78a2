//! A list of issues, as an exchange or a source publishes it: who is listed, under which name and in which segment.

use chrono::NaiveDate;

use super::bar::{CompanyId, StockCode};

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

/// What of a company may change from list to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Name,
    /// The market segment.
    Segment,
    Status,
}

impl What {
    pub const ALL: [Self; 3] = [Self::Name, Self::Segment, Self::Status];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Segment => "segment",
            Self::Status => "status",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.as_str() == name)
    }
}

/// A change of a company, with the day of the list that first shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyChange {
    pub company_id: CompanyId,
    pub changed_on: NaiveDate,
    pub what: What,
    pub old: String,
    pub new: String,
    /// `jpx`, `jquants`; `csv` for a file of companies.
    pub source: String,
}
