//! Which days are sessions of a market, and when a session's bar is final.
//!
//! Pure: `now` is a parameter. It does not know half days, single companies' halts, or what a source publishes.

mod finality;
mod market;
mod new_york;
#[cfg(test)]
pub(crate) mod real_data;
mod sessions;
mod tokyo;

pub use finality::{Delays, final_at, newest_final_session};
pub use market::Market;
pub use sessions::{
    could_be_session, is_session, known_until, next_session_after, nth_session_before, previous_session, sessions,
};
