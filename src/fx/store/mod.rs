//! Rates in the database: one function for each question.

pub mod rates;
pub mod revisions;
pub mod series;
