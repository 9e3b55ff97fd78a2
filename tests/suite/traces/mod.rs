//! Traces as a collector gets them from the binary.

mod collector;
mod context;
mod tree;
mod trouble;
mod world;
