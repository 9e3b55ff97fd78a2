//! The first domain: daily stock prices, in the order the data flow.

pub mod analysis;
pub mod api;
pub mod bar;
pub mod calendar;
pub mod checks;
pub mod companies_csv;
pub mod companies_files;
pub mod company;
pub mod coverage;
pub mod imports;
pub mod indicators;
pub mod issues;
pub mod jobs;
pub mod listing;
pub mod loading;
pub mod master;
pub mod overlap;
pub mod partitions;
pub mod sample;
pub mod settings;
pub mod sources;
pub mod store;
