//! The `import` job: what a file has of each company is judged by what is stored, and loaded.

mod job;
mod report;
mod rules;

pub use job::{ImportJob, ImportJobParts};
