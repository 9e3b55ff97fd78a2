//! The end of a run's log.

use chrono::SecondsFormat;
use maud::{Markup, html};
use serde_json::{Map, Value};

use crate::{
    http::runs::path,
    jobs::{LogLine, Run},
};

pub fn run_log(run: &Run, lines: &[LogLine]) -> Markup {
    html! {
        h2 { "Log (UTC)" }
        @if lines.is_empty() {
            p.quiet { "Nothing was said." }
        } @else {
            @if lines.first().is_some_and(|first| first.seq > 1) {
                p.quiet { "The last " (lines.len()) " lines; " a href={ (path(&run.id)) "/logs" } { "all of them" } "." }
            }
            div.scroll { table.log.mono { tbody {
                @for (at, line) in lines.iter().enumerate() {
                    @let day = line.at.date_naive();
                    @let before = at.checked_sub(1).and_then(|before| lines.get(before));
                    @if before.is_none_or(|before| before.at.date_naive() != day) {
                        tr { th colspan="4" scope="rowgroup" { time datetime=(day) { (day) } } }
                    }
                    (row(line))
                }
            } } }
        }
    }
}

fn row(line: &LogLine) -> Markup {
    html! {
        tr {
            td {
                time datetime=(line.at.to_rfc3339_opts(SecondsFormat::Millis, true)) { (line.at.format("%H:%M:%S%.3f")) }
            }
            td class=(line.level) { (line.level) }
            td { (line.task.as_deref().unwrap_or_default()) }
            td { (line.message) @if !line.fields.is_empty() { " " span.quiet { (fields(&line.fields)) } } }
        }
    }
}

/// `name=value` side by side; text that would not stand as one word is quoted.
pub fn fields(fields: &Map<String, Value>) -> String {
    let pair = |(name, value): (&String, &Value)| match value {
        Value::String(text) if is_word(text) => format!("{name}={text}"),
        value => format!("{name}={value}"),
    };
    fields.iter().map(pair).collect::<Vec<_>>().join(" ")
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '='))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_stand_side_by_side() {
        let Value::Object(map) = json!({"a": 1, "b": "word", "c": "two words\n", "d": "", "e": true}) else { panic!() };
        assert_eq!(fields(&map), r#"a=1 b=word c="two words\n" d="" e=true"#);
    }
}
