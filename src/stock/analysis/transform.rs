//! A series on its way to an analysis: logarithm, every n-th value, differences; in this order.

/// What is done to a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transform {
    /// The natural logarithm instead of the value.
    pub log: bool,
    /// Every n-th value, the first included; at least 1.
    pub period: u16,
    /// How often each of these is replaced by its difference to the one before.
    pub differences: u8,
}

/// A series that is transformed one value after the other, in as much memory as there are differences.
#[derive(Clone, Debug)]
pub struct TimeSeries {
    transform: Transform,
    /// Values to leave out before the next.
    left_out: u16,
    /// The last value, its last difference, the last difference of those, and so on.
    last: Vec<Option<f64>>,
}

impl TimeSeries {
    #[must_use]
    pub fn new(transform: Transform) -> Self {
        Self { transform, left_out: 0, last: vec![None; usize::from(transform.differences)] }
    }

    /// The transformed value at this one; none where it is left out, has no logarithm, or is one of the first that
    /// there is nothing to take a difference to. A value without a logarithm counts as if it were not there.
    pub fn push(&mut self, value: f64) -> Option<f64> {
        let value = if self.transform.log { value.ln() } else { value };
        if !value.is_finite() {
            return None;
        }
        if self.left_out > 0 {
            self.left_out -= 1;
            return None;
        }
        self.left_out = self.transform.period.saturating_sub(1);
        let mut difference = value;
        for last in &mut self.last {
            let before = last.replace(difference)?;
            difference -= before;
        }
        Some(difference).filter(|difference| difference.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed(transform: Transform, values: &[f64]) -> Vec<Option<f64>> {
        let mut series = TimeSeries::new(transform);
        values.iter().map(|value| series.push(*value)).collect()
    }

    const PLAIN: Transform = Transform { log: false, period: 1, differences: 0 };

    #[test]
    fn every_nth_value_is_taken_and_then_differences() {
        let values = [1.0, 2.0, 4.0, 7.0, 11.0, 16.0, 22.0];
        assert_eq!(pushed(PLAIN, &values), values.map(Some));
        let third = pushed(Transform { period: 3, ..PLAIN }, &values);
        assert_eq!(third, [Some(1.0), None, None, Some(7.0), None, None, Some(22.0)]);
        let twice = pushed(Transform { differences: 2, ..PLAIN }, &values);
        assert_eq!(twice, [None, None, Some(1.0), Some(1.0), Some(1.0), Some(1.0), Some(1.0)]);
        let both = pushed(Transform { period: 3, differences: 1, ..PLAIN }, &values);
        assert_eq!(both, [None, None, None, Some(6.0), None, None, Some(15.0)]);
    }

    #[test]
    fn a_value_without_a_logarithm_counts_as_none() {
        let values = [1.0, 0.0, -3.0, f64::NAN, std::f64::consts::E, f64::INFINITY, 1.0];
        let log = pushed(Transform { log: true, period: 2, ..PLAIN }, &values);
        assert_eq!(log, [Some(0.0), None, None, None, None, None, Some(0.0)]);
        assert_eq!(pushed(PLAIN, &values)[..3], [Some(1.0), Some(0.0), Some(-3.0)]);
    }

    #[test]
    fn a_difference_beyond_all_numbers_is_none() {
        let values = [f64::MAX, f64::MIN, f64::MAX, 1.0];
        let found = pushed(Transform { differences: 3, ..PLAIN }, &values);
        assert!(found.iter().flatten().all(|value| value.is_finite()));
    }
}
