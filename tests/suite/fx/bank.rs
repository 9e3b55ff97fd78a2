//! A server with the ECB's two files; the rates are invented.

use std::{
    collections::{BTreeMap, VecDeque},
    io::{Cursor, Write as _},
    sync::{Arc, Mutex},
};

use chrono::{Datelike as _, NaiveDate};
use data_infrastructure::fx::calendar::{FIRST_DAY, is_target_day};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};
use zip::{ZipWriter, write::SimpleFileOptions};

/// Rates by day and currency.
pub type Rates = BTreeMap<NaiveDate, BTreeMap<&'static str, f64>>;

#[derive(Default)]
struct State {
    rates: Rates,
    published: NaiveDate,
    asked: Vec<String>,
    faults: VecDeque<ResponseTemplate>,
}

pub struct Bank {
    server: MockServer,
    state: Arc<Mutex<State>>,
}

impl Bank {
    /// All rates that there are to be, of which those through a day are published.
    pub async fn open(rates: Rates, published: NaiveDate) -> Self {
        let server = MockServer::start().await;
        let state = Arc::new(Mutex::new(State { rates, published, ..State::default() }));
        let answering = Arc::clone(&state);
        let answer = move |request: &Request| answering.lock().unwrap().answer(request.url.path());
        Mock::given(any()).respond_with(answer).mount(&server).await;
        Self { server, state }
    }

    pub fn url(&self) -> String {
        self.server.uri()
    }

    pub fn publish(&self, through: NaiveDate) {
        self.state.lock().unwrap().published = through;
    }

    pub fn set(&self, date: &str, currency: &'static str, rate: f64) {
        self.state.lock().unwrap().rates.get_mut(&date.parse().unwrap()).unwrap().insert(currency, rate);
    }

    /// The next answers, before it is well again.
    pub fn fail(&self, faults: impl IntoIterator<Item = ResponseTemplate>) {
        self.state.lock().unwrap().faults.extend(faults);
    }

    /// The files asked for since the last call.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }

    /// What is published.
    pub fn rates(&self) -> Rates {
        let state = self.state.lock().unwrap();
        state.rates.range(..=state.published).map(|(day, rates)| (*day, rates.clone())).collect()
    }
}

impl State {
    fn answer(&mut self, path: &str) -> ResponseTemplate {
        let file = path.strip_prefix("/stats/eurofxref/").unwrap_or(path);
        self.asked.push(file.to_owned());
        if let Some(fault) = self.faults.pop_front() {
            return fault;
        }
        let csv = match file {
            "eurofxref.zip" => self.newest(),
            "eurofxref-hist.zip" => self.history(),
            _ => return ResponseTemplate::new(404),
        };
        ResponseTemplate::new(200).set_body_raw(zip(&csv), "application/zip")
    }

    fn newest(&self) -> String {
        let Some((day, rates)) = self.rates.range(..=self.published).next_back() else { return String::new() };
        let join = |values: Vec<String>| values.iter().map(|value| format!(", {value}")).collect::<String>();
        let codes = join(rates.keys().map(ToString::to_string).collect());
        let values = join(rates.values().map(ToString::to_string).collect());
        format!("Date{codes}, \n{}{values}, \n", day.format("%-d %B %Y"))
    }

    fn history(&self) -> String {
        let mut text = "Date,USD,JPY,CYP,\n".to_owned();
        for (day, rates) in self.rates.range(..=self.published).rev() {
            let value = |code| rates.get(code).map_or("N/A".to_owned(), f64::to_string);
            text.push_str(&format!("{day},{},{},{},\n", value("USD"), value("JPY"), value("CYP")));
        }
        text
    }
}

pub fn zip(csv: &str) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("eurofxref.csv", SimpleFileOptions::default()).unwrap();
    writer.write_all(csv.as_bytes()).unwrap();
    writer.finish().unwrap().into_inner()
}

/// Every TARGET day from the first to the end of 2026: the dollar, the yen, and the pound of Cyprus until it was euro.
pub fn history() -> Rates {
    let days = FIRST_DAY.iter_days().take_while(|day| day.year() < 2027).filter(|day| is_target_day(*day));
    days.enumerate()
        .map(|(n, day)| {
            let step = (n * 37 % 101) as f64;
            let mut rates = BTreeMap::from([("USD", 1.0 + step / 1000.0), ("JPY", 150.0 + step / 4.0)]);
            if day.year() < 2008 {
                rates.insert("CYP", 0.58);
            }
            (day, rates)
        })
        .collect()
}
