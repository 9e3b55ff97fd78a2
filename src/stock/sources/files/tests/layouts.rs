//! Each layout with its variants.

use super::*;

fn close(code: &str, day: &str, close: f64) -> (String, String, Option<f64>) {
    (code.to_owned(), day.to_owned(), Some(close))
}

#[test]
fn stooqs_csv_is_one_company_named_by_its_file() {
    let text = "Date,Open,High,Low,Close,Volume\r\n2024-01-04,10,11,9,10.5,120345.6789\r\n2024-01-05,10,11,9,10.25\r\n";
    let (summary, rows) = file("^nkx_d.csv", text);
    assert_eq!(told(&summary), (Layout::Stooq, Basis::SplitDividend, 2));
    assert_eq!(rows.closes(), [close("^NKX", "2024-01-04", 10.5), close("^NKX", "2024-01-05", 10.25)]);
    let volumes: Vec<_> = rows.0.iter().map(|row| row.read.as_ref().unwrap().0.bar.volume).collect();
    assert_eq!(volumes, [Some(120_345.678_9), None]);
    assert_eq!(summary.bytes, text.len() as u64);
    assert_eq!(summary.sha256.len(), 64);
    let polish =
        text.replace("Date,Open,High,Low,Close,Volume", "Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen");
    assert_eq!(told(&file("7203.jp.csv", polish).0), (Layout::Stooq, Basis::SplitDividend, 2));
    let warned = format!("Warning: Division by zero in /x.inc on line 102\n\n{text}");
    assert_eq!(file("7203.jp.csv", warned).0.rows, 2);
    let (_, rows) = with(text.as_bytes(), &of_company("prices.csv", "7203")).unwrap();
    assert_eq!(rows.closes()[0].0, "7203");
}

const BULK: &str = "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\r\n\
                    7203.JP,D,20240104,000000,10,11,9,10.5,5000,0\r\n7777.JP,D,20240104,000000,20,21,19,20.5,,0\r\n";

#[test]
fn stooqs_bulk_text_names_a_ticker_in_each_row_with_a_header_or_without() {
    let expected = [close("7203", "2024-01-04", 10.5), close("7777", "2024-01-04", 20.5)];
    let headless = BULK.split_once("\r\n").unwrap().1;
    let bare = BULK.replace(['<', '>'], "");
    for text in [BULK, headless, &bare] {
        let (summary, rows) = file("data.txt", text);
        assert_eq!(told(&summary), (Layout::StooqBulk, Basis::SplitDividend, 2));
        assert_eq!(rows.closes(), expected);
        assert!(rows.0.iter().all(|row| row.country.as_deref() == Some("JP")));
    }
    let (summary, rows) = with(BULK.as_bytes(), &of_company("data.txt", "7777")).unwrap();
    assert_eq!((summary.rows, rows.closes()), (1, expected[1..].to_vec()), "the other company's are read over");
    let error = with(BULK.as_bytes(), &of_company("data.txt", "1301")).unwrap_err();
    assert_eq!(error.reason.to_string(), "it has no row of 1301");
    let hourly = BULK.replace(",D,", ",60,");
    assert!(refused("data.txt", hourly).reason.to_string().contains("period \"60\""));
}

#[test]
fn yahoos_csv_is_read_in_any_order_with_stamps_and_splits() {
    let text = "Date,Open,High,Low,Close,Adj Close,Volume,Dividends,Stock Splits\n\
                2023-03-30 00:00:00+09:00,10,11,9,10.5,10.4,7000,55,5\n2023-03-29 00:00:00+09:00,10,11,9,10.25,10,0,0,0\n";
    let (summary, rows) = file("4063.T.csv", text);
    assert_eq!(told(&summary), (Layout::Yahoo, Basis::Split, 2));
    assert_eq!(rows.closes(), [close("4063", "2023-03-30", 10.5), close("4063", "2023-03-29", 10.25)]);
    let splits: Vec<_> = rows.0.iter().filter_map(|row| row.read.as_ref().unwrap().1).collect();
    assert_eq!(
        splits.iter().map(|split| (split.date.to_string(), split.ratio)).collect::<Vec<_>>(),
        [("2023-03-30".to_owned(), 5.0)]
    );
    let instants = "Datetime,Open,High,Low,Close,Adj Close,Volume\n2024-01-03 15:00:00+00:00,10,11,9,10.5,10.5,1\n";
    assert_eq!(file("7203.T.csv", instants).1.closes(), [close("7203", "2024-01-04", 10.5)]);
    let american =
        "Date,Open,High,Low,Close,Adj Close,Volume\n12/31/2018,177.06,177.06,177.06,177.05999755859375,1,1\n";
    assert_eq!(file("AAPL.csv", american).1.closes(), [close("AAPL", "2018-12-31", 177.06)], "single precision");
}

#[test]
fn yfinances_three_lines_of_header_name_the_company() {
    let text = "Price,Adj Close,Close,High,Low,Open,Volume\nTicker,130A.T,130A.T,130A.T,130A.T,130A.T,130A.T\n\
                Date,,,,,,\n2024-02-08,1,10.5,11,9,10,2075000\n";
    let (summary, rows) = file("whatever name.csv", text);
    assert_eq!(told(&summary), (Layout::Yahoo, Basis::Split, 1));
    assert_eq!(rows.closes(), [close("130A", "2024-02-08", 10.5)]);
    let two = text.replacen("130A.T,130A.T", "130A.T,7203.T", 1);
    let error = refused("x.csv", two);
    assert!(error.line == Some(2) && error.reason.to_string().contains("130A.T and 7203.T"), "{error}");
    let cut = text.lines().take(1).collect::<Vec<_>>().join("\n");
    assert!(refused("x.csv", cut).reason.to_string().contains("second line"));
}

#[test]
fn without_an_adjusted_close_yfinance_has_adjusted_everything_for_dividends() {
    let text = "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits\n2024-02-08 00:00:00+09:00,10,11,9,10.5,1,0,0\n";
    assert_eq!(told(&file("7203.T.csv", text).0), (Layout::Yahoo, Basis::SplitDividend, 1));
    let multi = "Price,Close,High,Low,Open,Volume\nTicker,7203.T,7203.T,7203.T,7203.T,7203.T\nDate,,,,,\n2024-02-08,10,11,9,10,1\n";
    assert_eq!(told(&file("x.csv", multi).0), (Layout::Yahoo, Basis::SplitDividend, 1));
}

#[test]
fn yahoo_japans_prices_as_traded_are_brought_to_their_adjusted_close() {
    let text = "日付,始値,高値,安値,終値,出来高,調整後終値\n2018/11/15,1000,1100,990,1100,500,110\n";
    let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode(text);
    for bytes in [text.as_bytes(), &cp932, format!("\u{feff}{text}").as_bytes()] {
        let (summary, rows) = file("7203.csv", bytes);
        assert_eq!(told(&summary), (Layout::YahooJapan, Basis::Split, 1));
        let bar = rows.0[0].read.as_ref().unwrap().0.bar;
        assert_eq!((bar.open, bar.high, bar.low), (Some(100.0), Some(110.0), Some(99.0)));
        assert_eq!((bar.close, bar.volume), (Some(110.0), Some(5000.0)));
    }
}

#[test]
fn jquants_files_of_both_versions_have_many_companies() {
    let v1 = "Date,Code,Open,High,Low,Close,Volume,TurnoverValue,AdjustmentFactor,AdjustmentOpen,AdjustmentHigh,\
              AdjustmentLow,AdjustmentClose,AdjustmentVolume\n\
              2023-03-14,86970,1,1,1,1,1,1,1,10,11,9,10.5,2654000.0\n20230314,25935,,,,,,,1,,,,,\n";
    let (summary, rows) = file("daily_quotes.csv", v1);
    assert_eq!(told(&summary), (Layout::Jquants, Basis::Split, 2));
    let expected = [close("8697", "2023-03-14", 10.5), ("25935".to_owned(), "2023-03-14".to_owned(), None)];
    assert_eq!(rows.closes(), expected, "no trade is a row without prices");
    let v2 = "Date,Code,O,H,L,C,UL,LL,Vo,Va,AdjFactor,AdjO,AdjH,AdjL,AdjC,AdjVo\n2026-01-05,130A0,1,1,1,1,0,0,1,1,1,10,11,9,10.5,7\n";
    assert_eq!(file("bars.csv", v2).1.closes(), [close("130A", "2026-01-05", 10.5)]);
}

#[test]
fn our_own_layout_has_its_columns_in_any_order_and_either_basis() {
    let text = "stock_code,date,open,high,low,close,volume,country_code\n7203,2024-01-04,10,11,9,10.5,,JP\n\
                AAPL,2024-01-04,10,11,9,\"1,010.25\",7,us\n";
    let (summary, rows) = file("x.csv", text);
    assert_eq!(told(&summary), (Layout::Plain, Basis::Split, 2));
    assert_eq!(rows.closes(), [close("7203", "2024-01-04", 10.5), close("AAPL", "2024-01-04", 1010.25)]);
    assert_eq!(rows.0[1].country.as_deref(), Some("US"));
    let basis = Given { basis: Some(Basis::SplitDividend), ..given("x.csv") };
    assert_eq!(with(text.as_bytes(), &basis).unwrap().0.basis, Basis::SplitDividend);
    let alone = "close,date,open,high,low\n10.5,2024-01-04,10,11,9\n";
    assert_eq!(file("7203.csv", alone).1.closes(), [close("7203", "2024-01-04", 10.5)]);
}

#[test]
fn who_names_a_layout_may_have_doubtful_columns() {
    let other = "Date,Open,High,Low,Close,Volume,TradingValue\n2024-01-04,10,11,9,10.5,1,5\n";
    assert!(refused("7203.csv", other).reason.to_string().contains("known are stooq ("));
    let plain = Given { layout: Some(Layout::Plain), ..given("7203.csv") };
    assert_eq!(with(other.as_bytes(), &plain).unwrap().0.layout, Layout::Plain);
    // Prices as traded until 2017, adjusted ones since: the header is the same.
    let old = "Date,Open,High,Low,Close,Volume,Adj Close\n2010-01-04,10,20,9,20,1,10\n";
    assert!(refused("AAPL.csv", old).reason.to_string().contains("no layout"));
    let as_traded = Given { layout: Some(Layout::YahooJapan), ..given("AAPL.csv") };
    assert_eq!(with(old.as_bytes(), &as_traded).unwrap().1.closes(), [close("AAPL", "2010-01-04", 10.0)]);
    let stooq = Given { layout: Some(Layout::Stooq), ..given("AAPL.csv") };
    let error = with(old.as_bytes(), &stooq).unwrap_err();
    assert!(error.reason.to_string().starts_with("it is not stooq: it begins with Date,Open"), "{error}");
}
