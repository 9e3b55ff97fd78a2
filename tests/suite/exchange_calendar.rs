//! What an exchange announces of its own days, from J-Quants to what is fetched, rejected, expected and reported.

use chrono::{NaiveDate, TimeDelta};
use data_infrastructure::{
    app,
    db::{self, Database, execute},
    jobs::{RunParams, Tick, TickOutcome, store},
    stock::{
        bar::{Bar, Days},
        calendar::{Calendar, Delays, Market, MarketDay},
        jobs::{StockJob, measure},
        sample::{Fault, FaultKind, SampleData},
        store::market_days::{self, Announcement},
    },
};

use crate::{
    support::{TestStore, on_both_databases},
    world::{TODAY, World, company, day, evening},
};

const ENABLED: (&str, &str) = ("DATAINFRA__SOURCES__JQUANTS__ENABLED", "true");
const HISTORY: (&str, &str) = ("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2024-04-01");
const JQUANTS_ALONE: (&str, &str) = ("DATAINFRA__JOBS__STOCK__SOURCES", "jquants");
const YAHOO_ALONE: (&str, &str) = ("DATAINFRA__JOBS__STOCK__SOURCES", "yahoo");

/// A Monday that becomes a holiday, as 2019-05-01 did in its time; the Monday after `TODAY`.
const CLOSED: &str = "2024-06-03";
/// Marine Day, on which the exchange trades all the same.
const OPENED: &str = "2024-07-15";

fn params() -> RunParams {
    RunParams::default()
}

fn said(date: &str, is_open: bool) -> MarketDay {
    MarketDay { date: day(date), is_open }
}

/// A market that trades otherwise than the table has it on one day, which J-Quants says as soon as it is announced.
struct Exchange {
    world: World,
    data: SampleData,
}

impl Exchange {
    async fn new(store: &TestStore, codes: &[&str], today: &str, moved: MarketDay, settings: &[(&str, &str)]) -> Self {
        let data = SampleData::demo_on(Calendar::announced(Market::Tokyo, [moved], None), day("2024-12-30")).unwrap();
        let companies: Vec<_> = codes.iter().map(|code| company(data.get(code).unwrap())).collect();
        let world = World::over(store, data.clone(), &companies, day(today), settings).await;
        Self { world, data }
    }

    /// Announced, and the day after whoever was asked last.
    async fn announce(&self) {
        self.world.upstream.announce();
        self.a_day_passes().await;
    }

    async fn a_day_passes(&self) {
        let sql = "UPDATE market_calendar SET asked_at = '2020-01-01 00:00:00+00:00'";
        assert_eq!(execute(self.world.database.connection(), sql, []).await.unwrap(), 1);
    }

    /// Requests for the calendar, and for anything else.
    fn requests(&self) -> (usize, usize) {
        let all: Vec<String> = self.world.upstream.requests().into_iter().map(|request| request.path).collect();
        let calendars = all.iter().filter(|path| path.contains("markets/calendar"));
        let first_pages = calendars.clone().filter(|path| !path.contains("pagination_key")).count();
        (first_pages, all.len() - calendars.count())
    }

    /// What the market really did since the beginning of the history.
    fn truth(&self, code: &str, today: &str) -> Vec<Bar> {
        let all = self.data.get(code).unwrap().bars_as_of(day(today));
        all.into_iter().filter(|bar| bar.date >= day(HISTORY.1)).collect()
    }

    /// Companies that should have what they lack four hours after the job was due, and companies that lack anything.
    async fn lacking(&self, due: NaiveDate) -> (usize, String) {
        let metrics = app::metrics(&app::MoreJobs::default()).unwrap();
        let now = evening(due) + TimeDelta::hours(4);
        let connection = self.world.database.connection();
        let measured = measure(connection, &metrics, &Delays::default(), now).await.unwrap();
        let text = metrics.render().unwrap();
        let name = "datainfra_data_stale_companies{country=\"JP\"} ";
        let stale = text.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
        (measured.iter().map(|country| country.overdue).sum(), stale)
    }

    async fn due(&self, date: NaiveDate) {
        let tick = Tick { scheduled_for: evening(date), outcome: TickOutcome::Fired, run_id: None, lateness_ms: 0 };
        store::record_ticks(self.world.database.connection(), &[(StockJob::NAME, tick)]).await.unwrap();
    }
}

on_both_databases!(a_day_that_the_exchange_closes_is_neither_waited_for_nor_reported, |store: TestStore| async {
    let exchange = Exchange::new(&store, &["1101", "1102"], TODAY, said(CLOSED, false), &[ENABLED, HISTORY]).await;
    let world = &exchange.world;
    world.succeed(params()).await;
    world.succeed(params()).await;
    let before = exchange.requests();
    assert_eq!(before.0, 1, "the calendar is asked for once a day, whatever runs");
    world.turn_to(day(CLOSED));
    exchange.due(day(CLOSED)).await;
    // By the table everybody lacks a session, and somebody would be woken.
    assert_eq!(exchange.lacking(day(CLOSED)).await, (2, "2".to_owned()));
    exchange.announce().await;
    let run = world.succeed(params()).await;
    assert!(world.tasks(&run.id).await.iter().all(|task| task.message.as_deref() == Some("up to date")));
    assert_eq!(exchange.requests(), (2, before.1), "no bar is asked for");
    assert_eq!(exchange.lacking(day(CLOSED)).await, (0, "0".to_owned()));
    world.turn_to(day("2024-06-04"));
    let run = world.succeed(params()).await;
    assert_eq!((run.rows.inserted, run.rows.rejected), (2, 0));
    for code in ["1101", "1102"] {
        assert_eq!(world.bars(code).await, exchange.truth(code, "2024-06-04"), "{code}");
    }
    exchange.world.end().await;
});

on_both_databases!(a_row_of_a_day_that_the_exchange_closes_is_rejected, |store: TestStore| async {
    // Yahoo has rows on closed days, with the close before and no volume.
    let settings = [ENABLED, HISTORY, YAHOO_ALONE];
    let exchange = Exchange::new(&store, &["1101"], TODAY, said(CLOSED, false), &settings).await;
    let world = &exchange.world;
    exchange.world.upstream.announce();
    world.succeed(params()).await;
    world.turn_to(day("2024-06-04"));
    let run = world.succeed(params()).await;
    assert_eq!((run.rows.inserted, run.rows.rejected), (1, 1));
    let reason = format!(
        "SELECT count(*) FROM stockprice_quarantine WHERE date = '{CLOSED}' \
         AND reason = '{CLOSED} is no session of the market in JP'"
    );
    assert_eq!(world.count(&reason).await, 1);
    assert_eq!(world.bars("1101").await, exchange.truth("1101", "2024-06-04"));
    exchange.world.end().await;
});

on_both_databases!(a_session_on_a_holiday_of_the_table_is_asked_for, |store: TestStore| async {
    let settings = [ENABLED, HISTORY, JQUANTS_ALONE];
    let exchange = Exchange::new(&store, &["1101", "1102"], "2024-07-12", said(OPENED, true), &settings).await;
    let world = &exchange.world;
    world.succeed(params()).await;
    world.turn_to(day(OPENED));
    let run = world.succeed(params()).await;
    assert!(world.tasks(&run.id).await.iter().all(|task| task.message.as_deref() == Some("up to date")));
    assert_eq!(exchange.lacking(day(OPENED)).await.1, "0", "it is a holiday as far as anybody knows");
    exchange.announce().await;
    let run = world.succeed(params()).await;
    assert_eq!((run.rows.inserted, run.rows.rejected), (2, 0), "{:?}", world.tasks(&run.id).await);
    for code in ["1101", "1102"] {
        let bars = world.bars(code).await;
        assert_eq!(bars.last().unwrap().date, day(OPENED));
        assert_eq!(bars, exchange.truth(code, OPENED), "{code}");
    }
    assert_eq!(exchange.lacking(day(OPENED)).await.1, "0");
    exchange.world.end().await;
});

on_both_databases!(a_session_that_is_learnt_of_too_late_comes_with_the_overlap, |store: TestStore| async {
    let settings = [ENABLED, HISTORY, JQUANTS_ALONE];
    let exchange = Exchange::new(&store, &["1101"], "2024-07-12", said(OPENED, true), &settings).await;
    let world = &exchange.world;
    world.succeed(params()).await;
    world.turn_to(day("2024-07-16"));
    let run = world.succeed(params()).await;
    assert_eq!((run.rows.inserted, run.rows.rejected), (1, 1), "the row of a holiday is not believed");
    world.turn_to(day("2024-07-17"));
    exchange.announce().await;
    let run = world.succeed(params()).await;
    assert_eq!((run.rows.inserted, run.rows.rejected), (2, 0), "{:?}", world.tasks(&run.id).await);
    assert_eq!(world.bars("1101").await, exchange.truth("1101", "2024-07-17"));
    exchange.world.end().await;
});

on_both_databases!(a_calendar_that_cannot_be_had_costs_no_run_and_is_not_asked_for_again, |store: TestStore| async {
    let exchange = Exchange::new(&store, &["1101"], TODAY, said(CLOSED, false), &[ENABLED, HISTORY]).await;
    let world = &exchange.world;
    // The day before it could be had, and it stays so.
    world.upstream.announce();
    world.succeed(params()).await;
    exchange.a_day_passes().await;
    world.upstream.inject(Fault::new("jquants", FaultKind::Status(500)).of_code(""));
    world.turn_to(day(CLOSED));
    for _ in 0..2 {
        let run = world.succeed(params()).await;
        let tasks = world.tasks(&run.id).await;
        assert_eq!(tasks[0].message.as_deref(), Some("up to date"), "the one that is stored serves");
    }
    assert_eq!(exchange.requests().0, 2);
    world.turn_to(day("2024-06-04"));
    let run = world.succeed(params()).await;
    assert_eq!(world.tasks(&run.id).await[0].source.as_deref(), Some("jquants"), "its bars are asked for all the same");
    // Somebody tries what a run would do: nobody is asked.
    exchange.a_day_passes().await;
    world.succeed(RunParams { dry_run: true, ..params() }).await;
    assert_eq!(exchange.requests().0, 2);
    exchange.world.end().await;
});

on_both_databases!(without_j_quants_nobody_is_asked_for_a_calendar, |store: TestStore| async {
    let world = World::with(&store, &["1101"], &[HISTORY]).await;
    world.succeed(params()).await;
    assert_eq!(world.count("SELECT count(*) FROM market_calendar").await, 0);
    assert!(world.upstream.requests().iter().all(|request| request.source != "jquants"));
    world.end().await;
});

on_both_databases!(of_many_replicas_one_asks_and_the_next_day_one_again, |store: TestStore| async {
    let database = Database::connect(&store.url, 4).await.unwrap();
    db::migrate_up(&store.url).await.unwrap();
    let connection = database.connection();
    for round in ["the first day", "a day later"] {
        let claims = (0..8).map(|_| market_days::claim(connection, Market::Tokyo));
        let claimed = futures_util::future::join_all(claims).await;
        assert_eq!(claimed.into_iter().filter(|claimed| *claimed.as_ref().unwrap()).count(), 1, "{round}");
        execute(connection, "UPDATE market_calendar SET asked_at = '2020-01-01 00:00:00+00:00'", []).await.unwrap();
    }
    assert!(market_days::claim(connection, Market::Tokyo).await.unwrap());
    assert!(market_days::claim(connection, Market::NewYork).await.unwrap(), "each market has its own");
    // Who was stopped before it asked leaves it to the next.
    assert!(!market_days::claim(connection, Market::Tokyo).await.unwrap());
    market_days::release(connection, Market::Tokyo).await.unwrap();
    assert!(market_days::claim(connection, Market::Tokyo).await.unwrap());
    database.close().await;
});

on_both_databases!(what_an_exchange_says_takes_the_place_of_what_it_said_before, |store: TestStore| async {
    let database = Database::connect(&store.url, 4).await.unwrap();
    db::migrate_up(&store.url).await.unwrap();
    let save = async |from: &str, to: &str, differing: &[MarketDay]| {
        let said = Announcement { days: Days { from: day(from), to: day(to) }, differing: differing.to_vec() };
        let transaction = database.begin().await.unwrap();
        market_days::save(&transaction, Market::Tokyo, "jquants", &said).await.unwrap();
        transaction.commit().await.unwrap();
        market_days::calendars(database.connection()).await.unwrap().of(Market::Tokyo).clone()
    };
    let (old, taken_back, new) = (said("2024-01-09", false), said("2024-07-16", false), said(OPENED, true));
    let first = save("2024-01-01", "2031-06-30", &[old, taken_back]).await;
    assert!(!first.is_session(old.date) && !first.is_session(taken_back.date));
    assert_eq!(first.known_until(), Some(day("2031-06-30")), "the exchange knows more than the table");
    let second = save("2024-06-01", "2031-05-31", &[new]).await;
    assert_eq!(second, Calendar::announced(Market::Tokyo, [old, new], Some(day("2031-06-30"))));
    assert!(!second.is_session(old.date) && second.is_session(taken_back.date) && second.is_session(new.date));
    let others = market_days::calendars(database.connection()).await.unwrap();
    assert_eq!(*others.of(Market::NewYork), Calendar::embedded(Market::NewYork));
    database.close().await;
});
