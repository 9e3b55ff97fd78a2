//! What is said of a series that was taken over, once a source's history has settled its basis.

use std::fmt::Write as _;

use crate::stock::overlap::Settled;

/// What became of the bars taken over.
pub fn settled(found: &Settled) -> String {
    let (replaced, left) = (found.replaced.len(), found.left.len());
    if replaced == 0 && left == 0 {
        return "the bars taken over agree with the source".to_owned();
    }
    let mut text = match found.ratio {
        Some(ratio) => format!("the bars taken over are rebased, prices times {ratio}: {replaced} replaced"),
        None => format!("the bars taken over are of mixed bases: {replaced} replaced by the source's"),
    };
    if left > 0 {
        let _ = write!(text, ", {left} that it does not have taken out of the series");
    }
    text.push_str("; stockprice_original keeps them");
    text
}
