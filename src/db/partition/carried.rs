//! What hangs on a table and has to hang on the one that takes its place: keys, indexes, triggers, views, privileges.

use sea_orm::DbErr;

use super::{PartitionError, Ranged, locked::texts, make::Storage, make::storage};
use crate::db::{Transaction, execute, one};

/// Statements, to be executed when the new table bears the name.
pub struct Carried {
    table: &'static str,
    comment: Option<String>,
    views: Vec<String>,
    keys: Vec<String>,
    privileges: Vec<String>,
    /// The columns of the primary key, in which order rows are best kept.
    pub order: Option<String>,
    pub storage: Storage,
}

const KEYS: &str = "\
SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', $1, conname, pg_get_constraintdef(oid)) FROM pg_constraint \
WHERE conrelid = to_regclass($1) AND contype IN ('p', 'u', 'x', 'f') ORDER BY contype = 'f', contype <> 'p', conname";

/// Of a partitioned table the database says ON ONLY, which would leave the partitions without.
const INDEXES: &str = "\
SELECT replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') FROM pg_index i \
WHERE i.indrelid = to_regclass($1) AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid) \
ORDER BY 1";

const TRIGGERS: &str = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = to_regclass($1) AND NOT tgisinternal ORDER BY tgname";

/// Replaced, not made anew: so they keep their privileges, comments, and the views that read them.
const VIEWS: &str = "\
SELECT DISTINCT format('CREATE OR REPLACE VIEW %s%s AS %s', c.oid::regclass, \
  ' WITH (' || array_to_string(c.reloptions, ', ') || ')', pg_get_viewdef(c.oid)) \
FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class c ON c.oid = r.ev_class \
WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = to_regclass($1) \
AND c.relkind = 'v'";

const PRIVILEGES: &str = "\
SELECT format('GRANT %s ON TABLE %s TO %s%s', privilege, $1, COALESCE(quote_ident(r.rolname), 'PUBLIC'), \
  CASE WHEN grantable THEN ' WITH GRANT OPTION' ELSE '' END) \
FROM (SELECT a.privilege_type AS privilege, a.grantee, a.is_grantable AS grantable \
      FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a WHERE c.oid = to_regclass($1) \
      UNION ALL \
      SELECT format('%s (%I)', a.privilege_type, t.attname), a.grantee, a.is_grantable \
      FROM pg_attribute t CROSS JOIN LATERAL aclexplode(t.attacl) a \
      WHERE t.attrelid = to_regclass($1) AND NOT t.attisdropped) p \
LEFT JOIN pg_roles r ON r.oid = p.grantee ORDER BY 1";

/// Whoever got privileges without being asked for, by ALTER DEFAULT PRIVILEGES.
const STRANGERS: &str = "\
SELECT DISTINCT format('REVOKE ALL ON TABLE %s FROM %s', $1, COALESCE(quote_ident(r.rolname), 'PUBLIC')) \
FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee \
WHERE c.oid = to_regclass($1) AND a.grantee <> c.relowner";

/// What cannot be carried: better to leave all as it is than to lose it.
const OBSTACLES: &str = "\
SELECT 'the materialized view ' || c.oid::regclass FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid \
  JOIN pg_class c ON c.oid = r.ev_class WHERE d.classid = 'pg_rewrite'::regclass \
  AND d.refclassid = 'pg_class'::regclass AND d.refobjid = to_regclass($1) AND c.relkind = 'm' \
UNION SELECT 'the rule ' || rulename FROM pg_rewrite WHERE ev_class = to_regclass($1) \
UNION SELECT 'the foreign key ' || conname || ' of ' || conrelid::regclass FROM pg_constraint \
  WHERE confrelid = to_regclass($1) AND contype = 'f' \
UNION SELECT 'the policy ' || polname FROM pg_policy WHERE polrelid = to_regclass($1) \
UNION SELECT 'row security' FROM pg_class WHERE oid = to_regclass($1) AND relrowsecurity \
UNION SELECT 'the publication ' || p.pubname FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid \
  WHERE r.prrelid = to_regclass($1) \
UNION SELECT 'the table ' || i.inhrelid::regclass || ', which inherits from it' FROM pg_inherits i \
  JOIN pg_class c ON c.oid = i.inhparent WHERE i.inhparent = to_regclass($1) AND c.relkind <> 'p' \
ORDER BY 1";

const ORDER: &str = "\
SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY k.position) FROM pg_constraint c \
CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k(number, position) \
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number \
WHERE c.conrelid = to_regclass($1) AND c.contype = 'p'";

impl Carried {
    /// Reads it, while the table still bears its name.
    ///
    /// # Errors
    /// What the database says, and what hangs on the table that cannot be carried.
    pub async fn of(transaction: &Transaction, ranged: &Ranged) -> Result<Self, PartitionError> {
        let table = ranged.table;
        let obstacles = texts(transaction, OBSTACLES, table).await?;
        if !obstacles.is_empty() {
            let what = obstacles.join(", ");
            return Err(PartitionError::Refused(format!(
                "{table} cannot be rebuilt with what depends on it: {what}; drop that first and make it anew afterwards"
            )));
        }
        let mut keys = texts(transaction, KEYS, table).await?;
        keys.extend(texts(transaction, INDEXES, table).await?);
        keys.extend(texts(transaction, TRIGGERS, table).await?);
        Ok(Self {
            table,
            comment: text(transaction, "SELECT obj_description(to_regclass($1), 'pg_class')", table).await?,
            views: texts(transaction, VIEWS, table).await?,
            keys,
            privileges: texts(transaction, PRIVILEGES, table).await?,
            order: text(transaction, ORDER, table).await?,
            storage: storage(transaction, table).await?,
        })
    }

    /// Turns the views to the table that bears the name now; the one before can go then.
    pub async fn turn_views(&self, transaction: &Transaction) -> Result<(), DbErr> {
        for view in &self.views {
            execute(transaction, view.trim_end_matches(';'), []).await?;
        }
        Ok(())
    }

    /// Gives the table everything else. The one before is gone, and with it the names of its keys.
    pub async fn put(&self, transaction: &Transaction) -> Result<(), DbErr> {
        for key in &self.keys {
            execute(transaction, key, []).await?;
        }
        if let Some(comment) = &self.comment {
            let text = comment.replace('\'', "''");
            execute(transaction, &format!("COMMENT ON TABLE {} IS '{text}'", self.table), []).await?;
        }
        if let Some(owner) = &self.storage.owner {
            execute(transaction, &format!("ALTER TABLE {} OWNER TO {owner}", self.table), []).await?;
        }
        for revoke in texts(transaction, STRANGERS, self.table).await? {
            execute(transaction, &revoke, []).await?;
        }
        for grant in &self.privileges {
            execute(transaction, grant, []).await?;
        }
        Ok(())
    }
}

async fn text(transaction: &Transaction, sql: &str, table: &str) -> Result<Option<String>, DbErr> {
    one(transaction, sql, [table.into()]).await?.map_or(Ok(None), |row| row.try_get_by_index(0))
}
