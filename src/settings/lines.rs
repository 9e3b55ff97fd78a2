//! The line of a key in a TOML text, for messages.
//!
//! A plain scan of headers and `key =` lines, not a parser: it may miss an unusual spelling, and says so by `None`.

/// The line, from 1, where `path` (`["jobs", "stock", "schedule"]`, or a table's name) is set.
pub(super) fn line_of(text: &str, path: &[String]) -> Option<usize> {
    let mut table: Vec<String> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        let named = if let Some(header) = line.strip_prefix('[') {
            table = names(header.trim_start_matches('[').split(']').next().unwrap_or_default());
            table.clone()
        } else if let Some((key, _)) = line.split_once('=') {
            [table.clone(), names(key)].concat()
        } else {
            continue;
        };
        let inline = !line.starts_with('[') && path.starts_with(&named);
        if inline || named.starts_with(path) {
            return Some(number + 1);
        }
    }
    None
}

/// `a . "b"` as its names.
fn names(dotted: &str) -> Vec<String> {
    dotted.split('.').map(|name| name.trim().trim_matches(['"', '\'']).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# a = 1\n[server]\nlisten = \"x\"\n\n[jobs.stock] # the job\nschedule = \"y\"\nlog.level = 1\n\
                        inline = { a = 1 }\n[jbs.stock]\nx = 1\n";

    fn line(path: &str) -> Option<usize> {
        line_of(TEXT, &names(path))
    }

    #[test]
    fn keys_and_tables_are_found_by_their_path() {
        assert_eq!(line("server.listen"), Some(3));
        assert_eq!(line("server"), Some(2));
        assert_eq!(line("jobs.stock.schedule"), Some(6));
        assert_eq!(line("jobs.stock.log.level"), Some(7));
        assert_eq!(line("jobs.stock.inline.a"), Some(8));
        assert_eq!(line("jbs"), Some(9));
        assert_eq!(line("server.token"), None);
    }
}
