//! Companies, bars and indicators in the database: one function for each question.

pub mod bars;
pub mod companies;
pub mod company_changes;
pub mod company_lists;
mod conditions;
pub mod coverage;
pub mod differences;
pub mod imports;
pub mod indicators;
pub mod listing_changes;
pub mod market_days;
pub mod partitions;
pub mod quarantine;
pub mod revisions;
pub mod series;
pub mod serving;
