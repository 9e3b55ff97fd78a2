//! The frame of every page.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::site::{self, Here};
use crate::told::Language;

/// Of the frame itself.
const FRAME: &str = include_str!("frame.css");
/// Of what stands in it.
const CONTENT: &str = include_str!("style.css");

/// A whole page around its content. The classes the content may use stand in `style.css`.
pub fn layout(title: &str, body: Markup) -> Markup {
    layout_in(Language::English, title, body)
}

/// The same around a content that brings a style of its own.
pub fn layout_with(title: &str, own: &str, body: Markup) -> Markup {
    frame(Language::English, title, style(&[CONTENT, own]), body)
}

/// The same around a content in this language.
pub fn layout_in(language: Language, title: &str, body: Markup) -> Markup {
    frame(language, title, style(&[CONTENT]), body)
}

/// The frame alone; `head` says how the content looks.
pub fn frame(language: Language, title: &str, head: Markup, body: Markup) -> Markup {
    let here = site::here();
    html! {
        (DOCTYPE)
        html lang=(language.as_str()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · data-infrastructure" }
                link rel="icon" href="data:,";
                (style(&[FRAME]))
                (head)
            }
            body {
                (menu(language, &here))
                @if let Some(banner) = &here.site.banner { p.banner role="note" { (banner.in_language(language)) } }
                main { (body) }
            }
        }
    }
}

/// In English on every page, as are the pages it leads to.
fn menu(language: Language, here: &Here) -> Markup {
    let other = (language != Language::English).then_some(Language::English.as_str());
    html! {
        header lang=[other] {
            nav aria-label="Pages" {
                a.home href="/" aria-current=[here.current("/")] { "data-infrastructure" }
                @for (path, name) in here.places() { a href=(path) aria-current=[here.current(path)] { (name) } }
            }
        }
    }
}

fn style(sheets: &[&str]) -> Markup {
    html! { style { @for sheet in sheets { (PreEscaped(sheet)) } } }
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

    #[test]
    fn a_style_stands_in_the_head() {
        let page = layout_with("a", ".own { color: red; }", html! { p { "a" } }).into_string();
        let (head, body) = page.split_once("<body>").unwrap();
        assert!(head.contains(".own {") && head.contains(".scroll {") && !body.contains("<style"), "{page}");
    }

    #[test]
    fn the_menu_of_a_page_in_japanese_says_that_it_is_in_english() {
        let page = layout_in(Language::Japanese, "a", html! {}).into_string();
        assert!(page.contains("<html lang=\"ja\">") && page.contains("<header lang=\"en\">"), "{page}");
        assert!(layout("a", html! {}).into_string().contains("<header><nav"));
    }
}
