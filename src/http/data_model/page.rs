//! The page: the diagram, a list of all tables, and a section for each.

use maud::{Markup, PreEscaped, html};

use super::table;
use crate::data_model::{Model, Section, diagram, links};

/// Beside the frame's style.
pub const STYLE: &str = include_str!("style.css");

pub fn page(model: &Model) -> Markup {
    let links = links(model);
    html! {
        h1 { "Data model" }
        p { "What this " (model.database) " database says of itself at the moment: " (model.counted()) ". A box leads to the table's section." }
        @if !model.sections.is_empty() { div.scroll.sheet { (PreEscaped(diagram(model, ""))) } }
        nav.contents aria-label="Tables" { @for section in &model.sections { (contents(section)) } }
        @for section in &model.sections {
            h2.area { (section.area.title) }
            p.quiet { (section.area.about) }
            @for table in &section.tables { (table::section(table, &links)) }
        }
        @if !model.others.is_empty() {
            h2.area { "Tables of others" }
            p { "In the same schema, but not ours: "
                @for (number, name) in model.others.iter().enumerate() { @if number > 0 { ", " } code { (name) } } "." }
        }
    }
}

fn contents(section: &Section) -> Markup {
    html! {
        div {
            strong { (section.area.title) }
            ul { @for table in &section.tables {
                li { a.mono href={ "#" (table.name) } title=[table.comment.as_deref()] { (table.name) } }
            } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Area;

    #[test]
    fn an_empty_database_has_a_page() {
        let model = Model { database: "SQLite", sections: Vec::new(), others: vec!["<x>".to_owned(), "y".to_owned()] };
        let page = page(&model).into_string();
        assert!(page.contains("0 tables and 0 views") && !page.contains("<svg"), "{page}");
        assert!(page.contains("<code>&lt;x&gt;</code>, <code>y</code>."), "{page}");
    }

    #[test]
    fn hundreds_of_tables_fit_on_it() {
        let table = |n: usize| crate::data_model::Table {
            name: format!("table_{n}"),
            kind: crate::data_model::Kind::Table,
            comment: None,
            columns: Vec::new(),
            keys: Vec::new(),
            indexes: Vec::new(),
            definition: None,
            partitions: None,
        };
        let area = Area { title: "Many", about: "", tables: &[] };
        let section = Section { area, tables: (0..400).map(table).collect() };
        let page = page(&Model { database: "SQLite", sections: vec![section], others: Vec::new() }).into_string();
        assert_eq!(page.matches("<h3 id=\"table_").count(), 400);
        assert_eq!(page.matches("href=\"#table_").count(), 1200, "list, diagram, head");
    }
}
