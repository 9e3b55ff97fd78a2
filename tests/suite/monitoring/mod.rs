//! What monitors the daemon: its metrics, and the alerts and the dashboard over them in k8s/components/monitoring.

use std::{fs, path::Path};

mod alerts;
mod dashboard;
mod exposed;
mod metrics;
mod query;
mod rules;

/// A file of the repository.
fn file(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}
