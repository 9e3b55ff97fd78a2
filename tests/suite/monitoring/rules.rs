//! The rules of the PrometheusRule, read as far as it is written here: two spaces a level, blocks by `|-` and `>-`.

use super::file;

#[derive(Clone, Debug, Default)]
pub struct Rule {
    pub alert: bool,
    pub name: String,
    pub expr: String,
    pub severity: String,
    pub summary: String,
    pub description: String,
    pub runbook_url: String,
}

/// Every rule, in order.
pub fn all() -> Vec<Rule> {
    let text = file("k8s/components/monitoring/prometheus-rule.yaml");
    let mut rules: Vec<Rule> = Vec::new();
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with('#')).peekable();
    while let Some(line) = lines.next() {
        let indent = line.len() - line.trim_start().len();
        let Some((key, value)) = line.trim().split_once(':') else { continue };
        let mut value = value.trim().trim_matches('"').to_owned();
        if value == "|-" || value == ">-" {
            value.clear();
            while let Some(next) = lines.next_if(|next| next.is_empty() || next.starts_with(&" ".repeat(indent + 1))) {
                value = format!("{value} {}", next.trim());
            }
        }
        match (key, rules.last_mut()) {
            ("- alert" | "- record", _) => {
                rules.push(Rule { alert: key == "- alert", name: value, ..Rule::default() });
            }
            ("expr", Some(rule)) => rule.expr = value,
            ("severity", Some(rule)) => rule.severity = value,
            ("summary", Some(rule)) => rule.summary = value,
            ("description", Some(rule)) => rule.description = value,
            ("runbook_url", Some(rule)) => rule.runbook_url = value,
            _ => {}
        }
    }
    rules
}

/// The alerts alone.
pub fn alerts() -> Vec<Rule> {
    all().into_iter().filter(|rule| rule.alert).collect()
}
