//! The known word a mistyped one probably means.

/// The candidate nearest to `word` by edit distance, case apart, when it is near enough to be meant.
/// A candidate that continues or starts `word` counts as near: `sched` means `schedule`.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Nobody mistypes so long a word; the distance is quadratic in it.
    if word.len() > 64 {
        return None;
    }
    let word = word.to_lowercase();
    let limit = if word.chars().count() <= 3 { 1 } else { 2.max(word.chars().count() / 3) };
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            let distance = distance(&word, &lower);
            let related = word.len() >= 4 && lower.len() >= 4 && (lower.starts_with(&word) || word.starts_with(&lower));
            (distance <= limit || related).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance: the fewest insertions, deletions and substitutions of characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, to) in row.iter_mut().skip(1).zip(&b) {
            let best = (diagonal + usize::from(from != *to)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = best;
            left = best;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found_and_a_far_one_is_not() {
        let keys = ["listen", "token", "shutdown_grace", "schedule"];
        assert_eq!(nearest("tokn", keys), Some("token"));
        assert_eq!(nearest("sched", keys), Some("schedule"));
        assert_eq!(nearest("Shutdown-Grace", keys), Some("shutdown_grace"));
        assert_eq!(nearest("colour", keys), None);
        assert_eq!(nearest("", keys), None);
    }

    #[test]
    fn the_distance_counts_edits() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("same", "same"), 0);
    }
}
