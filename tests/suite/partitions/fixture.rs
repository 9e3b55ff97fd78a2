//! A database with some rows, and everything there is to say about two of its tables.

use data_infrastructure::{
    audit::Actor,
    clock::Clock,
    db::{
        self, Database,
        partition::{PartitionError, Rebuilt, Span},
    },
    stock::partitions::{Layout, convert},
};
use sea_orm::{ConnectionTrait as _, QueryResult};

use crate::support::TestStore;

pub struct Shelf {
    pub database: Database,
    pub store: TestStore,
}

pub fn clock(now: &str) -> Clock {
    Clock::fixed(format!("{now}T09:00:00Z").parse().unwrap())
}

pub fn by(span: Span) -> Layout {
    Layout::Partitioned(span, "2019-01-01".parse().unwrap())
}

impl Shelf {
    /// Three companies with a bar and averages every tenth day from 2017 to 2024; none without PostgreSQL.
    pub async fn new() -> Option<Self> {
        let store = TestStore::plain().await?;
        db::migrate_up(&store.url).await.unwrap();
        let shelf = Self { database: Database::connect(&store.url, 12).await.unwrap(), store };
        shelf
            .sql(
                "INSERT INTO company (company_id, company_name, stock_code, country_code, listed_market) \
                 SELECT i::text, 'a company', (1000 + i)::text, 'JP', 'test' FROM generate_series(1, 3) i",
            )
            .await;
        shelf
            .sql(
                "INSERT INTO stockprice (company_id, date, open_price, close_price, volume, source, ins_ts) \
                 SELECT c.company_id, d::date, 0.1 + 0.2, random(), NULL, 'test', d \
                 FROM company c, generate_series('2017-01-01'::timestamp, '2024-12-31', '10 days') d",
            )
            .await;
        shelf
            .sql(
                "INSERT INTO stockprice_indicator (company_id, date, v) \
                 SELECT company_id, date, ARRAY[close_price, NULL] FROM stockprice",
            )
            .await;
        shelf.sql("INSERT INTO stockprice_indicator_type VALUES (1, 'sma5', true), (2, 'sma25', true)").await;
        Some(shelf)
    }

    pub async fn sql(&self, sql: &str) {
        self.database.connection().execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    pub async fn convert(&self, layout: Layout) -> Result<Vec<Rebuilt>, PartitionError> {
        convert(&self.database, layout, &clock("2026-11-20"), &Actor::cli(Some("ops"))).await
    }

    pub async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        db::all(self.database.connection(), sql, []).await.unwrap()
    }

    /// The first column, as text.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        self.rows(sql).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    pub async fn number(&self, sql: &str) -> i64 {
        self.rows(sql).await[0].try_get_by_index(0).unwrap()
    }

    /// Which of the tables are partitions, by name.
    pub async fn partitions(&self, table: &str) -> Vec<String> {
        let sql = format!(
            "SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid \
             WHERE i.inhparent = '{table}'::regclass ORDER BY 1"
        );
        self.texts(&sql).await
    }

    /// Everything a reader or a writer of the tables and their views can rely on, and every row.
    pub async fn everything(&self) -> Vec<String> {
        let mut all = Vec::new();
        for question in EVERYTHING {
            let answers = self.texts(question).await;
            assert!(!answers.is_empty(), "{question}");
            all.extend(answers);
        }
        all
    }

    /// Fails with what is not as it was.
    pub async fn unchanged_since(&self, before: &[String]) {
        let now = self.everything().await;
        let only = |these: &[String], those: &[String]| {
            these.iter().filter(|line| !those.contains(line)).take(5).cloned().collect::<Vec<_>>().join("\n")
        };
        assert!(now == before, "gone:\n{}\nnew:\n{}", only(before, &now), only(&now, before));
    }

    pub async fn end(self) {
        self.database.close().await;
    }
}

const EVERYTHING: [&str; 8] = [
    // columns in their order, with types, defaults and comments
    "SELECT concat_ws('|', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, \
     pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum), a.attacl::text) \
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
     LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
     WHERE c.relname IN ('stockprice', 'stockprice_indicator', 'stockprice_ma') ORDER BY c.relname, a.attnum",
    // the tables and the views themselves
    "SELECT concat_ws('|', c.relname, pg_get_userbyid(c.relowner), obj_description(c.oid), \
     (SELECT string_agg(x::text, ' ' ORDER BY x::text) FROM unnest(COALESCE(c.relacl, acldefault('r', c.relowner))) x)) \
     FROM pg_class c \
     WHERE c.relname IN ('stockprice', 'stockprice_indicator', 'stockprice_ma', 'mine', 'of_mine') ORDER BY 1",
    "SELECT concat_ws('|', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint \
     WHERE conrelid IN ('stockprice'::regclass, 'stockprice_indicator'::regclass) AND contype <> 'n' ORDER BY 1",
    "SELECT replace(pg_get_indexdef(indexrelid), 'ON ONLY', 'ON') FROM pg_index \
     WHERE indrelid IN ('stockprice'::regclass, 'stockprice_indicator'::regclass) ORDER BY 1",
    "SELECT concat_ws('|', c.oid, c.relname, pg_get_viewdef(c.oid), c.reloptions::text) FROM pg_class c \
     WHERE c.relkind = 'v' AND c.relnamespace = 'public'::regnamespace ORDER BY 1",
    "SELECT p::text FROM stockprice p ORDER BY company_id, date",
    "SELECT i::text FROM stockprice_indicator i ORDER BY company_id, date",
    "SELECT m::text FROM stockprice_ma m ORDER BY company_id, date, ma_type",
];
