//! What is asked of a source of lists of issues.

use chrono::NaiveDate;

/// The issues listed in Tokyo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// As of a day; none: the newest list there is.
    pub day: Option<NaiveDate>,
}
