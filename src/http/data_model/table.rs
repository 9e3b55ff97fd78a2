//! A table's section: columns, keys, indexes, and who refers to it.

use maud::{Markup, html};

use crate::data_model::{Column, Folded, Kind, Link, LinkKind, Table, folded};

pub fn section(table: &Table, links: &[Link<'_>]) -> Markup {
    let is_view = table.kind == Kind::View;
    html! {
        section {
            h3 id=(table.name) {
                a.mono href={ "#" (table.name) } { (table.name) }
                @if is_view { " " span.kind { "view" } }
            }
            @if let Some(comment) = &table.comment { p { (comment) } }
            @if let Some(parts) = &table.partitions {
                p { "Partitioned by " code { (parts.by) } ", in " (parts.count) " parts." }
            }
            div.scroll { table {
                thead { tr { th { "Column" } th { "Type" } @if !is_view { th { "Null" } th { "Default" } } th { "Comment" } } }
                tbody { @for column in folded(&table.columns) { (row(table, &column, links)) } }
            } }
            (keys(table))
            (referring(table, links))
            @if let Some(definition) = &table.definition { details { summary { "Definition" } pre { (definition.trim()) } } }
        }
    }
}

fn row(table: &Table, column: &Folded<'_>, links: &[Link<'_>]) -> Markup {
    let Column { name, kind, nullable, default, comment } = column.first;
    html! {
        tr {
            td {
                code { (name) @if let Some(last) = column.last { " … " (last.name) } }
                @if table.primary().contains(name) { " " span.kind { "PK" } }
                @for link in links.iter().filter(|link| link.from == table.name && link.column == Some(name)) {
                    (lead(link))
                }
            }
            td { code { (kind) } }
            @if table.kind == Kind::Table {
                td { @if *nullable { "yes" } }
                td { @if let Some(default) = default { code { (default) } } }
            }
            td { @if let Some(comment) = comment { (comment) } @else { span.quiet { "–" } } }
        }
    }
}

fn lead(link: &Link<'_>) -> Markup {
    let (arrow, title) = match link.kind {
        LinkKind::Key => ("→", "a foreign key"),
        LinkKind::Like | LinkKind::Reads => ("⇢", "by its name; no foreign key is declared"),
    };
    html! { small title=(title) { (arrow) " " a.mono href={ "#" (link.to) } { (link.to) } } }
}

fn keys(table: &Table) -> Markup {
    html! {
        @if !table.keys.is_empty() || !table.indexes.is_empty() {
            ul.keys {
                @for key in &table.keys { li { code { (key.definition) } } }
                @for index in &table.indexes { li { code { (index.definition) } } }
            }
        }
    }
}

fn referring(table: &Table, links: &[Link<'_>]) -> Markup {
    let from: Vec<&Link<'_>> = links.iter().filter(|link| link.to == table.name && link.from != table.name).collect();
    html! {
        @if !from.is_empty() {
            p.quiet { "Referred to by "
                @for (number, link) in from.iter().enumerate() {
                    @if number > 0 { ", " }
                    a.mono href={ "#" (link.from) } { (link.from) }
                    @if let Some(column) = link.column { " (" code { (column) } ")" }
                }
            }
        }
    }
}
