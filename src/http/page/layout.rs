//! The frame of every page.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::banner;
use crate::told::Language;

const STYLE: &str = include_str!("style.css");
const PLACES: [(&str, &str); 6] = [
    ("/jobs", "Jobs"),
    ("/runs", "Runs"),
    ("/sources", "Sources"),
    ("/metrics", "Metrics"),
    ("/docs", "API"),
    ("/docs/data-model", "Data model"),
];

/// A whole page around its content. The classes the content may use stand in `style.css`.
pub fn layout(title: &str, body: Markup) -> Markup {
    layout_in(Language::English, title, body)
}

/// The same around a content in this language.
pub fn layout_in(language: Language, title: &str, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(language.as_str()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · data-infrastructure" }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    nav aria-label="Pages" {
                        a.home href="/" { "data-infrastructure" }
                        @for (path, name) in PLACES { a href=(path) { (name) } }
                    }
                }
                @if let Some(banner) = banner::shown() { p.banner role="note" { (banner) } }
                main { (body) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_loads_nothing_and_runs_nothing() {
        let page = layout("<b>", html! { p { "a" } }).into_string();
        assert!(page.contains("<title>&lt;b&gt; · data-infrastructure</title>"));
        for foreign in ["<script", "http://", "https://", "@import", "url("] {
            assert!(!page.contains(foreign), "{foreign}");
        }
    }
}
