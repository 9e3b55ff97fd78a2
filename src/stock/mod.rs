//! The first domain: daily stock prices, in the order the data flow.

pub mod analysis;
pub mod api;
pub mod bar;
pub mod calendar;
pub mod checks;
pub mod companies_csv;
pub mod companies_files;
pub mod company;
pub mod coverage;
pub mod imports;
pub mod indicators;
pub mod issues;
pub mod jobs;
pub mod listing;
pub mod loading;
pub mod master;
pub mod overlap;
pub mod partitions;
pub mod sample;
pub mod settings;
pub mod sources;
pub mod store;

use crate::db::Area;

/// Its tables. `company`, `stockprice` and `stockprice_ma` read as the original's did.
pub const AREAS: &[Area] = &[
    Area {
        title: "Companies and prices",
        about: "The companies, their daily bars and moving averages; what was corrected, held back, or differs elsewhere.",
        tables: &[
            "company",
            "stockprice",
            "stockprice_ma",
            "stockprice_indicator",
            "stockprice_indicator_type",
            "stockprice_series",
            "stockprice_revision",
            "stockprice_quarantine",
            "stockprice_difference",
            "company_change",
            "company_list",
        ],
    },
    Area {
        title: "Exchanges' calendars",
        about: "On which days an exchange trades, where it says otherwise than the calendar in the program.",
        tables: &["market_calendar", "market_day"],
    },
    Area {
        title: "Files to import",
        about: "Files of bars that somebody gave, until they are loaded.",
        tables: &["import_file", "import_rows"],
    },
];
