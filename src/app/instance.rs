//! The name of this process among its like.

use crate::http::settings::ServerSettings;

/// Where the kernel tells the host's name; in a pod it is the pod's.
const HOST: &str = "/proc/sys/kernel/hostname";

/// `server.instance`, or the host's name without what has no place in a name.
#[must_use]
pub fn instance(settings: &ServerSettings) -> String {
    if !settings.instance.is_empty() {
        return settings.instance.clone();
    }
    let host = std::fs::read_to_string(HOST).unwrap_or_default();
    let fit = |c: &char| c.is_ascii_alphanumeric() || "-._".contains(*c);
    let name: String = host.trim().chars().filter(fit).collect();
    if name.is_empty() { "host".to_owned() } else { name }
}
