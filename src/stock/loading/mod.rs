//! From an answer to the store, whoever brought it: checked, fitted to the one basis of its series, and written with
//! its indicators, rejections and revisions in the transaction that records the task. And from the quarantine to the
//! store, where somebody decides so.

mod accept;
mod decide;
mod fit;
mod judge;
mod load;
mod refit;

pub use decide::{DecideError, decide};
pub use fit::{Change, Fitted, Stored};
pub use judge::{Judged, Rejected, judge};
pub use load::{Loaded, Outcome, PUBLISHED_AFTER, Target, is_fresh, keep_rejected, load, rederive};
pub use refit::{Before, refit};
