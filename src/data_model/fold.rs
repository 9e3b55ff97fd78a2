//! Columns that differ in their number only, as one.

use super::model::Column;

/// A column, or several that are told at once: `v1 … v64`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folded<'a> {
    pub first: &'a Column,
    /// The last of several.
    pub last: Option<&'a Column>,
}

/// From so many on they are folded.
const MANY: usize = 4;

/// The columns in their order, numbered ones of one kind folded.
#[must_use]
pub fn folded(columns: &[Column]) -> Vec<Folded<'_>> {
    let mut all = Vec::new();
    let mut rest = columns;
    while let Some(first) = rest.first() {
        let alike = rest.iter().enumerate().take_while(|(n, column)| follows(first, column, *n)).count();
        let taken = if alike < MANY { 1 } else { alike };
        all.push(Folded { first, last: (taken > 1).then(|| &rest[taken - 1]) });
        rest = &rest[taken..];
    }
    all
}

/// Whether the column is the `n`th after the first: its name by its number, and all else the same.
fn follows(first: &Column, column: &Column, n: usize) -> bool {
    let expected = numbered(&first.name).map(|(name, number)| (name, number + n));
    let same = Column { name: first.name.clone(), ..column.clone() } == *first;
    same && expected.is_some() && numbered(&column.name) == expected
}

fn numbered(name: &str) -> Option<(&str, usize)> {
    let text = name.trim_end_matches(|c: char| c.is_ascii_digit());
    Some((text, name[text.len()..].parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{super::model::tests::table, *};

    #[test]
    fn numbered_columns_of_one_kind_are_told_at_once() {
        let names: Vec<String> = (1..=64).map(|n| format!("v{n}")).collect();
        let mut columns = vec!["id", "a1", "a2", "a3"];
        columns.extend(names.iter().map(String::as_str));
        let mut table = table("t", 1, &columns, &[]);
        for column in &mut table.columns {
            column.comment = Some("the same".to_owned());
        }
        let told = |columns: &[Column]| {
            let name = |folded: &Folded<'_>| match folded.last {
                Some(last) => format!("{}…{}", folded.first.name, last.name),
                None => folded.first.name.clone(),
            };
            folded(columns).iter().map(name).collect::<Vec<_>>()
        };
        assert_eq!(told(&table.columns), ["id", "a1", "a2", "a3", "v1…v64"]);
        table.columns[10].nullable = true;
        assert_eq!(told(&table.columns), ["id", "a1", "a2", "a3", "v1…v6", "v7", "v8…v64"]);
    }
}
