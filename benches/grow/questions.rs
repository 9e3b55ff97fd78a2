//! The statements that runs, the API and the pages ask most, and how long each takes: by one connection, warm.

use std::time::Instant;

use chrono::NaiveDate;
use data_infrastructure::{
    db::Database,
    stock::{
        bar::{CompanyId, Days},
        store::{
            bars, companies, coverage,
            serving::{
                export::{Export, listed},
                newest_bars, overview, stream,
            },
        },
    },
};
use futures_util::TryStreamExt as _;

/// How often each is asked; the middle one counts.
const TIMES: usize = 15;

/// What was asked, and the milliseconds of the middle answer.
pub type Answers = Vec<(&'static str, f64)>;

pub async fn ask(database: &Database, companies: usize, years: usize) -> Answers {
    let mut answers = about_a_company(database, companies, years).await;
    answers.extend(about_the_market(database).await);
    answers
}

/// The newest day of all companies.
fn today() -> NaiveDate {
    "2026-11-20".parse().unwrap()
}

/// So many days up to today.
fn newest(days: usize) -> Days {
    Days { from: today() - chrono::Days::new(days as u64), to: today() }
}

async fn about_a_company(database: &Database, companies: usize, years: usize) -> Answers {
    let connection = database.connection();
    let id = |n: usize| CompanyId::parse(&format!("{:04}", 1 + n * 37 % companies)).unwrap();
    let dates = async |n: usize| {
        bars::dates(connection, &id(n), newest(14)).await.unwrap();
    };
    let close = async |n: usize| {
        bars::last_close_before(connection, &id(n), today()).await.unwrap();
    };
    let sessions = async |n: usize| {
        newest_bars(connection, &id(n), 60).await.unwrap();
    };
    let read = async |n: usize, years: usize| {
        bars::read(connection, &id(n), newest(years * 365)).await.unwrap();
    };
    vec![
        ("a company's last two weeks", time(dates).await),
        ("its last close", time(close).await),
        ("its newest 60 sessions", time(sessions).await),
        ("a year of it", time(async |n| read(n, 1).await).await),
        ("ten years of it", time(async |n| read(n, 10).await).await),
        ("all its years", time(async |n| read(n, years + 1).await).await),
    ]
}

async fn about_the_market(database: &Database) -> Answers {
    let connection = database.connection();
    let all = listed(connection, None).await.unwrap();
    let ids: Vec<CompanyId> = all.iter().take(100).map(|one| one.company_id.clone()).collect();
    let export = async |days: Days| {
        let export = Export { companies: all.clone().into(), days };
        let view = stream::view(database, export.is_one_piece()).await.unwrap();
        export.bars(&view).try_collect::<Vec<_>>().await.unwrap();
    };
    let day = async |n: usize| {
        let day = today() - chrono::Days::new(n as u64 * 7);
        export(Days { from: day, to: day }).await;
    };
    let home = async |_| {
        overview(connection, 200, 60).await.unwrap();
    };
    let covered = async |_| {
        coverage::counted(connection, &ids.iter().collect::<Vec<_>>()).await.unwrap();
    };
    let master = async |_| {
        companies::list(connection).await.unwrap();
    };
    vec![
        ("a day of the market", time(day).await),
        ("a month of the market", time(async |_| export(newest(30)).await).await),
        ("the home page", time(home).await),
        ("the coverage of 100 companies", time(covered).await),
        ("all companies", time(master).await),
    ]
}

async fn time(ask: impl AsyncFn(usize)) -> f64 {
    ask(0).await;
    let mut took = Vec::new();
    for n in 0..TIMES {
        let started = Instant::now();
        ask(n).await;
        took.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    took.sort_by(f64::total_cmp);
    took[TIMES / 2]
}

/// Prints a column of milliseconds for each way of keeping the tables.
pub fn tell(names: &[&str], columns: &[Answers]) {
    print!("    {:<32}", "ms for");
    names.iter().for_each(|name| print!(" {name:>12}"));
    println!();
    for (row, (what, _)) in columns[0].iter().enumerate() {
        print!("    {what:<32}");
        columns.iter().for_each(|column| print!(" {:>12.2}", column[row].1));
        println!();
    }
}
