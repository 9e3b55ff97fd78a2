//! What belongs together in the schema.

/// Tables and views that belong together, as their owner hands them in to be described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    pub title: &'static str,
    /// A sentence or two.
    pub about: &'static str,
    /// Names of tables and views, in the order in which they are best read.
    pub tables: &'static [&'static str],
}

/// The record of the migrations themselves.
pub const AREA: Area = Area {
    title: "Migrations",
    about: "Which migrations have been applied, and when. Their table is sea-orm's.",
    tables: &["seaql_migrations", "schema_compatibility"],
};
