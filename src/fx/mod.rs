//! The second domain: the euro foreign exchange reference rates of the European Central Bank, in the order they flow.

pub mod api;
pub mod calendar;
pub mod checks;
pub mod ecb;
pub mod jobs;
pub mod rate;
pub mod settings;
pub mod store;
