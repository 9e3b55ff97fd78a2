//! Real files, compared with what is known of each; where they are absent a test says so and passes.

use super::*;
use crate::stock::calendar::real_data;

fn real(path: &str, given: &Given, layout: Layout, expected: u64) -> Option<Rows> {
    let text = real_data::read(path)?;
    let (summary, rows) = with(text.as_bytes(), given).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert_eq!((summary.layout, summary.rows), (layout, expected), "{path}");
    Some(rows)
}

fn name(path: &str) -> Given {
    given(path.rsplit('/').next().unwrap())
}

/// Rows as the list of the files counts them, all of them readable.
#[test]
fn every_file_of_stooq_and_yahoo_is_read_to_the_last_row() {
    for (path, layout, rows) in [
        ("stooq/^nkx_d.1914-2020.csv", Layout::Stooq, 18_653),
        ("stooq/^nkx_d.2021-2026.csv", Layout::Stooq, 1_221),
        ("stooq/^dax_d.pl-header.2018-2025.csv", Layout::Stooq, 2_030),
        ("stooq/AAPL.US.pandas-datareader.desc.2012-2021.csv", Layout::Stooq, 2_517),
        ("jp_yahoo_2013_2024_yfinance_multiindex/130A.T.csv", Layout::Yahoo, 217),
        ("jp_yahoo_2013_2024_yfinance_multiindex/7203.T.csv", Layout::Yahoo, 2_951),
        ("jp_yahoo_2013_2024_yfinance_multiindex/9433.T.csv", Layout::Yahoo, 2_951),
        ("us_pkg/nasdaq.arch.csv", Layout::Yahoo, 5_031),
        ("us_pkg/sp500.arch.csv", Layout::Yahoo, 5_031),
    ] {
        let Some(found) = real(path, &name(path), layout, rows) else { continue };
        assert_eq!(found.reasons(), Vec::<&str>::new(), "{path}");
    }
    for (file, rows) in [
        ("4063-T-1d-bad-div-fixed.csv", 667),
        ("4063-T-1d-bad-div.csv", 667),
        ("4063-T-1d-bad-stock-split-fixed.csv", 22),
        ("4063-T-1d-bad-stock-split.csv", 22),
    ] {
        let found = real(&format!("repair/{file}"), &of_company(file, "4063"), Layout::Yahoo, rows);
        assert!(found.is_none_or(|found| found.reasons().is_empty()), "{file}");
    }
}

#[test]
fn jquants_adjusted_files_are_read_by_whoever_names_the_plain_layout() {
    for (code, rows) in [("1306", 5_112), ("6758", 2_445), ("7203", 2_445), ("8306", 2_445), ("9433", 2_445)] {
        let path = format!("jp_jquants_adj_2016_2026/{code}.csv");
        let named = Given { layout: Some(Layout::Plain), ..given(&format!("{code}.csv")) };
        let Some(found) = real(&path, &named, Layout::Plain, rows) else { continue };
        // 2020-10-01, the session without trades, which a spreadsheet divided by nothing.
        assert_eq!(found.reasons(), ["#VALUE! is no number"], "{code}");
    }
}

#[test]
fn yahoo_japans_files_give_their_adjusted_closes_to_the_last_digit() {
    for code in real_data::JP_CODES {
        let expected = real_data::jp_rows(code);
        if expected.is_empty() {
            continue;
        }
        let path = format!("jp_yahoojp_1983_2018/{code}.csv");
        let rows = u64::try_from(expected.len()).unwrap();
        let found = real(&path, &name(&path), Layout::YahooJapan, rows).unwrap();
        for (row, expected) in found.0.iter().zip(&expected) {
            let bar = row.read.as_ref().unwrap().0.bar;
            assert_eq!((bar.date, bar.close), (expected.date, Some(expected.adjusted_close)), "{code}");
            assert!(bar.high >= bar.open && bar.high >= bar.close && bar.low <= bar.open && bar.low <= bar.close);
        }
    }
}

#[test]
fn files_whose_basis_nobody_can_tell_are_not_guessed() {
    let Some(text) = real_data::read("us_pkg/stocks.bokeh.csv") else { return };
    assert!(refused("stocks.csv", text).reason.to_string().contains("no layout that is known here"));
}

#[test]
fn stooqs_refusals_saved_as_files_are_no_bars() {
    for file in ["stooq_access_denied.txt", "stooq_daily_limit.txt", "stooq_no_data.txt", "stooq_empty.txt"] {
        let Some(text) = real_data::read(&format!("errors/{file}")) else { continue };
        refused("7203.jp.csv", text);
    }
    let Some(text) = real_data::read("errors/stooq_php_warning_prefix.csv") else { return };
    assert_eq!(file("7203.jp.csv", text).0.rows, 1);
}
