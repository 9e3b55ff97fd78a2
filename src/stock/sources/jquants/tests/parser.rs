//! One page, without a wire.

use proptest::prelude::*;

use super::super::parse;
use super::*;
use crate::stock::bar::{Days, Split};
use crate::stock::sources::testing::{data, day, january, query, real, values};

fn refused(status: u16, body: &str) -> Refusal {
    parse(status, body.as_bytes(), &january()).unwrap_err()
}

#[test]
fn a_history_is_read_adjusted_for_splits_with_its_null_day_and_its_split() {
    let batch = data(parse(200, BARS.as_bytes(), &january()));
    let days = ["2024-01-04", "2024-01-05", "2024-01-09", "2024-01-10", "2024-01-11", "2024-01-12"];
    assert_eq!(batch.rows.iter().map(|row| row.bar.date).collect::<Vec<_>>(), days.map(day));
    assert_eq!(values(&batch.rows[0].bar), [Some(990.0), Some(1010.0), Some(985.0), Some(1005.0), Some(120_000.0)]);
    assert_eq!(batch.rows[0].raw, "2024-01-04,990,1010,985,1005,120000");
    assert_eq!(values(&batch.rows[2].bar), [None; 5], "no trade is null, not zero");
    assert_eq!(batch.rows[3].raw, "2024-01-10,1008,1021.5,1001,1016,98000,AdjFactor 0.333333");
    assert_eq!(batch.rows[5].bar.volume, None);
    assert_eq!(batch.splits, [Split { date: day("2024-01-10"), ratio: 3.0 }]);
    assert_eq!((batch.source, batch.basis.as_str(), batch.unreadable.len()), ("jquants", "split", 0));
    assert_eq!(batch.vouched, january().days);
}

#[test]
fn a_consolidation_is_a_split_of_less_than_one_and_a_factor_of_nothing_is_unreadable() {
    let batch = data(parse(200, BARS.replace("0.333333", "10.0").as_bytes(), &january()));
    assert_eq!(batch.splits, [Split { date: day("2024-01-10"), ratio: 0.1 }]);
    let batch = data(parse(200, BARS.replace("0.333333", "0.0").as_bytes(), &january()));
    assert!(batch.splits.is_empty());
    assert_eq!(batch.unreadable[0].reason, "0 is no factor of a split");
}

#[test]
fn only_what_lies_between_the_first_and_the_last_record_is_vouched_for() {
    let wide = query("7777", "2000-01-01", "2024-01-31");
    let batch = data(parse(200, BARS.as_bytes(), &wide));
    assert_eq!(batch.vouched, Days { from: day("2024-01-04"), to: day("2024-01-12") });
    // A weekend after the last record hides nothing.
    let sunday = BarQuery { newest_final: day("2024-01-14"), ..query("7777", "2024-01-04", "2024-01-14") };
    assert_eq!(data(parse(200, BARS.as_bytes(), &sunday)).vouched.to, day("2024-01-14"));
}

#[test]
fn one_unreadable_record_is_told_and_many_are_a_changed_schema() {
    let one = BARS.replace(r#""AdjC": 1007.0"#, r#""AdjC": "n/a""#);
    let batch = data(parse(200, one.as_bytes(), &january()));
    assert_eq!((batch.rows.len(), batch.unreadable.len()), (5, 1));
    assert_eq!(batch.unreadable[0].date, Some(day("2024-01-05")));
    assert!(batch.unreadable[0].raw.contains("n/a"), "{:?}", batch.unreadable);
    // A field that is renamed is not a null in every record.
    let renamed = BARS.replace(r#""AdjC""#, r#""AdjustedClose""#);
    let Refusal::SchemaChanged { reason } = refused(200, &renamed) else { panic!("refused") };
    assert!(reason.starts_with("6 of 6 records cannot be read; the first: missing field `AdjC`"), "{reason}");
}

#[test]
fn an_answer_about_another_company_is_refused() {
    let Refusal::SchemaChanged { reason } = refused(200, &BARS.replace("77770", "77780")) else { panic!("refused") };
    assert_eq!(reason, "asked for 77770, answered for 77780");
}

#[test]
fn each_way_of_saying_no_is_told_apart() {
    assert_eq!(parse(200, NOTHING.as_bytes(), &january()), Ok(Answer::NoNewData));
    assert_eq!(parse(210, b"", &january()), Ok(Answer::NoNewData));
    let Refusal::Blocked { reason } = refused(403, WRONG_KEY) else { panic!("blocked") };
    assert!(reason.contains("invalid or expired") && reason.contains("sources.jquants.api_key"), "{reason}");
    let Refusal::Blocked { reason } = refused(403, r#"{"message":"Forbidden"}"#) else { panic!("blocked") };
    assert!(reason.contains("plan") && reason.contains("sources.jquants.base_url"), "{reason}");
    let Refusal::Blocked { reason } = refused(403, NOT_IN_PLAN) else { panic!("blocked") };
    assert!(reason.contains("not available on your subscription"), "{reason}");
    assert!(matches!(refused(403, "<html>no</html>"), Refusal::Blocked { .. }));
    let said = r#"{"message": "This API requires at least 1 parameter as follows; date, code"}"#;
    let Refusal::SchemaChanged { reason } = refused(400, said) else { panic!("refused") };
    assert_eq!(reason, "status 400: This API requires at least 1 parameter as follows; date, code");
    let Refusal::Blocked { reason } = refused(400, OUTSIDE_PLAN) else { panic!("blocked") };
    assert_eq!(reason, "the plan covers 2024-01-05 to 2024-01-10 only");
    assert!(matches!(refused(413, ""), Refusal::SchemaChanged { .. }));
    assert!(matches!(refused(404, r#"{"message":"no such path"}"#), Refusal::SchemaChanged { .. }));
    for code in ["^NKX", "BRK-B"] {
        assert_eq!(parse(200, b"", &query(code, "2024-01-04", "2024-01-12")), Ok(Answer::UnknownSymbol));
    }
}

#[test]
fn a_body_that_is_no_whole_answer_is_a_changed_schema() {
    let html = "<!DOCTYPE html><html><body>We will be back soon</body></html>";
    let bodies =
        ["", " \n", "{}", "[]", "null", "no", html, r#"{"data": {}}"#, r#"{"data": null}"#, r#"{"data": [1]}"#];
    for body in bodies.into_iter().chain([&BARS[..BARS.len() / 2], &BARS[..BARS.len() - 3]]) {
        assert!(matches!(refused(200, body), Refusal::SchemaChanged { .. }), "{body}");
    }
    let Refusal::SchemaChanged { reason } = refused(200, r#"{"message": "under maintenance"}"#) else { panic!("no") };
    assert_eq!(reason, "no data: under maintenance");
}

#[test]
fn the_documented_errors_are_read() {
    if let Some(body) = real("errors/jquants_200_empty.json") {
        assert_eq!(parse(200, body.as_bytes(), &january()), Ok(Answer::NoNewData));
    }
    if let Some(body) = real("errors/jquants_400.json") {
        assert!(matches!(refused(400, &body), Refusal::SchemaChanged { reason } if reason.contains("date, code")));
    }
    if let Some(body) = real("errors/jquants_403_key.json") {
        assert!(matches!(refused(403, &body), Refusal::Blocked { .. }));
    }
}

/// The first version's names are those of the second, written out; the values are the same.
#[test]
fn a_real_record_of_the_first_version_is_read_under_the_names_of_the_second() {
    let Some(body) = real("jquants/v1_daily_quotes.86970.20230314.json") else { return };
    let names = [
        ("daily_quotes", "data"),
        ("AdjustmentFactor", "AdjFactor"),
        ("AdjustmentOpen", "AdjO"),
        ("AdjustmentHigh", "AdjH"),
        ("AdjustmentLow", "AdjL"),
        ("AdjustmentClose", "AdjC"),
        ("AdjustmentVolume", "AdjVo"),
    ];
    let body = names.iter().fold(body, |body, (old, new)| body.replace(old, new));
    let batch = data(parse(200, body.as_bytes(), &query("8697", "2023-03-14", "2023-03-14")));
    assert_eq!((batch.rows.len(), batch.unreadable.len(), batch.splits.len()), (1, 0, 0));
    assert!(values(&batch.rows[0].bar).iter().all(Option::is_some));
}

proptest! {
    #[test]
    fn no_body_makes_the_parser_panic(status in 100_u16..600, body in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(status, &body, &january());
    }

    #[test]
    fn no_changed_byte_of_a_good_body_does(
        places in prop::collection::vec((0..BARS.len(), any::<u8>()), 1..6),
        end in 0..BARS.len(),
    ) {
        let mut body = BARS.as_bytes().to_vec();
        for (place, byte) in places {
            body[place] = byte;
        }
        let _ = parse(200, &body, &january());
        let _ = parse(200, &body[..end], &january());
    }

    #[test]
    fn no_message_does(message in ".{0,80}") {
        let _ = parse(400, format!("{{\"message\": \"Your subscription covers {message}\"}}").as_bytes(), &january());
    }
}
