//! What distinguishes given bars from stored ones, as a pure function.

use chrono::NaiveDate;

use crate::stock::bar::Bar;

/// The given bars by what is to be done with them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    pub new: Vec<Bar>,
    pub changed: Vec<Bar>,
    pub unchanged: u64,
}

impl Difference {
    /// The first day whose values are not what they were.
    #[must_use]
    pub fn first_day(&self) -> Option<NaiveDate> {
        self.new.first().into_iter().chain(self.changed.first()).map(|bar| bar.date).min()
    }
}

/// Compares value by value; both ascending, one bar for each day.
#[must_use]
pub fn difference(stored: &[Bar], given: &[Bar]) -> Difference {
    let mut stored = stored.iter().peekable();
    let mut result = Difference::default();
    for bar in given {
        while stored.next_if(|old| old.date < bar.date).is_some() {}
        match stored.next_if(|old| old.date == bar.date) {
            None => result.new.push(*bar),
            Some(old) if old == bar => result.unchanged += 1,
            Some(_) => result.changed.push(*bar),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(day: u32, close: f64) -> Bar {
        let date = NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
        Bar { date, open: None, high: None, low: None, close: Some(close), volume: None }
    }

    #[test]
    fn new_changed_and_unchanged_bars_are_told_apart() {
        let found = difference(&[bar(5, 1.0), bar(6, 2.0), bar(8, 3.0)], &[bar(6, 2.0), bar(7, 9.0), bar(8, 4.0)]);
        assert_eq!(found, Difference { new: vec![bar(7, 9.0)], changed: vec![bar(8, 4.0)], unchanged: 1 });
        assert_eq!(found.first_day(), Some(bar(7, 0.0).date));
    }

    #[test]
    fn the_same_bars_again_are_no_difference() {
        let bars = [bar(5, 1.0), bar(6, 2.0)];
        let found = difference(&bars, &bars);
        assert_eq!((found.first_day(), found.unchanged), (None, 2));
    }
}
