//! The `reconcile` job: what is stored, compared with what a second source of the same basis says. It finds and
//! reports; which of the two is right is for people, and no bar is changed.

mod ask;
mod job;
mod sample;
mod settle;
mod told;

pub use job::ReconcileJob;
