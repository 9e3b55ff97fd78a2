//! What ratio is usual around a session: of another source's prices or volumes to ours.

/// Sessions looked at on each side: most of a window around a wrong stretch of a month are still right.
const AROUND: usize = 30;

/// Of each value the median of those around it, itself included; none where there is none. A ratio that changes at a
/// split changes here on the same session, for the nearer side has one more.
pub(super) fn usual(values: &[Option<f64>]) -> Vec<Option<f64>> {
    let around = |index: usize| {
        // As many on both sides, so that neither weighs more near an end.
        let reach = AROUND.min(index.max(values.len() - 1 - index));
        let window = values.get(index.saturating_sub(reach)..(index + reach + 1).min(values.len()))?;
        let mut known: Vec<f64> = window.iter().copied().flatten().collect();
        known.sort_by(f64::total_cmp);
        known.get(known.len() / 2).copied()
    };
    (0..values.len()).map(around).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_values_that_are_off_do_not_change_what_is_usual() {
        let mut values = vec![Some(2.0); 100];
        values[50] = Some(7.0);
        values[51] = None;
        assert!(usual(&values).iter().all(|median| *median == Some(2.0)));
        assert_eq!(usual(&[None, None]), [None, None]);
        assert!(usual(&[]).is_empty());
    }

    #[test]
    fn a_ratio_that_changes_does_so_on_its_session() {
        let values: Vec<Option<f64>> = (0..100).map(|n| Some(if n < 40 { 5.0 } else { 1.0 })).collect();
        assert_eq!(usual(&values), values);
    }
}
