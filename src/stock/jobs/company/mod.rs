//! The `company` job: the companies already there follow what the exchange says of them.

mod job;

pub use job::{CompanyJob, CompanyJobParts};
