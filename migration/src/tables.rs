//! Which migration makes which table: what may not stand there before it is applied. A test holds the list complete.

/// The migrations that make tables or views, and their names.
pub const TABLES: &[(&str, &[&str])] = &[
    ("m0001_scheduler", &["job_state", "run", "tick", "task", "idempotency"]),
    ("m0002_crawl", &["source_state"]),
    (
        "m0003_stock",
        &[
            "company",
            "stockprice",
            "stockprice_ma",
            "stockprice_series",
            "stockprice_indicator_type",
            "stockprice_indicator",
            "stockprice_quarantine",
            "stockprice_revision",
        ],
    ),
    ("m0005_backfill", &["backfill", "backfill_item"]),
    ("m0006_alert", &["alert_hook", "alert_incident", "alert"]),
    ("m0007_audit", &["audit"]),
    ("m0008_run_log", &["run_log"]),
    ("m0009_import", &["import_file", "import_rows"]),
    ("m0010_company_list", &["company_change", "company_list"]),
    ("m0012_source_answer", &["source_answer", "source_outcome"]),
    ("m0013_differences", &["stockprice_difference"]),
    ("m0014_fx", &["fx_rate", "fx_series", "fx_revision"]),
    ("m0015_market_calendar", &["market_calendar", "market_day"]),
    ("m0019_compatibility", &["schema_compatibility"]),
];
