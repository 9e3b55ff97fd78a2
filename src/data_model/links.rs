//! What leads from table to table: foreign keys, columns that mean one though none is declared, and what views read.

use super::model::{Column, KeyKind, Kind, Model, Section, Table};

/// In the order of their strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkKind {
    /// A foreign key.
    Key,
    /// A column named as another table's key, without a foreign key.
    Like,
    /// A view's table.
    Reads,
}

/// From one table to another, or to itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link<'a> {
    pub kind: LinkKind,
    pub from: &'a str,
    /// None for a view.
    pub column: Option<&'a str>,
    pub to: &'a str,
    /// The column it leads to; none for a view.
    pub target: Option<&'a str>,
}

/// All links of the model, in its order.
#[must_use]
pub fn links(model: &Model) -> Vec<Link<'_>> {
    let mut found = Vec::new();
    for section in &model.sections {
        for table in &section.tables {
            found.extend(foreign(model, table));
            found.extend(meant(model, section, table));
            found.extend(read(model, table));
        }
    }
    found
}

fn foreign<'a>(model: &'a Model, table: &'a Table) -> impl Iterator<Item = Link<'a>> {
    table.keys.iter().filter(|key| key.kind == KeyKind::Foreign).filter_map(move |key| {
        let reference = key.references.as_ref()?;
        let to = model.tables().find(|other| other.name == reference.table)?;
        Some(Link {
            kind: LinkKind::Key,
            from: &table.name,
            column: key.columns.first().map(String::as_str),
            to: &to.name,
            target: reference.columns.first().map(String::as_str),
        })
    })
}

fn meant<'a>(model: &'a Model, section: &'a Section, table: &'a Table) -> impl Iterator<Item = Link<'a>> {
    let declared = |column: &Column| {
        table.keys.iter().any(|key| key.kind == KeyKind::Foreign && key.columns.contains(&column.name))
    };
    let columns = table.columns.iter().filter(move |column| table.kind == Kind::Table && !declared(column));
    columns.filter_map(move |column| {
        let named = |other: &&Table| other.name != table.name && is_named_for(&column.name, other);
        let same_area = || section.tables.iter().find(|o| o.name != table.name && shares_key(&column.name, o));
        let to = model.tables().find(named).or_else(same_area)?;
        Some(Link {
            kind: LinkKind::Like,
            from: &table.name,
            column: Some(&column.name),
            to: &to.name,
            target: to.primary().first().map(String::as_str),
        })
    })
}

/// `run_id` is a key of `run`, if that has one key column, `id` or `run_id`.
fn is_named_for(column: &str, table: &Table) -> bool {
    let [key] = table.primary() else { return false };
    column.strip_suffix("_id") == Some(&table.name) && (key == "id" || key == column)
}

/// Within an area, `job` is a key of `job_state`, whose only key column it is and whose name has it as a word.
fn shares_key(column: &str, table: &Table) -> bool {
    let [key] = table.primary() else { return false };
    key == column && table.name.split('_').any(|word| word == column)
}

fn read<'a>(model: &'a Model, view: &'a Table) -> impl Iterator<Item = Link<'a>> {
    let definition = view.definition.as_deref().unwrap_or_default();
    let tables = model.tables().filter(move |table| table.name != view.name && table.is_named_in(definition));
    tables.map(|table| Link { kind: LinkKind::Reads, from: &view.name, column: None, to: &table.name, target: None })
}

#[cfg(test)]
mod tests {
    use super::{
        super::model::tests::{table, view},
        *,
    };
    use crate::db::Area;

    const RUNS: Area = Area { title: "", about: "", tables: &["job_state", "run", "tick", "run_log", "runs"] };
    const BARS: Area = Area { title: "", about: "", tables: &["bar", "other"] };

    fn told(tables: Vec<Table>) -> Vec<String> {
        let model = Model::new("SQLite", &[RUNS, BARS], tables);
        let all = links(&model);
        let told = all.iter().map(|link| {
            let Link { kind, from, column, to, target } = link;
            format!("{kind:?} {from}.{} → {to}.{}", column.unwrap_or("*"), target.unwrap_or("*"))
        });
        told.collect()
    }

    #[test]
    fn foreign_keys_named_columns_and_views_lead_to_other_tables() {
        let tables = vec![
            table("job_state", 1, &["job", "run_id"], &[]),
            table("run", 1, &["id", "job", "run_id"], &[]),
            table("tick", 2, &["job", "position"], &[]),
            table("run_log", 2, &["run_id", "seq"], &[("run_id", "run")]),
            table("bar", 1, &["key", "job", "run_id"], &[]),
            view("runs", &["id", "run_id"], "SELECT * FROM run"),
        ];
        assert_eq!(
            told(tables),
            [
                "Like job_state.run_id → run.id",
                "Like run.job → job_state.job",
                "Like tick.job → job_state.job",
                "Key run_log.run_id → run.id",
                "Reads runs.* → run.*",
                "Like bar.run_id → run.id",
            ]
        );
    }

    #[test]
    fn a_word_that_two_tables_share_by_chance_is_no_link() {
        let tables = vec![
            table("bar", 1, &["position", "source_id"], &[]),
            table("other", 2, &["position", "bar_id"], &[]),
            table("run", 2, &["id", "part"], &[]),
            table("tick", 1, &["run_id"], &[]),
        ];
        assert_eq!(told(tables), Vec::<String>::new());
    }
}
