//! Of a PromQL query, the metrics it names with the labels it asks of them, and the labels it groups and matches by.

/// What a query names.
#[derive(Debug, Default)]
pub struct Query {
    pub metrics: Vec<(String, Vec<String>)>,
    pub groupings: Vec<String>,
}

impl Query {
    pub fn of(text: &str) -> Self {
        let (mut query, text) = (Self::default(), without_strings(text));
        let mut rest = text.as_str();
        while let Some(at) = rest.find(|c: char| c.is_ascii_alphabetic() || c == '_') {
            let word: String =
                rest[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || "_:".contains(*c)).collect();
            rest = rest[at + word.len()..].trim_start();
            if ["by", "on", "without", "ignoring"].contains(&word.as_str()) {
                let (list, after) = rest.strip_prefix('(').and_then(|list| list.split_once(')')).expect("a list");
                query.groupings.extend(list.split(',').map(|label| label.trim().to_owned()));
                rest = after;
            } else if word.contains("datainfra_") || word.starts_with("process_") || word == "up" {
                let mut labels = Vec::new();
                if let Some((matchers, after)) = rest.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
                    let label = |matcher: &str| matcher.split(['=', '!']).next().unwrap_or_default().trim().to_owned();
                    labels.extend(matchers.split(',').map(label).filter(|label| !label.is_empty()));
                    rest = after;
                }
                query.metrics.push((word, labels));
            }
        }
        query
    }
}

/// The text with every string empty: what stands in them is no syntax.
fn without_strings(text: &str) -> String {
    text.split('"').enumerate().map(|(index, part)| if index % 2 == 0 { part } else { "\"\"" }).collect()
}
