//! Stored bars compared with a second source over HTTP.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, NaiveDate, Utc};
use data_infrastructure::{
    app,
    jobs::{Run, RunParams, RunState, Trigger, Triggered, store as runs},
    stock::{
        bar::{Bar, Basis, CompanyId, Days, StockCode},
        calendar::Delays,
        jobs::measure,
        store::{bars, companies, series},
    },
};
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

use crate::{
    stock_api::House,
    store::one_basis,
    support::{self, TestStore, on_both_databases},
    world::{World, day, id_of},
};

const NAME: &str = "reconcile";

async fn reconcile(world: &World, params: RunParams) -> Run {
    let made = world.assembly.triggers.run(NAME, Trigger::Manual, &params, "", None, None).await.unwrap();
    let Triggered::New(run) = made else { panic!("a new run") };
    let run = world.ended(&run.id).await;
    assert_eq!(run.state, RunState::Succeeded, "{:?}", world.tasks(&run.id).await);
    run
}

async fn message(world: &World, run: &Run, key: &str) -> String {
    let tasks = runs::list_tasks(world.database.connection(), &run.id, None, None, 500).await.unwrap();
    tasks.iter().find(|task| task.key == key).and_then(|task| task.message.clone()).unwrap()
}

/// Bars of a real file; none when it is not there. `columns` are those of open, high, low, close and volume.
fn real(path: &str, head: usize, columns: [usize; 5]) -> Option<Vec<Bar>> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/");
    let Ok(text) = std::fs::read_to_string(format!("{root}{path}")) else {
        support::not_run("test on real data", "the data folder is not there");
        return None;
    };
    let bar = |line: &str| {
        let fields: Vec<&str> = line.trim().split(',').collect();
        let [open, high, low, close, volume] = columns.map(|index| fields[index].parse::<f64>().ok());
        // A session without trades has a volume of 0 there, and none here.
        let volume = volume.filter(|_| close.is_some());
        Bar { date: day(fields[0]), open, high, low, close, volume }
    };
    Some(text.lines().skip(head).map(bar).collect())
}

fn jquants(code: &str) -> Option<Vec<Bar>> {
    real(&format!("jp_jquants_adj_2016_2026/{code}.csv"), 1, [1, 2, 3, 4, 5])
}

fn yahoo(code: &str) -> Option<Vec<Bar>> {
    real(&format!("jp_yahoo_2013_2024_yfinance_multiindex/{code}.T.csv"), 3, [5, 3, 4, 2, 6])
}

/// What a server answers for `7203.T` and the like, in Yahoo's format.
type Charts = Arc<Mutex<Vec<(String, Vec<Bar>)>>>;

async fn yahoo_server(charts: &Charts) -> MockServer {
    let server = MockServer::start().await;
    let charts = Arc::clone(charts);
    Mock::given(any()).respond_with(move |request: &Request| chart(&charts, request)).mount(&server).await;
    server
}

fn chart(charts: &Charts, request: &Request) -> ResponseTemplate {
    let symbol = request.url.path_segments().unwrap().next_back().unwrap().to_owned();
    let period =
        |name: &str| -> i64 { request.url.query_pairs().find(|(key, _)| key == name).unwrap().1.parse().unwrap() };
    // Tokyo opens at midnight, UTC.
    let stamp = |date: NaiveDate| date.and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp();
    let charts = charts.lock().unwrap();
    let Some((_, bars)) = charts.iter().find(|(of, _)| format!("{of}.T") == symbol) else {
        let error = json!({"code": "Not Found", "description": "No data found"});
        return ResponseTemplate::new(404).set_body_json(json!({"chart": {"result": null, "error": error}}));
    };
    let shown: Vec<&Bar> =
        bars.iter().filter(|bar| (period("period1")..period("period2")).contains(&stamp(bar.date))).collect();
    let column = |value: fn(&Bar) -> Option<f64>| -> Value { shown.iter().map(|bar| json!(value(bar))).collect() };
    let quote = json!({
        "open": column(|bar| bar.open), "high": column(|bar| bar.high), "low": column(|bar| bar.low),
        "close": column(|bar| bar.close), "volume": column(|bar| bar.volume),
    });
    let meta = json!({
        "symbol": symbol, "currency": "JPY", "exchangeTimezoneName": "Asia/Tokyo", "gmtoffset": 32_400,
        "dataGranularity": "1d",
    });
    let stamps: Vec<i64> = shown.iter().map(|bar| stamp(bar.date)).collect();
    let result = json!({"meta": meta, "timestamp": stamps, "indicators": {"quote": [quote]}});
    ResponseTemplate::new(200).set_body_json(json!({"chart": {"result": [result], "error": null}}))
}

/// A company with these bars stored, as if they had come from J-Quants.
async fn store_bars(world: &World, code: &str, stored: &[Bar]) {
    let company = data_infrastructure::stock::master::bundled()
        .into_iter()
        .find(|company| company.stock_code.as_str() == "7203")
        .map(|company| data_infrastructure::stock::company::Company {
            company_id: id_of(code),
            stock_code: StockCode::parse(code).unwrap(),
            ..company
        })
        .unwrap();
    companies::insert(world.database.connection(), &company).await.unwrap();
    let transaction = world.database.begin().await.unwrap();
    let id: CompanyId = id_of(code);
    let mut known = series::lock(&transaction, &id).await.unwrap();
    bars::store(&transaction, &id, "jquants", &one_basis(stored)).await.unwrap();
    known.basis = Some(Basis::Split);
    known.source = Some("jquants".to_owned());
    known.newest_date = stored.last().map(|bar| bar.date);
    known.covered = Some(Days { from: stored[0].date, to: stored[stored.len() - 1].date });
    known.version += 1;
    series::save(&transaction, &id, &known).await.unwrap();
    transaction.commit().await.unwrap();
}

/// `price 2019-03-11 to 2019-04-11: 18`, in the order of days.
fn told(answer: &Value) -> Vec<String> {
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    let mut told: Vec<String> = answer["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {} to {}: {}", text(one, "kind"), text(one, "from"), text(one, "to"), one["sessions"]))
        .collect();
    told.sort_by_key(|line| line.split_once(' ').map(|(kind, rest)| (rest.to_owned(), kind.to_owned())));
    told
}

/// Two companies stored from J-Quants' files, and Yahoo's files served.
struct Files {
    world: World,
    charts: Charts,
    _server: MockServer,
    toyota: Vec<Bar>,
    yahoo_toyota: Vec<Bar>,
}

impl Files {
    /// None when they are not there.
    async fn stored(store: &TestStore) -> Option<Self> {
        let (toyota, kddi) = (jquants("7203")?, jquants("9433")?);
        let (yahoo_toyota, yahoo_kddi) = (yahoo("7203")?, yahoo("9433")?);
        let charts: Charts = Arc::default();
        *charts.lock().unwrap() = vec![("7203".to_owned(), yahoo_toyota.clone()), ("9433".to_owned(), yahoo_kddi)];
        let server = yahoo_server(&charts).await;
        let world = World::with(store, &[], &[("DATAINFRA__SOURCES__YAHOO__BASE_URL", &server.uri())]).await;
        world.set_now("2026-02-06T12:00:00Z".parse().unwrap());
        store_bars(&world, "7203", &toyota).await;
        store_bars(&world, "9433", &kddi).await;
        Some(Self { world, charts, _server: server, toyota, yahoo_toyota })
    }
}

/// All that both have.
fn years() -> RunParams {
    RunParams { from: Some(day("2016-02-05")), to: Some(day("2024-12-24")), ..RunParams::default() }
}

const FOUND: [&str; 6] = [
    "missing_there 2016-07-11 to 2016-07-11: 1",
    "price 2017-01-30 to 2017-01-30: 1",
    "price 2019-03-11 to 2019-04-11: 18",
    "price 2024-01-15 to 2024-01-16: 2",
    "price 2024-01-25 to 2024-01-25: 1",
    "price 2024-03-29 to 2024-03-29: 1",
];

on_both_databases!(yahoo_s_spring_of_2019_is_found_over_http_and_little_else, |store: TestStore| async {
    let Some(files) = Files::stored(&store).await else { return };
    let world = &files.world;
    let before = world.bars("7203").await;
    let run = reconcile(world, years()).await;
    let house = House::over(world.database.clone(), store).await;
    let answer = house.get("/api/v1/differences?stockCode=7203").await.json();
    assert_eq!(told(&answer), FOUND);
    let sentence = message(world, &run, "7203").await;
    assert!(sentence.starts_with("24 of 2174 sessions differ from yahoo, 2019-03-11 to 2019-04-11, "), "{sentence}");
    let spring = answer["items"].as_array().unwrap().iter().find(|one| one["from"] == "2019-03-11").unwrap();
    assert_eq!((&spring["source"], &spring["state"]), (&json!("yahoo"), &json!("open")));
    assert_eq!(spring["runId"], json!(run.id));
    // On its first day only the volume tells: it is not five times ours, as it is around.
    let (ours, theirs) = (&spring["stored"], &spring["other"]);
    assert!(ours["high"] == theirs["high"] && ours["volume"] != theirs["volume"], "{spring}");
    assert!((0.002..0.01).contains(&spring["worst"].as_f64().unwrap()), "{spring}");
    // KDDI's split of 2025 is in one of the files only: one stretch for all of it, and the same spring.
    let kddi = told(&house.get("/api/v1/differences?stockCode=9433").await.json());
    assert!(kddi.contains(&"ratio 2016-02-05 to 2024-12-24: 2172".to_owned()), "{kddi:?}");
    assert!(kddi.contains(&"price 2019-03-11 to 2019-04-11: 18".to_owned()), "{kddi:?}");
    assert_eq!(kddi.len(), 9, "{kddi:?}");
    assert_eq!(world.bars("7203").await, before, "nothing is overwritten");
    let metrics = app::metrics(&app::MoreJobs::default()).unwrap();
    let now: DateTime<Utc> = "2026-02-06T12:00:00Z".parse().unwrap();
    measure(world.database.connection(), &metrics, &Delays::default(), now).await.unwrap();
    let text = metrics.render().unwrap();
    assert!(text.contains("datainfra_differences_open{source=\"yahoo\"} 15\n"), "{text}");
    assert!(text.contains("datainfra_differences_open{source=\"kabutan\"} 0\n"));
    files.world.end().await;
});

on_both_databases!(a_difference_found_again_is_the_same_one_and_is_closed_when_it_is_gone, |store: TestStore| async {
    let Some(Files { world, charts, _server, toyota, yahoo_toyota }) = Files::stored(&store).await else { return };
    let house = House::over(world.database.clone(), store).await;
    let seven = RunParams { companies: vec!["7203".to_owned()], ..years() };
    reconcile(&world, seven.clone()).await;
    let ids = async || -> Vec<String> {
        let answer = house.get("/api/v1/differences").await.json();
        answer["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    let first = ids().await;
    reconcile(&world, seven).await;
    assert_eq!((first.len(), ids().await), (FOUND.len(), first));
    // Yahoo puts the spring right.
    let spring = |bar: &Bar| (day("2019-03-01")..day("2019-05-01")).contains(&bar.date);
    let wrong = yahoo_toyota.into_iter().filter(|bar| !spring(bar));
    charts.lock().unwrap()[0].1 = sorted(wrong.chain(toyota.iter().filter(|bar| spring(bar)).copied()).collect());
    let companies = vec!["7203".to_owned()];
    let of_2019 =
        RunParams { from: Some(day("2019-01-04")), to: Some(day("2019-12-30")), companies, ..RunParams::default() };
    let run = reconcile(&world, of_2019).await;
    assert_eq!(message(&world, &run, "7203").await, "241 sessions agree with yahoo; 1 difference found before is gone");
    let closed = house.get("/api/v1/differences?stockCode=7203&state=closed").await.json();
    assert_eq!(told(&closed), ["price 2019-03-11 to 2019-04-11: 18"]);
    assert!(closed["items"][0]["closedAt"].is_string());
    // Those of other years were not looked at.
    assert_eq!(told(&house.get("/api/v1/differences?stockCode=7203&state=open").await.json()).len(), 5);
    world.end().await;
});

fn sorted(mut bars: Vec<Bar>) -> Vec<Bar> {
    bars.sort_by_key(|bar| bar.date);
    bars
}

on_both_databases!(the_second_source_is_one_the_series_is_not_from, |store: TestStore| async {
    let history = ("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2024-01-04");
    let world = World::with(&store, &["1101", "1102", "AAPL"], &[history]).await;
    world.succeed(RunParams::default()).await;
    world.upstream.clear();
    let dry = reconcile(&world, RunParams { dry_run: true, ..RunParams::default() }).await;
    assert_eq!(message(&world, &dry, "1101").await, "would compare 2024-03-05 to 2024-05-31 with kabutan, yahoo");
    assert!(world.upstream.requests().is_empty());
    let run = reconcile(&world, RunParams::default()).await;
    assert!(world.upstream.requests().iter().all(|request| request.source == "kabutan"));
    assert_eq!(message(&world, &run, "1101").await, "60 sessions agree with kabutan");
    assert!(message(&world, &run, "AAPL").await.starts_with("nothing is stored"));
    // Its own source serves where there is no other.
    world.upstream.unlist("kabutan", "1102");
    let own = reconcile(&world, RunParams { companies: vec!["1102".to_owned()], ..RunParams::default() }).await;
    assert_eq!(message(&world, &own, "1102").await, "60 sessions agree with yahoo");
    world.upstream.unlist("yahoo", "1102");
    let none = reconcile(&world, RunParams { companies: vec!["1102".to_owned()], ..RunParams::default() }).await;
    assert!(message(&world, &none, "1102").await.starts_with("could not be compared: kabutan: does not know the code"));
    world.end().await;
});

on_both_databases!(a_falsified_week_is_one_difference_and_stays_as_it_is_stored, |store: TestStore| async {
    let history = ("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2024-01-04");
    let world = World::with(&store, &["1101"], &[history]).await;
    world.succeed(RunParams::default()).await;
    let falsify = "UPDATE stockprice SET close_price = close_price * 1.01, high_price = high_price * 1.02 \
                   WHERE date BETWEEN '2024-05-13' AND '2024-05-17'";
    data_infrastructure::db::execute(world.database.connection(), falsify, []).await.unwrap();
    let before = world.bars("1101").await;
    let run = reconcile(&world, RunParams::default()).await;
    assert_eq!(message(&world, &run, "1101").await, "5 of 60 sessions differ from kabutan, 2024-05-13 to 2024-05-17");
    assert_eq!((run.rows.inserted, run.rows.updated), (0, 0));
    assert_eq!(world.bars("1101").await, before);
    world.end().await;
});

on_both_databases!(a_series_of_another_basis_is_compared_with_nobody, |store: TestStore| async {
    let settings =
        [("DATAINFRA__JOBS__STOCK__SOURCES", "stooq"), ("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2024-01-04")];
    let world = World::with(&store, &["1102"], &settings).await;
    world.succeed(RunParams::default()).await;
    let run = reconcile(&world, RunParams::default()).await;
    assert!(message(&world, &run, "1102").await.starts_with("no source to compare with adjusts for"));
    assert_eq!(world.count("SELECT count(*) FROM stockprice_difference").await, 0);
    world.end().await;
});

on_both_databases!(the_list_of_differences_is_paged_filtered_and_refuses_what_cannot_be, |store: TestStore| async {
    let house = House::with_market(store).await;
    for (number, seen) in [(1, "2026-11-01"), (2, "2026-11-10"), (3, "2026-11-20")] {
        let sql = format!(
            "INSERT INTO stockprice_difference (id, company_id, source, kind, date_from, date_to, sessions, worst, \
             state, run_id, found_at, seen_at) VALUES ('01990000-0000-7000-8000-00000000000{number}', '0001', 'yahoo', \
             'price', '2026-01-0{number}', '2026-01-0{number}', 1, 0.5, 'open', 'r', '{seen}T00:00:00+00:00', \
             '{seen}T00:00:00+00:00')"
        );
        house.sql(&sql, []).await;
    }
    let froms = async |query: &str| -> Vec<String> {
        let answer = house.get(&format!("/api/v1/differences{query}")).await.json();
        answer["items"].as_array().unwrap().iter().map(|one| one["from"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(froms("").await, ["2026-01-03", "2026-01-02", "2026-01-01"]);
    assert_eq!(froms("?since=2026-11-10").await, ["2026-01-03", "2026-01-02"]);
    assert_eq!(froms("?stockCode=130A").await, [""; 0]);
    let first = house.get("/api/v1/differences?limit=2").await.json();
    assert_eq!(froms(&format!("?cursor={}", first["nextCursor"].as_str().unwrap())).await, ["2026-01-01"]);
    let page = house.get("/api/v1/differences?limit=2&format=csv").await;
    assert_eq!((page.text.lines().count(), page.header("next-cursor")), (3, first["nextCursor"].as_str().unwrap()));
    let last = house.get(&format!("/api/v1/differences?format=csv&cursor={}", page.header("next-cursor"))).await;
    assert_eq!((last.text.lines().count(), last.header("next-cursor")), (2, ""));
    let csv = house.get("/api/v1/differences?format=csv").await.text;
    assert!(csv.starts_with("id,companyId,stockCode,source,kind,from,to,sessions,worst,") && csv.lines().count() == 4);
    for (query, named) in [
        ("?stockCode=9999", "9999"),
        ("?since=yesterday", "since"),
        ("?state=gone", "open, closed"),
        ("?cursor=x", "cursor"),
        ("?limit=0", "limit"),
        ("?kind=price", "kind"),
    ] {
        let reply = house.get(&format!("/api/v1/differences{query}")).await;
        assert!(reply.status.is_client_error() && reply.text.contains(named), "{query}: {}", reply.text);
    }
});

#[test]
fn another_basis_and_impossible_values_are_refused_at_configuration() {
    let refused = |key: &str, value: &str| {
        let env = [(format!("DATAINFRA__JOBS__RECONCILE__{key}"), value.to_owned())].into();
        data_infrastructure::config::parse(None, &env).unwrap_err().to_string()
    };
    let stooq = refused("SOURCES", "yahoo, stooq");
    assert!(stooq.contains("stooq adjusts for dividends too") && stooq.contains("jquants, yahoo, kabutan"), "{stooq}");
    for (key, value, right) in [
        ("SOURCES", "[]", "no source is named"),
        ("SOURCES", "yahoo, yahoo", "named twice"),
        ("SOURCES", "yaho", "is no source"),
        ("COMPANIES", "0", "1 to 10000"),
        ("SESSIONS", "4", "5 to 2500"),
        ("TOLERANCE", "0.05", "0.05%"),
    ] {
        let text = refused(key, value);
        assert!(text.contains(right) && text.contains("RECONCILE"), "{key}: {text}");
    }
}
