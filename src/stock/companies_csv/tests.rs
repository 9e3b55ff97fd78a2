use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::stock::{
    bar::{CompanyId, StockCode},
    company::{Company, CompanyStatus},
};

const HEADER: &str = "company_id,company_name,stock_code,country_code,listed_market";

fn problems(text: &str) -> Vec<String> {
    read(text.as_bytes()).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn the_five_required_columns_do_in_any_order_with_or_without_a_byte_order_mark() {
    let text = "listed_market,company_name,stock_code,country_code,company_id\r\nプライム,\"甲, 乙\",130a,JP,0007\r\n";
    let company = &read(text.as_bytes()).unwrap()[0];
    assert_eq!((company.company_id.as_str(), company.stock_code.as_str()), ("0007", "130A"));
    assert_eq!((company.company_name.as_str(), company.status), ("甲, 乙", CompanyStatus::Active));
    assert_eq!(read(format!("\u{feff}{text}").as_bytes()).unwrap().len(), 1);
}

#[test]
fn everything_wrong_is_said_at_once_with_its_line() {
    let text = format!(
        "{HEADER},longitude,status,listed_from,listed_to\n\
         0001,,7203,JP,プライム,181,active,,\n\
         \n\
         0002,乙,72 03,jp,プライム,x,gone,2020-01-02,2020-01-01\n\
         0003,丙,7204\n\
         0001,丁,7203,JP,プライム,,,,\n"
    );
    let expected = [
        "line 2, company_name: is empty; 1 to 256 characters are due",
        "line 2, longitude: 181 is not between -180 and 180 degrees",
        "line 4, stock_code: \"72 03\" is no stock code: 1 to 16 letters, digits, dots, dashes or a leading ^ are",
        "line 4, country_code: \"jp\" is no country code; write two capital letters, as in JP",
        "line 4, longitude: \"x\" is no number",
        "line 4, status: \"gone\" is no status; write one of active, delisted, ended, unwatched",
        "line 4, listed_to: 2020-01-01 is before listed_from, 2020-01-02",
        "line 5: has 3 fields, the header has 9",
        "line 6, company_id: 0001 stands in line 2 already",
        "line 6, stock_code: 7203 of JP stands in line 2 already",
    ];
    assert_eq!(problems(&text), expected);
    assert_eq!(problems(&text.replace('\n', "\r\n")), expected);
}

#[test]
fn a_header_is_judged_before_any_line() {
    assert_eq!(
        problems("company_id,company_name,stock_code,stock_code,market\n"),
        [
            "line 1, stock_code: is named twice".to_owned(),
            format!("line 1, market: is no column; there are {}", COLUMNS.join(",")),
            "line 1, country_code: is missing from the header".to_owned(),
            "line 1, listed_market: is missing from the header".to_owned(),
        ]
    );
    assert!(problems("")[0].starts_with("line 1: is empty; a header is due: company_id,"));
}

#[test]
fn another_encoding_is_named_with_the_line_where_it_shows() {
    let shift_jis = [HEADER.as_bytes(), b"\n0001,A,7203,JP,X\n0002,\x83g\x83\x88,7204,JP,X\n"].concat();
    let found = read(&shift_jis).unwrap_err();
    assert_eq!(found.len(), 1);
    assert!(found[0].to_string().starts_with("line 3: is not UTF-8"), "{}", found[0]);
}

#[test]
fn a_dump_of_the_table_is_read_too() {
    let text = format!(
        "{HEADER},foundation_date,ins_ts,upd_ts\n0003,KDDI,9433,JP,プライム,1984-06-01 00:00:00,2024-01-01 00:00:00,\n"
    );
    let founded = read(text.as_bytes()).unwrap()[0].foundation_date.unwrap();
    assert_eq!(founded.to_string(), "1984-06-01 00:00:00");
}

fn text(longest: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<char>().prop_filter("a character of a line", |c| !c.is_control()), 1..longest)
        .prop_map(|chars| format!("x{}", chars.into_iter().collect::<String>().trim_end()))
}

fn day() -> impl Strategy<Value = NaiveDate> {
    (0..3_000_000_i32).prop_map(|n| NaiveDate::from_num_days_from_ce_opt(n + 366).unwrap())
}

prop_compose! {
    fn company()(
        name in text(20), market in text(20), code in "[A-Z0-9]{1,16}", founded in proptest::option::of((day(), 0..86_400_u32)),
        longitude in proptest::option::of(-180.0..=180.0), latitude in proptest::option::of(-90.0..=90.0),
        status in 0..4_usize, listed_from in proptest::option::of(day()), days in proptest::option::of(0..9_000_u64),
    ) -> Company {
        let midnight = chrono::NaiveTime::MIN;
        Company {
            company_id: CompanyId::parse(&code).unwrap(),
            company_name: name,
            stock_code: StockCode::parse(&code).unwrap(),
            country_code: "JP".into(),
            listed_market: market,
            foundation_date: founded.map(|(day, seconds)| day.and_time(midnight) + chrono::TimeDelta::seconds(seconds.into())),
            longitude,
            latitude,
            status: CompanyStatus::ALL[status],
            listed_from,
            listed_to: listed_from.zip(days).map(|(from, days)| from + chrono::Days::new(days)),
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back_the_same(companies in proptest::collection::vec(company(), 0..5)) {
        let mut companies = companies;
        companies.dedup_by(|a, b| a.company_id == b.company_id);
        companies.sort_by(|a, b| a.company_id.cmp(&b.company_id));
        companies.dedup_by(|a, b| a.company_id == b.company_id);
        prop_assert_eq!(read(write(&companies).as_bytes()), Ok(companies));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
        let _ = read(&[HEADER.as_bytes(), b"\n", &bytes].concat());
    }
}
