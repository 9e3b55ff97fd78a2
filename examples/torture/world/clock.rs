//! The one clock of daemons, database, source and checker: they share a machine.

use chrono::{DateTime, Utc};

/// Now.
pub fn now() -> DateTime<Utc> {
    data_infrastructure::app::system_clock().now()
}
