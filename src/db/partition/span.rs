//! Which days belong together: whole calendar years, in groups that every table of a database begins alike.

use chrono::{Datelike as _, NaiveDate};

/// How many years one partition holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Span {
    #[default]
    Year,
    FiveYears,
    Decade,
}

impl Span {
    pub const ALL: [Self; 3] = [Self::Year, Self::FiveYears, Self::Decade];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::FiveYears => "five-years",
            Self::Decade => "decade",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|span| span.as_str() == name)
    }

    const fn years(self) -> i32 {
        match self {
            Self::Year => 1,
            Self::FiveYears => 5,
            Self::Decade => 10,
        }
    }

    /// The range that holds a day; none at the ends of time.
    #[must_use]
    pub fn around(self, day: NaiveDate) -> Option<Range> {
        let first = day.year() - day.year().rem_euclid(self.years());
        Some(Range { from: new_year(first)?, to: new_year(first + self.years())? })
    }

    /// The ranges that hold the days from the first to the last, ascending and without a gap.
    #[must_use]
    pub fn over(self, first: NaiveDate, last: NaiveDate) -> Vec<Range> {
        let mut ranges = Vec::new();
        let mut next = self.around(first);
        while let Some(range) = next.filter(|range| range.from <= last) {
            ranges.push(range);
            next = self.around(range.to);
        }
        ranges
    }
}

/// The days from `from` on and before `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl Range {
    /// The span whose ranges are like this one.
    #[must_use]
    pub fn span(self) -> Option<Span> {
        Span::ALL.into_iter().find(|span| span.around(self.from) == Some(self))
    }

    /// `2019`, `2010_2019`: the end of a partition's name.
    #[must_use]
    pub fn name(self) -> String {
        let (first, last) = (self.from.year(), self.to.year() - 1);
        if first == last { first.to_string() } else { format!("{first}_{last}") }
    }

    /// Reads `FOR VALUES FROM ('2019-01-01') TO ('2020-01-01')`.
    pub(super) fn parse(bound: &str) -> Option<Self> {
        let rest = bound.strip_prefix("FOR VALUES FROM ('")?;
        let (from, rest) = rest.split_once("') TO ('")?;
        Some(Self { from: from.parse().ok()?, to: rest.strip_suffix("')")?.parse().ok()? })
    }
}

fn new_year(year: i32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, 1, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn ranges_are_whole_years_without_a_gap() {
        let names = |span: Span, first, last| {
            let ranges = span.over(day(first), day(last));
            assert!(ranges.windows(2).all(|pair| pair[0].to == pair[1].from), "{ranges:?}");
            assert!(ranges.iter().all(|range| range.span() == Some(span)));
            ranges.into_iter().map(Range::name).collect::<Vec<_>>()
        };
        assert_eq!(names(Span::Year, "2019-12-31", "2021-01-01"), ["2019", "2020", "2021"]);
        assert_eq!(names(Span::FiveYears, "2019-12-31", "2020-01-01"), ["2015_2019", "2020_2024"]);
        assert_eq!(names(Span::Decade, "1999-06-01", "2009-12-31"), ["1990_1999", "2000_2009"]);
        assert!(Span::Year.over(day("2021-01-01"), day("2020-01-01")).is_empty());
    }

    #[test]
    fn a_bound_is_read_as_the_database_writes_it() {
        let range = Range { from: day("2019-01-01"), to: day("2020-01-01") };
        assert_eq!(Range::parse("FOR VALUES FROM ('2019-01-01') TO ('2020-01-01')"), Some(range));
        for other in ["DEFAULT", "FOR VALUES FROM (MINVALUE) TO ('2020-01-01')", "FOR VALUES IN ('a')", ""] {
            assert_eq!(Range::parse(other), None, "{other}");
        }
        assert_eq!(Range { from: day("2019-01-01"), to: day("2021-01-01") }.span(), None);
    }

    #[test]
    fn the_names_of_spans_read_back() {
        for span in Span::ALL {
            assert_eq!(Span::parse(span.as_str()), Some(span));
        }
        assert_eq!(Span::parse("month"), None);
    }
}
