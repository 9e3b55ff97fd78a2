//! Tables, views and what is known of them, the same whichever database said it.

use crate::db::Area;

/// The schema, in areas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// Which database says so: `PostgreSQL`, `SQLite`.
    pub database: &'static str,
    pub sections: Vec<Section>,
    /// Names of tables beside ours in the same schema, which no area names.
    pub others: Vec<String>,
}

/// An area and its tables, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    pub area: Area,
    pub tables: Vec<Table>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Table,
    View,
}

/// A table or a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    pub kind: Kind,
    pub comment: Option<String>,
    pub columns: Vec<Column>,
    /// Primary, unique and foreign keys and checks, in this order.
    pub keys: Vec<Key>,
    /// Those that no key brings with it.
    pub indexes: Vec<Index>,
    /// What a view selects.
    pub definition: Option<String>,
    pub partitions: Option<Partitions>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// As the database names it.
    pub kind: String,
    pub nullable: bool,
    pub default: Option<String>,
    pub comment: Option<String>,
}

/// In the order in which they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyKind {
    Primary,
    Unique,
    Foreign,
    /// A check or an exclusion: only its definition tells.
    Check,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub kind: KeyKind,
    pub columns: Vec<String>,
    /// Where a foreign key leads.
    pub references: Option<Reference>,
    /// As SQL.
    pub definition: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub table: String,
    pub columns: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    pub name: String,
    /// As SQL.
    pub definition: String,
}

/// A table whose rows lie in parts, which are not shown each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partitions {
    /// `RANGE (day)`
    pub by: String,
    pub count: u64,
}

impl Model {
    /// Puts tables into their areas. An area without a table is left out.
    #[must_use]
    pub fn new(database: &'static str, areas: &[Area], mut tables: Vec<Table>) -> Self {
        explain_views(&mut tables);
        let mut sections = Vec::new();
        for area in areas {
            let named = area.tables.iter().filter_map(|name| {
                let found = tables.iter().position(|table| table.name == *name)?;
                Some(tables.remove(found))
            });
            let section = Section { area: *area, tables: named.collect() };
            if !section.tables.is_empty() {
                sections.push(section);
            }
        }
        let mut others: Vec<_> = tables.into_iter().map(|table| table.name).collect();
        others.sort();
        Self { database, sections, others }
    }

    /// All tables and views, in the order of their areas.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.sections.iter().flat_map(|section| &section.tables)
    }

    /// How many tables there are, and how many views.
    #[must_use]
    pub fn count(&self) -> (usize, usize) {
        let views = self.tables().filter(|table| table.kind == Kind::View).count();
        (self.tables().count() - views, views)
    }

    /// The same in words: `33 tables and 1 view`.
    #[must_use]
    pub fn counted(&self) -> String {
        let (tables, views) = self.count();
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        format!("{tables} table{} and {views} view{}", plural(tables), plural(views))
    }
}

impl Table {
    /// The columns of the primary key.
    #[must_use]
    pub fn primary(&self) -> &[String] {
        self.keys.iter().find(|key| key.kind == KeyKind::Primary).map_or(&[], |key| &key.columns)
    }

    /// Whether a view's definition names it, as a word.
    #[must_use]
    pub fn is_named_in(&self, definition: &str) -> bool {
        definition.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == self.name)
    }
}

/// What a view only hands on has the comment of the column that it comes from: the same name, in a table it names.
fn explain_views(tables: &mut [Table]) {
    let explain = |view: &Table, column: &Column| {
        let definition = view.definition.as_deref()?;
        let read = tables.iter().filter(|table| table.kind == Kind::Table && table.is_named_in(definition));
        let same = read.flat_map(|table| &table.columns).find(|other| other.name == column.name);
        same.and_then(|other| other.comment.clone())
    };
    let explained: Vec<Vec<Option<String>>> = tables
        .iter()
        .map(|table| table.columns.iter().map(|c| c.comment.clone().or_else(|| explain(table, c))).collect())
        .collect();
    for (table, comments) in tables.iter_mut().zip(explained) {
        for (column, comment) in table.columns.iter_mut().zip(comments) {
            column.comment = comment;
        }
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A table with these columns, of which the first are its primary key, and foreign keys `column → table`.
    pub fn table(name: &str, primary: usize, columns: &[&str], foreign: &[(&str, &str)]) -> Table {
        let key = |kind, column: &str, references| Key {
            kind,
            columns: vec![column.to_owned()],
            references,
            definition: String::new(),
        };
        let names: Vec<String> = columns.iter().map(|&name| name.to_owned()).collect();
        let mut keys = vec![Key { columns: names[..primary].to_vec(), ..key(KeyKind::Primary, "", None) }];
        keys.extend(foreign.iter().map(|(column, to)| {
            key(KeyKind::Foreign, column, Some(Reference { table: (*to).to_owned(), columns: vec!["id".to_owned()] }))
        }));
        let column = |name: &String| Column {
            name: name.clone(),
            kind: "text".to_owned(),
            nullable: false,
            default: None,
            comment: Some(format!("the {name} of {}", table_name(name))),
        };
        Table {
            name: table_name(name),
            kind: Kind::Table,
            comment: Some(format!("all about {name}")),
            columns: names.iter().map(column).collect(),
            keys,
            indexes: Vec::new(),
            definition: None,
            partitions: None,
        }
    }

    fn table_name(name: &str) -> String {
        name.to_owned()
    }

    /// A view of these columns, without comments of their own.
    pub fn view(name: &str, columns: &[&str], definition: &str) -> Table {
        let mut view = table(name, 0, columns, &[]);
        view.columns.iter_mut().for_each(|column| column.comment = None);
        Table { kind: Kind::View, keys: Vec::new(), definition: Some(definition.to_owned()), ..view }
    }

    pub const FIRST: Area = Area { title: "First", about: "The first.", tables: &["b", "a"] };
    pub const SECOND: Area = Area { title: "Second", about: "The second.", tables: &["c", "gone"] };
    const EMPTY: Area = Area { title: "Empty", about: "Nothing.", tables: &["gone"] };

    #[test]
    fn tables_stand_in_the_order_of_their_areas_and_others_are_only_named() {
        let tables = ["zoo", "a", "b", "c", "alien"].map(|name| table(name, 1, &["id"], &[])).to_vec();
        let model = Model::new("SQLite", &[FIRST, EMPTY, SECOND], tables);
        let names: Vec<_> = model.tables().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["b", "a", "c"]);
        assert_eq!(model.sections.len(), 2, "the area without a table is left out");
        assert_eq!(model.others, ["alien", "zoo"]);
        assert_eq!((model.count(), model.counted().as_str()), ((3, 0), "3 tables and 0 views"));
    }

    #[test]
    fn a_column_that_a_view_hands_on_keeps_its_comment() {
        let view = view("b", &["id", "made"], "SELECT a.id, 1 AS made FROM a JOIN ab ON true");
        let tables = vec![table("ab", 1, &["made"], &[]), table("a", 1, &["id"], &[]), view];
        let model = Model::new("SQLite", &[FIRST], tables);
        let comments: Vec<_> = model.sections[0].tables[0].columns.iter().map(|c| c.comment.as_deref()).collect();
        assert_eq!(comments, [Some("the id of id"), Some("the made of made")]);
        assert!(!table("a", 0, &[], &[]).is_named_in("SELECT ab.x FROM ab, a_b"), "only whole words are names");
    }
}
