//! Each check of a row, from the raw text of a source over HTTP to the quarantine.

use std::{collections::BTreeMap, sync::Arc};

use data_infrastructure::{
    jobs::{RunParams, TaskState},
    stock::{
        bar::Days,
        calendar::{Calendar, Market},
        store::quarantine::{self, QuarantineFilter},
    },
};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

use super::desk::{Desk, id_of};
use crate::{support::on_both_databases, world::day};

/// Rows that stand among sound ones, why they are not loaded, and which of the sources can say such a thing.
struct Case {
    lines: &'static [&'static str],
    reason: &'static str,
    /// What Kabutan's parser says, which reads no such number.
    of_kabutan: Option<&'static str>,
    sources: &'static [&'static str],
}

const ALL: &[&str] = &["yahoo", "kabutan", "stooq"];

const fn case(lines: &'static [&'static str], reason: &'static str) -> Case {
    Case { lines, reason, of_kabutan: None, sources: ALL }
}

const CASES: [Case; 11] = [
    case(&["2024-03-04,100,99,90,95,1000"], "the high 99 is below the open 100"),
    case(&["2024-03-04,95,104,100,101,1000"], "the low 100 is above the open 95"),
    case(&["2024-03-04,100,110,0,105,1000"], "the low 0 is not above 0"),
    Case {
        of_kabutan: Some("inf is no number"),
        sources: &["stooq", "kabutan"],
        ..case(&["2024-03-04,100,inf,90,105,1000"], "inf is no number")
    },
    Case {
        of_kabutan: Some("-1 is no number"),
        ..case(&["2024-03-04,100,110,90,105,-1"], "the volume -1 is negative")
    },
    case(&["2024-04-02,100,110,90,105,1000"], "2024-04-02 is in the future"),
    case(&["1948-12-30,100,110,90,105,1000"], "1948-12-30 is before 1949"),
    case(&["2024-03-03,100,110,90,105,1000"], "2024-03-03 is no session of the market in JP"),
    case(
        &["2024-03-04,100,110,90,105,1000", "2024-03-04,100,110,90,106,1000"],
        "2024-03-04 stands in 2 rows with different values",
    ),
    case(&["2024-03-04,600,610,590,600,1000"], "the close leaps from 105 to 600 without a split"),
    case(&["2024-03-04,20,21,19,20,1000"], "the close leaps from 105 to 20 without a split"),
];

/// The row of a session without a volume: accepted.
const WITHOUT_VOLUME: &str = "2024-03-04,100,110,90,105,";

on_both_databases!(each_row_check_goes_from_the_raw_text_to_the_quarantine, |store: TestStore| async {
    for (at, source) in ALL.iter().enumerate() {
        let code = |case: usize| format!("{}", 1000 * (at + 1) + case);
        let cases: Vec<(String, &Case)> = CASES.iter().enumerate().map(|(n, case)| (code(n), case)).collect();
        let mut bodies = BTreeMap::new();
        for (code, case) in &cases {
            bodies.insert(code.clone(), among_sound(case.lines));
        }
        bodies.insert(code(50), among_sound(&[WITHOUT_VOLUME]));
        bodies.insert(code(51), broken());
        let server = serve(bodies).await;
        let codes: Vec<String> = cases.iter().map(|(code, _)| code.clone()).chain([code(50), code(51)]).collect();
        let desk = desk(&store, source, &server, &codes).await;

        let (_, tasks) = desk.run(RunParams { companies: codes.clone(), ..RunParams::default() }).await;
        for (code, case) in cases.iter().filter(|(_, case)| case.sources.contains(source)) {
            let task = tasks.iter().find(|task| task.key == *code).unwrap();
            assert_eq!((task.state, task.rows.rejected), (TaskState::Succeeded, case.lines.len() as u64), "{task:?}");
            let rows = if case.lines.len() == 1 { "1 row rejected, 1" } else { "2 rows rejected, 2" };
            let told = format!("{rows} new in quarantine: /api/v1/quarantine?stockCode={code}");
            assert_eq!(task.message.as_deref(), Some(told.as_str()));
            let rows = quarantined(&desk, code).await;
            assert_eq!(rows.len(), case.lines.len(), "{source} {:?}: {rows:?}", case.lines);
            let reason = case.of_kabutan.filter(|_| *source == "kabutan").unwrap_or(case.reason);
            assert!(rows.iter().all(|row| row.reason == reason && row.source == *source), "{source}: {rows:?}");
            assert!(rows.iter().all(|row| row.raw.starts_with(&case.lines[0][..10])), "{rows:?}");
            let readable = !reason.ends_with("is no number");
            assert!(rows.iter().all(|row| row.bar.is_some() == readable), "{source}: {rows:?}");
            let days: Vec<_> = case.lines.iter().map(|line| day(&line[..10])).collect();
            let sound = sound().filter(|(date, _)| !days.contains(date)).count();
            assert_eq!(desk.bars(code).await.len(), sound, "{source} {:?}", case.lines);
        }

        let loaded = desk.bars(&code(50)).await;
        let accepted = loaded.iter().find(|bar| bar.date == day("2024-03-04")).unwrap();
        assert_eq!((accepted.close, accepted.volume, loaded.len()), (Some(105.0), None, sound().count()));
        assert!(quarantined(&desk, &code(50)).await.is_empty());

        let refused = tasks.iter().find(|task| task.key == code(51)).unwrap();
        assert_eq!(refused.state, TaskState::Failed);
        let error = refused.error.as_deref().unwrap();
        assert!(error.contains("9 of") && error.contains("more than a fifth"), "{error}");
        let told = format!("9 rows rejected, 9 new in quarantine: /api/v1/quarantine?stockCode={}", code(51));
        assert!(error.ends_with(&told), "{error}");
        assert!(desk.bars(&code(51)).await.is_empty(), "nothing of it is loaded");
        assert_eq!(quarantined(&desk, &code(51)).await.len(), 9);
        desk.end().await;
    }
});

async fn desk(store: &crate::support::TestStore, source: &str, server: &MockServer, codes: &[String]) -> Desk {
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let key = |name: &str| format!("SOURCES__{}__{name}", source.to_uppercase());
    let own = [
        (key("BASE_URL"), server.uri()),
        (key("MIN_INTERVAL"), "1ms".to_owned()),
        (key("MAX_RETRIES"), "0".to_owned()),
        ("JOBS__STOCK__SOURCES".to_owned(), source.to_owned()),
        ("JOBS__STOCK__HISTORY_FROM".to_owned(), "2024-02-01".to_owned()),
    ];
    let own: Vec<(&str, &str)> = own.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    Desk::new(store, &codes, &own).await
}

async fn quarantined(desk: &Desk, code: &str) -> Vec<quarantine::Quarantined> {
    let filter = QuarantineFilter { company: Some(id_of(code)), limit: 100, ..QuarantineFilter::default() };
    quarantine::list(desk.database.connection(), &filter).await.unwrap()
}

/// The sessions of February and March 2024, all at one price.
fn sound() -> impl Iterator<Item = (chrono::NaiveDate, String)> {
    let days = Days { from: day("2024-02-01"), to: day("2024-03-29") };
    Calendar::embedded(Market::Tokyo).sessions(days).map(|date| (date, format!("{date},100,110,95,105,1000")))
}

/// Sound rows with these in the place of those of their days, ascending.
fn among_sound(lines: &[&str]) -> Vec<String> {
    let is_free = |text: &String| !lines.iter().any(|line| line[..10] == text[..10]);
    let mut all: Vec<String> = sound().map(|(_, text)| text).filter(is_free).collect();
    all.extend(lines.iter().map(|line| (*line).to_owned()));
    all.sort();
    all
}

/// Nine rows of forty with a high below the close.
fn broken() -> Vec<String> {
    sound()
        .enumerate()
        .map(|(n, (date, text))| if n < 9 { format!("{date},100,101,95,105,1000") } else { text })
        .collect()
}

/// The rows of each code, in the form of whichever source is asked.
async fn serve(rows: BTreeMap<String, Vec<String>>) -> MockServer {
    let server = MockServer::start().await;
    let rows = Arc::new(rows);
    let answer = move |request: &Request| {
        let query =
            |name: &str| request.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let named = query("s").or_else(|| query("code")).unwrap_or_else(|| request.url.path().to_owned());
        let code: String = named.rsplit('/').next().unwrap().chars().take_while(char::is_ascii_digit).collect();
        let Some(lines) = rows.get(&code) else { return ResponseTemplate::new(404) };
        let body = match request.url.path() {
            "/q/d/l/" => stooq(lines),
            "/stock/kabuka" => kabutan(lines),
            _ => yahoo(&code, lines),
        };
        ResponseTemplate::new(200).set_body_string(body)
    };
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

fn stooq(lines: &[String]) -> String {
    format!("Date,Open,High,Low,Close,Volume\r\n{}\r\n", lines.join("\r\n"))
}

fn yahoo(code: &str, lines: &[String]) -> String {
    let column = |n: usize| {
        let field = |line: &String| {
            line.split(',').nth(n).filter(|text| text.parse::<f64>().is_ok_and(f64::is_finite)).map(str::to_owned)
        };
        lines.iter().map(|line| field(line).unwrap_or_else(|| "null".to_owned())).collect::<Vec<_>>().join(",")
    };
    let opens = |line: &String| day(&line[..10]).and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp().to_string();
    let stamps = lines.iter().map(opens).collect::<Vec<_>>().join(",");
    format!(
        r#"{{"chart":{{"result":[{{"meta":{{"symbol":"{code}.T","exchangeTimezoneName":"Asia/Tokyo","dataGranularity":"1d"}},
        "timestamp":[{stamps}],"indicators":{{"quote":[{{"open":[{}],"high":[{}],"low":[{}],"close":[{}],"volume":[{}]}}]}}}}],"error":null}}}}"#,
        column(1),
        column(2),
        column(3),
        column(4),
        column(5)
    )
}

fn kabutan(lines: &[String]) -> String {
    let row = |line: &String| {
        let fields: Vec<&str> = line.split(',').collect();
        let cells: String =
            fields[1..].iter().map(|text| format!("<td>{}</td>", if text.is_empty() { "－" } else { text })).collect();
        format!("<tr><th><time datetime=\"{0}\">{0}</time></th>{cells}</tr>", fields[0])
    };
    let heading = |day: &str| {
        format!(
            "<thead><tr><th>{day}</th><th>始値</th><th>高値</th><th>安値</th><th>終値</th><th>売買高(株)</th></tr></thead>"
        )
    };
    let mut rows: Vec<String> = lines.iter().rev().map(row).collect();
    let newest = rows.remove(0);
    format!(
        "<html><body><table class=\"stock_kabuka0\">{}<tbody>{newest}</tbody></table>\
         <table class=\"stock_kabuka_dwm\">{}<tbody>{}</tbody></table></body></html>",
        heading("本日"),
        heading("日付"),
        rows.join("")
    )
}
