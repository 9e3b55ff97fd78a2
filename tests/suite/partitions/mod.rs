//! Bars and moving averages in partitions: made and unmade without loss, under a daemon that works, and ahead of time.

mod ahead;
mod cli;
mod converting;
mod fixture;
#[cfg(feature = "timescaledb")]
mod hypertable;
mod obstacles;
mod pruning;
mod schema;
mod waiting;
