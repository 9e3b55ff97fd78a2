//! The processor's time of a process, as Linux counts it.

use std::fs;

/// Hundredths of a second, which every Linux on a common machine counts in.
const TICKS: f64 = 100.0;

/// Seconds that the process has used; none where the system does not tell.
pub fn seconds(process: u32) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The second field is a name in parentheses, which may have spaces; user and system time are the 14th and 15th.
    let mut after = text.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut next = || after.next()?.parse::<f64>().ok();
    Some((next()? + next()?) / TICKS)
}
