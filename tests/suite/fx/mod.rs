//! The exchange rates end to end: a server that speaks as the ECB does, the job over it, and the API.

mod api;
mod bank;
mod loading;
mod real;
mod trouble;
mod world;
