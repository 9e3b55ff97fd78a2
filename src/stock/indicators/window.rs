//! The last values of a series.

/// The newest `span` values, the oldest first.
#[derive(Clone, Debug)]
pub(super) struct Window {
    span: usize,
    /// Up to twice as many, so that the newest always stand together and old ones are moved seldom.
    values: Vec<f64>,
}

impl Window {
    /// `span` is at least 1.
    pub(super) fn new(span: usize) -> Self {
        Self { span, values: Vec::with_capacity(2 * span) }
    }

    /// The window that ends with `value`; none before it is full.
    pub(super) fn push(&mut self, value: f64) -> Option<&[f64]> {
        if self.values.len() == 2 * self.span {
            self.values.drain(..=self.span);
        }
        self.values.push(value);
        self.values.len().checked_sub(self.span).map(|oldest| &self.values[oldest..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_holds_the_newest_values_in_their_order() {
        for span in 1..6 {
            let mut window = Window::new(span);
            let all: Vec<f64> = (0..40).map(f64::from).collect();
            for (at, value) in all.iter().enumerate() {
                let expected = (at + 1).checked_sub(span).map(|oldest| &all[oldest..=at]);
                assert_eq!(window.push(*value), expected, "span {span} at {at}");
            }
            assert!(window.values.capacity() <= 2 * span.max(2));
        }
    }
}
