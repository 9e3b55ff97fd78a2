//! What is not loaded, and why: each row check from the raw text to the quarantine, splits and repairs on real files,
//! and one basis whatever a source says.

mod basis;
mod collapse;
mod desk;
mod real_splits;
mod repair;
mod row_checks;
mod summary;
