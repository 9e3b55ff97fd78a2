//! Companies, bars and indicators. `company`, `stockprice` and `stockprice_ma` read as the original's did; where they
//! are the original's, they are taken over.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::{
    original,
    table::{Column as C, Table, Type as T, comment, drop_all},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// How many moving averages a SQLite database can hold at once: one column each.
const SLOTS: usize = 64;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_connection().get_database_backend() == DbBackend::Postgres;
        let indicator = if postgres { indicator_array() } else { indicator_columns() };
        let derived = [series(), indicator_type(), indicator, quarantine(), revision()];
        let master = [company(), stockprice()];
        if !original::adopt(manager, &master, &derived, &view(postgres)).await? {
            for table in master.iter().chain(&derived) {
                table.create(manager).await?;
            }
            manager.get_connection().execute_unprepared(&view(postgres)).await?;
        }
        comment(manager, "VIEW", "stockprice_ma", VIEW).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if original::was_adopted(manager).await? {
            return original::give_back(manager, &DERIVED).await;
        }
        manager.get_connection().execute_unprepared("DROP VIEW IF EXISTS stockprice_ma").await?;
        drop_all(manager, &DERIVED).await?;
        drop_all(manager, &["stockprice", "company"]).await
    }
}

/// What can be computed or fetched again, those that refer to others first.
const DERIVED: [&str; 5] = [
    "stockprice_revision",
    "stockprice_quarantine",
    "stockprice_indicator",
    "stockprice_indicator_type",
    "stockprice_series",
];

const COMPANY_ID: &str = "システム内で設定する企業毎に一意となるコード";

fn company() -> Table {
    Table {
        name: "company",
        comment: "企業の主要な情報をマスタとして格納する (the companies watched, and those that were)",
        columns: vec![
            C("company_id", T::Varchar(16), "NOT NULL", COMPANY_ID),
            C("company_name", T::Varchar(256), "NOT NULL", "企業名"),
            C("stock_code", T::Varchar(16), "NOT NULL", "銘柄コード"),
            C("country_code", T::Varchar(16), "NOT NULL", "国コード"),
            C("listed_market", T::Varchar(32), "NOT NULL", "上場市場"),
            C("foundation_date", T::Timestamp, "NULL", "設立日(月)"),
            C("longitude", T::Double, "NULL", "本社所在地(経度)"),
            C("latitude", T::Double, "NULL", "本社所在地(緯度)"),
            C("ins_ts", T::Timestamp, "DEFAULT {now}", "登録日時 (when the row was made, UTC)"),
            C("upd_ts", T::Timestamp, "DEFAULT {now}", "更新日時 (when a value last changed, UTC)"),
            C(
                "status",
                T::Varchar(16),
                "NOT NULL DEFAULT 'active'",
                "active, delisted, ended (the series ends at listed_to), unwatched (no longer fetched; bars stay)",
            ),
            C("listed_from", T::Date, "NULL", "first day of trading, where known"),
            C("listed_to", T::Date, "NULL", "last day of trading; nothing is fetched after it"),
        ],
        constraints: &["PRIMARY KEY (company_id)", "UNIQUE (stock_code, country_code)"],
        indexes: &[],
    }
}

fn series() -> Table {
    Table {
        name: "stockprice_series",
        comment: "What is known about each company's series of bars; its row is the lock of the company's writers",
        columns: vec![
            C("company_id", T::Varchar(16), "NOT NULL", COMPANY_ID),
            C("basis", T::Varchar(16), "NULL", "what prices and volume are adjusted for: split, split_dividend"),
            C("source", T::Varchar(32), "NULL", "the source of the newest bars"),
            C("covered_from", T::Date, "NULL", "first day a source has answered for"),
            C("covered_to", T::Date, "NULL", "last day a source has answered for; later ones are still to fetch"),
            C("newest_date", T::Date, "NULL", "the newest session stored"),
            C("version", T::BigInt, "NOT NULL DEFAULT 0", "grows with every change of the company's bars"),
            C(
                "indicator_spec",
                T::Text,
                "NOT NULL DEFAULT ''",
                "the moving averages the stored values were computed for",
            ),
            C("updated_at", T::Instant, "NOT NULL", "when this row was last written"),
        ],
        constraints: &["PRIMARY KEY (company_id)", "FOREIGN KEY (company_id) REFERENCES company (company_id)"],
        indexes: &[],
    }
}

fn stockprice() -> Table {
    Table {
        name: "stockprice",
        comment: "企業毎の日毎の株価(始値・高値・安値・終値)・出来高を格納する (daily bars; a session without trades has null prices)",
        columns: vec![
            C("company_id", T::Varchar(16), "NOT NULL", COMPANY_ID),
            C("date", T::Date, "NOT NULL", "日付"),
            C("open_price", T::Double, "NULL", "株価(始値)"),
            C("high_price", T::Double, "NULL", "株価(高値)"),
            C("low_price", T::Double, "NULL", "株価(安値)"),
            C("close_price", T::Double, "NULL", "株価(終値)"),
            C("volume", T::Double, "NULL", "出来高"),
            C("ins_ts", T::Timestamp, "DEFAULT {now}", "登録日時 (when the row was made, UTC)"),
            C("upd_ts", T::Timestamp, "DEFAULT {now}", "更新日時 (when a value last changed, UTC)"),
            C("source", T::Varchar(32), "NULL", "取得元 (the source the bar came from)"),
        ],
        constraints: &["PRIMARY KEY (company_id, date)", "FOREIGN KEY (company_id) REFERENCES company (company_id)"],
        indexes: &[],
    }
}

fn indicator_type() -> Table {
    Table {
        name: "stockprice_indicator_type",
        comment: "The moving averages kept: which element of stockprice_indicator is which",
        columns: vec![
            C("position", T::Int, "NOT NULL", "element of the array, from 1; never given to another moving average"),
            C("ma_type", T::Varchar(16), "NOT NULL", "移動平均の計算条件(ex. sma5, ema25, ...)"),
            C("active", T::Bool, "NOT NULL", "computed and shown"),
        ],
        constraints: &["PRIMARY KEY (position)", "UNIQUE (ma_type)"],
        indexes: &[],
    }
}

const INDICATOR: &str =
    "Moving averages of each session, one row with all of them: a thirteenth of the space of a row each";
const V: &str = "values by stockprice_indicator_type.position; null before the n-th session";

/// No foreign key: derived from `stockprice`, which has it, and checking it again was two thirds of the load's cost.
fn indicator_array() -> Table {
    Table {
        name: "stockprice_indicator",
        comment: INDICATOR,
        columns: vec![
            C("company_id", T::Varchar(16), "NOT NULL", COMPANY_ID),
            C("date", T::Date, "NOT NULL", "日付"),
            C("v", T::Doubles, "NOT NULL", V),
            C("ins_ts", T::Timestamp, "DEFAULT {now}", "登録日時 (when the row was made, UTC)"),
            C("upd_ts", T::Timestamp, "DEFAULT {now}", "更新日時 (when a value last changed, UTC)"),
        ],
        constraints: &["PRIMARY KEY (company_id, date)"],
        indexes: &[],
    }
}

/// SQLite has no arrays, and JSON would round the numbers: a column for each position, null ones cost a byte.
fn indicator_columns() -> Table {
    let mut table = indicator_array();
    table.columns.retain(|column| column.0 != "v");
    table.columns.extend(SLOT_NAMES.iter().map(|name| C(name, T::Double, "NULL", V)));
    table
}

const VIEW: &str = "企業毎の日次の移動平均株価(SMA・EMA・WMA)を格納する (daily moving averages of each company, read from stockprice_indicator)";

fn view(postgres: bool) -> String {
    let told = if postgres { String::new() } else { format!("-- {VIEW}\n") };
    let value = if postgres {
        "i.v[t.position]".to_owned()
    } else {
        let arms: Vec<String> = (1..=SLOTS).map(|n| format!("WHEN {n} THEN i.v{n}")).collect();
        format!("CASE t.position {} END", arms.join(" "))
    };
    format!(
        "CREATE VIEW stockprice_ma AS {told}\
         SELECT i.company_id, i.date, t.ma_type, {value} AS ma_value, i.ins_ts, i.upd_ts \
         FROM stockprice_indicator i CROSS JOIN stockprice_indicator_type t \
         WHERE t.active AND {value} IS NOT NULL"
    )
}

fn quarantine() -> Table {
    Table {
        name: "stockprice_quarantine",
        comment: "Rows of answers that were not loaded, each with its reason; the same row is kept once",
        columns: vec![
            C("id", T::Varchar(36), "NOT NULL", "UUIDv7"),
            C("company_id", T::Varchar(16), "NOT NULL", COMPANY_ID),
            C("source", T::Varchar(32), "NOT NULL", "the source the row came from"),
            C("date", T::Date, "NULL", "the day of the row, where it could be read"),
            C("raw", T::Text, "NOT NULL", "the row as the source gave it"),
            C("reason", T::Text, "NOT NULL", "why it was not loaded"),
            C("run_id", T::Varchar(36), "NOT NULL", "the run that first met it"),
            C("created_at", T::Instant, "NOT NULL", "when it was first met"),
        ],
        constraints: &["PRIMARY KEY (id)", "UNIQUE (company_id, source, raw, reason)"],
        indexes: &[],
    }
}

fn revision() -> Table {
    Table {
        name: "stockprice_revision",
        comment: "Stored bars that a source later gave with other values",
        columns: vec![
            C("id", T::Varchar(36), "NOT NULL", "UUIDv7"),
            C("company_id", T::Varchar(16), "NOT NULL", COMPANY_ID),
            C("date", T::Date, "NOT NULL", "日付"),
            C("old", T::Text, "NOT NULL", "JSON: open, high, low, close, volume before"),
            C("new", T::Text, "NOT NULL", "JSON: open, high, low, close, volume after"),
            C(
                "kind",
                T::Varchar(16),
                "NOT NULL",
                "correction (this bar) or rebase (one row stands for the whole history)",
            ),
            C("source", T::Varchar(32), "NOT NULL", "the source of the new values"),
            C("run_id", T::Varchar(36), "NOT NULL", "the run that changed it"),
            C("revised_at", T::Instant, "NOT NULL", "when it was changed"),
        ],
        constraints: &["PRIMARY KEY (id)"],
        indexes: &["CREATE INDEX stockprice_revision_company ON stockprice_revision (company_id, date)"],
    }
}

/// The columns of the positions 1 to 64.
const SLOT_NAMES: [&str; SLOTS] = [
    "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17",
    "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31", "v32", "v33",
    "v34", "v35", "v36", "v37", "v38", "v39", "v40", "v41", "v42", "v43", "v44", "v45", "v46", "v47", "v48", "v49",
    "v50", "v51", "v52", "v53", "v54", "v55", "v56", "v57", "v58", "v59", "v60", "v61", "v62", "v63", "v64",
];
