//! Which of two contradicting stretches is the wrong one: prices go on from one session to the next, so the side that
//! leaps where the other does not is wrong. Without this a history that its source adjusted by half looks like a
//! rebasing, or like a few corrections, of a right one.

use chrono::NaiveDate;

use super::agreement::within;
use super::rebasing::{AT_LEAST, Pair, SPREAD};

/// A stretch off by one ratio may make the series leap by no more than this beyond what is stored, as a logarithm.
const AS_A_WHOLE: f64 = 0.05;

/// A correction of single sessions may: a factor of 2.2.
const ALONE: f64 = 0.8;

/// The first session of a stretch whose fetched prices leap at one of its ends though the stored ones do not.
pub(super) fn leap(pairs: &[Pair]) -> Option<NaiveDate> {
    let mut start = 0;
    for stretch in pairs.chunk_by(|a, b| a.agrees == b.agrees) {
        let end = start + stretch.len();
        if !stretch[0].agrees {
            let bearable = if is_one_ratio(stretch) { AS_A_WHOLE } else { ALONE };
            let ends = [start.checked_sub(1).map(|before| (before, start)), Some((end - 1, end))];
            if ends.into_iter().flatten().any(|(a, b)| leaps_more(pairs, a, b, bearable)) {
                return Some(stretch[0].date);
            }
        }
        start = end;
    }
    None
}

fn is_one_ratio(stretch: &[Pair]) -> bool {
    let ratio = stretch[0].new / stretch[0].old;
    stretch.len() >= AT_LEAST && stretch.iter().all(|pair| within(pair.new / pair.old, ratio, SPREAD * ratio))
}

fn leaps_more(pairs: &[Pair], a: usize, b: usize, bearable: f64) -> bool {
    let (Some(a), Some(b)) = (pairs.get(a), pairs.get(b)) else { return false };
    (b.new / a.new).ln().abs() > (b.old / a.old).ln().abs() + bearable
}
