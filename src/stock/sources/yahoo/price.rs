//! Prices as they were quoted.

/// Yahoo keeps prices in single precision and prints them in double: 177.06 arrives as 177.05999755859375.
/// Where the number says no more than a single-precision number can, the shortest decimal that names
/// that number is taken. It stays within Yahoo's own rounding, so nothing is falsified; a number that
/// says more is left as it is.
pub(in crate::stock::sources) fn as_quoted(value: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, reason = "the loss is what is measured here")]
    let single = value as f32;
    // the answer carries 15 significant digits
    let says_no_more = (f64::from(single) - value).abs() <= value.abs() * 1e-14;
    if says_no_more { single.to_string().parse().unwrap_or(value) } else { value }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::as_quoted;

    #[test]
    fn the_quoted_decimal_comes_back_from_single_precision() {
        assert_eq!(as_quoted(177.059_997_558_593_75), 177.06);
        assert_eq!(as_quoted(2_724.100_097_656_25), 2_724.1);
        assert_eq!(as_quoted(1_443.333_373_023_44), 1_443.333_373_023_44, "no single-precision number");
        assert_eq!(as_quoted(1_443.333_374_023_44), 1_443.333_4);
        assert_eq!(as_quoted(4_035.0), 4_035.0);
    }

    #[test]
    fn a_number_that_says_more_is_left_alone() {
        assert_eq!(as_quoted(2_724.500_04), 2_724.500_04);
        assert_eq!(as_quoted(0.123_456_789_012), 0.123_456_789_012);
        assert_eq!(as_quoted(1e300), 1e300);
    }

    proptest! {
        #[test]
        fn it_never_leaves_the_rounding_of_single_precision(value: f64) {
            prop_assume!(value.is_finite());
            let quoted = as_quoted(value);
            prop_assert!((quoted - value).abs() <= value.abs() * 6e-8 + 1e-45);
        }
    }
}
