//! The data model as a document in Markdown, as it stands in `docs/data-model.md`.

use std::fmt::Write as _;

use super::{
    fold::folded,
    links::{Link, LinkKind, links},
    model::{Column, Index, Key, Kind, Model, Section, Table},
};

/// The whole document; `diagram` is where the drawing lies.
#[must_use]
pub fn markdown(model: &Model, diagram: &str) -> String {
    let links = links(model);
    let mut text = format!(
        "# Data model\n\nWhat a migrated {} database says of itself: {}. A running daemon \
         shows its own at `/docs/data-model`.\n\n![Entity diagram]({diagram})\n",
        model.database,
        model.counted()
    );
    for section in &model.sections {
        contents(&mut text, section);
    }
    for section in &model.sections {
        let _ = write!(text, "\n## {}\n\n{}\n", section.area.title, plain(section.area.about));
        for table in &section.tables {
            about(&mut text, table, &links);
        }
    }
    if !model.others.is_empty() {
        let others: Vec<String> = model.others.iter().map(|name| code(name)).collect();
        let _ = write!(text, "\n## Tables of others\n\nIn the same schema, but not ours: {}.\n", others.join(", "));
    }
    text
}

fn contents(text: &mut String, section: &Section) {
    let _ = write!(text, "\n**{}**\n\n", section.area.title);
    for table in &section.tables {
        let comment = table.comment.as_deref().map_or(String::new(), |comment| format!(": {}", plain(comment)));
        let _ = writeln!(text, "- [{}](#{}){comment}", plain(&table.name), table.name);
    }
}

fn about(text: &mut String, table: &Table, links: &[Link<'_>]) {
    let _ = write!(text, "\n### {}\n\n", plain(&table.name));
    if table.kind == Kind::View {
        text.push_str("A view. ");
    }
    if let Some(comment) = &table.comment {
        text.push_str(&plain(comment));
        text.push_str(if comment.ends_with(['.', '。']) { "" } else { "." });
    }
    if let Some(partitions) = &table.partitions {
        let _ = write!(text, " Partitioned by {}, in {} parts.", code(&partitions.by), partitions.count);
    }
    text.push_str("\n\n| Column | Type | Null | Default | Comment |\n|---|---|---|---|---|\n");
    for column in folded(&table.columns) {
        let first = column.first;
        let name = match column.last {
            Some(last) => format!("{} … {}", cell_code(&first.name), cell_code(&last.name)),
            None => cell_code(&first.name),
        };
        let _ = writeln!(text, "| {name}{} | {} |", key_of(table, first, links), facts(table, first));
    }
    keys(text, table);
    let from: Vec<String> = links
        .iter()
        .filter(|link| link.to == table.name && link.from != table.name)
        .map(|link| format!("[{}](#{}){}", plain(link.from), link.from, link.column.map_or(String::new(), by)))
        .collect();
    if !from.is_empty() {
        let _ = write!(text, "\nReferred to by {}.\n", from.join(", "));
    }
    if let Some(definition) = &table.definition {
        let _ = write!(text, "\n```sql\n{}\n```\n", definition.trim());
    }
}

fn by(column: &str) -> String {
    format!(" ({})", code(column))
}

/// What a column is to its table, and where it leads.
fn key_of(table: &Table, column: &Column, links: &[Link<'_>]) -> String {
    let mut marks = String::new();
    if table.primary().contains(&column.name) {
        marks.push_str(" **PK**");
    }
    for link in links.iter().filter(|link| link.from == table.name && link.column == Some(&column.name)) {
        let arrow = if link.kind == LinkKind::Key { "→" } else { "⇢" };
        let _ = write!(marks, " {arrow} [{}](#{})", plain(link.to), link.to);
    }
    marks
}

fn facts(table: &Table, column: &Column) -> String {
    let null = if column.nullable && table.kind == Kind::Table { "yes" } else { "" };
    let default = column.default.as_deref().map_or(String::new(), cell_code);
    let comment = column.comment.as_deref().map_or(String::new(), plain);
    format!("{} | {null} | {default} | {comment}", column.kind)
}

fn keys(text: &mut String, table: &Table) {
    let keys = table.keys.iter().map(|key: &Key| code(&key.definition));
    let indexes = table.indexes.iter().map(|index: &Index| code(&index.definition));
    let all: Vec<String> = keys.chain(indexes).collect();
    if !all.is_empty() {
        let _ = write!(text, "\n- {}\n", all.join("\n- "));
    }
}

/// Text that stands for itself, on one line.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut before = ' ';
    let mut rest = text.chars().map(|c| if c == '\n' { ' ' } else { c }).peekable();
    while let Some(c) = rest.next() {
        // Within a word an underscore is one.
        let within = before.is_alphanumeric() && rest.peek().is_some_and(|next| next.is_alphanumeric());
        if matches!(c, '\\' | '|' | '<' | '>' | '*' | '`' | '[' | ']' | '~') || (c == '_' && !within) {
            plain.push('\\');
        }
        plain.push(c);
        before = c;
    }
    plain
}

fn code(text: &str) -> String {
    let text = text.replace('\n', " ");
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

/// Code in a table, whose columns end at every `|`.
fn cell_code(text: &str) -> String {
    code(text).replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::{
        super::model::{
            Partitions,
            tests::{FIRST, SECOND, table, view},
        },
        *,
    };

    #[test]
    fn a_table_has_its_section_with_all_that_is_known() {
        let mut a = table("a", 1, &["id", "b_id"], &[("b_id", "b")]);
        a.columns[1].default = Some("'x|y'".to_owned());
        a.columns[1].comment = Some("a|b *c* <d>\nskipped_overlap _x_".to_owned());
        a.partitions = Some(Partitions { by: "RANGE (id)".to_owned(), count: 3 });
        let tables =
            vec![a, table("b", 1, &["id"], &[]), view("c", &["id"], "SELECT id FROM b"), table("alien", 0, &[], &[])];
        let text = markdown(&Model::new("PostgreSQL", &[FIRST, SECOND], tables), "model.svg");
        for expected in [
            "migrated PostgreSQL database says of itself: 2 tables and 1 view. A",
            "![Entity diagram](model.svg)",
            "- [a](#a): all about a",
            "## First\n\nThe first.",
            "### a\n\nall about a. Partitioned by `RANGE (id)`, in 3 parts.",
            "| `id` **PK** | text |  |  | the id of id |",
            "| `b_id` → [b](#b) | text |  | `'x\\|y'` | a\\|b \\*c\\* \\<d\\> skipped_overlap \\_x\\_ |",
            "### b",
            "Referred to by [a](#a) (`b_id`), [c](#c).",
            "### c\n\nA view. all about c.",
            "```sql\nSELECT id FROM b\n```",
            "not ours: `alien`.",
        ] {
            assert!(text.contains(expected), "{expected}\n{text}");
        }
    }
}
