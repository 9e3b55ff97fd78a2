//! Comments in a `CREATE` statement: the first belongs to the table, each other to the column it stands behind. Pure.
//!
//! A line's comment belongs to the column that the line begins with: what was added later stands on the line of the last
//! column, before that one's comment, and brings its own between `/*` and `*/`.

use std::collections::BTreeMap;

/// What the comments of a statement say.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Comments {
    pub table: Option<String>,
    pub columns: BTreeMap<String, String>,
}

/// Where in the statement the reader is.
#[derive(Default)]
struct Reader {
    /// Open parentheses.
    depth: u32,
    /// A definition begins: the next word is a column's name, or the first of a constraint.
    begins: bool,
    /// What a comment belongs to; none: the table.
    column: Option<String>,
    /// The first column of the line.
    line: Option<String>,
    found: Comments,
}

/// Reads the comments out of a statement as it was stored.
pub fn comments(statement: &str) -> Comments {
    let mut reader = Reader::default();
    let mut rest = statement;
    while let Some(first) = rest.chars().next() {
        let taken = reader.take(rest, first);
        rest = &rest[taken.max(first.len_utf8()).min(rest.len())..];
    }
    reader.found
}

/// What a view selects: the statement from `SELECT` on.
pub fn selected(statement: &str) -> &str {
    statement.find("SELECT").map_or(statement, |at| &statement[at..])
}

impl Reader {
    /// Reads what stands at the beginning, and says how long it is.
    fn take(&mut self, rest: &str, first: char) -> usize {
        if let Some(comment) = rest.strip_prefix("--") {
            let length = comment.find('\n').unwrap_or(comment.len());
            let column = self.line.clone().or_else(|| self.column.clone());
            self.belongs(column, &comment[..length]);
            return length + 2;
        }
        if let Some(comment) = rest.strip_prefix("/*") {
            let length = comment.find("*/").unwrap_or(comment.len());
            self.belongs(self.column.clone(), &comment[..length]);
            return length + 4;
        }
        match first {
            '(' => {
                self.depth += 1;
                self.begins |= self.depth == 1;
            }
            '\n' => self.line = None,
            ')' => self.depth = self.depth.saturating_sub(1),
            ',' => self.begins |= self.depth == 1,
            '\'' | '"' | '`' => return self.quoted(rest, first),
            _ if is_word(first) => {
                let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                self.word(&rest[..length]);
                return length;
            }
            _ => {}
        }
        first.len_utf8()
    }

    /// A text, or a name that would be none without quotes.
    fn quoted(&mut self, rest: &str, quote: char) -> usize {
        let Some(length) = rest[1..].find(quote) else { return rest.len() };
        if quote != '\'' {
            self.word(&rest[1..=length]);
        }
        length + 2
    }

    fn word(&mut self, word: &str) {
        if self.depth == 1 && std::mem::take(&mut self.begins) {
            self.column = Some(word.to_owned());
            self.line.get_or_insert_with(|| word.to_owned());
        }
    }

    fn belongs(&mut self, column: Option<String>, comment: &str) {
        let comment = comment.trim();
        if comment.is_empty() {
            return;
        }
        match column {
            Some(column) => drop(self.found.columns.entry(column).or_insert_with(|| comment.to_owned())),
            None => drop(self.found.table.get_or_insert_with(|| comment.to_owned())),
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_comment_belongs_to_the_column_before_it() {
        let statement = "CREATE TABLE run ( -- one execution (of a job), it's final\n  \
                         id varchar(36) NOT NULL, -- UUIDv7: \"sorts\" by creation\n  \
                         state text DEFAULT 'a -- b, (' NOT NULL, -- 状態 (state), e.g. 'x'\n  \
                         \"order\" integer CHECK (\"order\" > 0), -- a word of SQL\n  \
                         silent text,\n  \
                         PRIMARY KEY (id)\n, parallel integer DEFAULT 0 /* tasks, at once */)";
        let found = comments(statement);
        assert_eq!(found.table.as_deref(), Some("one execution (of a job), it's final"));
        let columns: Vec<_> = found.columns.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        assert_eq!(
            columns,
            [
                ("id", "UUIDv7: \"sorts\" by creation"),
                ("order", "a word of SQL"),
                ("parallel", "tasks, at once"),
                ("state", "状態 (state), e.g. 'x'"),
            ]
        );
    }

    #[test]
    fn columns_added_later_do_not_take_the_comment_of_the_last() {
        let statement = "CREATE TABLE t ( -- all\n  id text, -- first\n  at text NOT NULL, more text /* added */, \
                         silent text, -- last, as made\n  PRIMARY KEY (id)\n)";
        let found = comments(statement).columns;
        let columns: Vec<_> = found.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        assert_eq!(columns, [("at", "last, as made"), ("id", "first"), ("more", "added")]);
    }

    #[test]
    fn a_view_may_have_a_comment_and_what_it_selects_follows() {
        let statement = "CREATE VIEW v AS -- 平均, of each\nSELECT a, (b) FROM t";
        assert_eq!(comments(statement), Comments { table: Some("平均, of each".to_owned()), columns: BTreeMap::new() });
        assert_eq!(selected(statement), "SELECT a, (b) FROM t");
    }

    proptest! {
        #[test]
        fn no_statement_is_too_odd(statement in "[-/*(),'\"`a表 \n]{0,60}") {
            comments(&statement);
        }
    }
}
