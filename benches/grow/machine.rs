//! What Linux says of a process: its memory at its highest, and the processor's time of a PostgreSQL server.

use std::fs;

use data_infrastructure::db::{Database, one};

/// Hundredths of a second, which every Linux on a common machine counts in.
const TICKS: f64 = 100.0;

/// Mebibytes of a process at their highest; none where the system does not tell.
pub fn peak(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<f64>().ok()? / 1024.0)
}

/// Seconds the process has used, and with `children` those of its children that have ended.
pub fn seconds(process: u32, children: bool) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let fields: Vec<f64> =
        text.rsplit_once(')')?.1.split_whitespace().skip(11).take(4).map_while(|f| f.parse().ok()).collect();
    let [user, system, ended_user, ended_system] = fields.try_into().ok()?;
    Some((user + system + if children { ended_user + ended_system } else { 0.0 }) / TICKS)
}

/// Seconds of the whole server of a database on this machine, sessions that ended among them; none where it cannot be
/// told.
pub async fn server_seconds(database: &Database) -> Option<f64> {
    if !database.is_postgres() {
        return None;
    }
    let sql = "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::integer";
    let server: i32 = one(database.connection(), sql, []).await.ok()??.try_get_by_index(0).ok()?;
    let mut all = seconds(server.unsigned_abs(), true)?;
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        if parent(process) == Some(server.unsigned_abs()) {
            all += seconds(process, false).unwrap_or_default();
        }
    }
    Some(all)
}

fn parent(process: u32) -> Option<u32> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    text.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// A number, or a dash.
pub fn told(number: Option<f64>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| format!("{number:.1}"))
}
