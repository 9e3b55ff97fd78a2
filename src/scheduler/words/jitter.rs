//! A job's fixed offset in words.

use chrono::TimeDelta;

/// `250 ms`, `12.3 s`, `1 h 2 min 3.4 s`.
pub fn in_words(offset: TimeDelta) -> String {
    let millis = offset.num_milliseconds();
    if millis < 1000 {
        return format!("{millis} ms");
    }
    let (hours, minutes, tenths) = (millis / 3_600_000, millis / 60_000 % 60, millis / 100 % 600);
    let mut parts = Vec::new();
    if hours > 0 {
        parts.push(format!("{hours} h"));
    }
    if minutes > 0 {
        parts.push(format!("{minutes} min"));
    }
    match (tenths / 10, tenths % 10) {
        (0, 0) if !parts.is_empty() => {}
        (seconds, 0) => parts.push(format!("{seconds} s")),
        (seconds, tenth) => parts.push(format!("{seconds}.{tenth} s")),
    }
    parts.join(" ")
}
