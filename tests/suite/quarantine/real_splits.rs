//! The 45 recorded splits: loaded day by day across each, from a source that shows each day what it would have shown
//! then, the stored closes are the recorded adjusted ones.

use chrono::NaiveDate;
use data_infrastructure::stock::{
    bar::{Bar, Days, Split},
    calendar::{Calendar, Market},
    sources::SourceName,
};

use super::desk::{Desk, batch, real};
use crate::{support::TestStore, world::day};

/// Sessions loaded before the first split.
const BEFORE: usize = 30;
/// Sessions loaded one by one around each.
const AROUND: usize = 2;

/// A company with its splits and its bars in the shares of after the last of them, ascending.
struct Recorded {
    code: String,
    splits: Vec<Split>,
    bars: Vec<Bar>,
}

impl Recorded {
    /// What a source shows on a day: the bars up to it, in the shares of that day.
    fn as_of(&self, today: NaiveDate) -> Vec<Bar> {
        let factor: f64 = self.splits.iter().filter(|split| split.date > today).map(|split| split.ratio).product();
        self.bars.iter().filter(|bar| bar.date <= today).map(|bar| times(bar, factor)).collect()
    }

    /// The sessions on which a run takes place: around each split, and the last.
    fn days(&self) -> Vec<NaiveDate> {
        let mut days = Vec::new();
        for split in &self.splits {
            let at = self.bars.partition_point(|bar| bar.date < split.date);
            assert_eq!(self.bars[at].date, split.date, "{} is no session of {}", split.date, self.code);
            days.extend(self.bars[at - AROUND..=at + AROUND].iter().map(|bar| bar.date));
        }
        days.dedup();
        days
    }
}

fn times(bar: &Bar, factor: f64) -> Bar {
    let price = |price: Option<f64>| price.map(|price| price * factor);
    Bar {
        date: bar.date,
        open: price(bar.open),
        high: price(bar.high),
        low: price(bar.low),
        close: price(bar.close),
        volume: bar.volume.map(|volume| volume / factor),
    }
}

/// Each company that has a series once with all its splits; of the others each split as a company of its own.
fn recorded() -> Option<Vec<Recorded>> {
    let text = real("jp_yahoojp_1983_2018/_splits_derived.tsv")?;
    let mut all: Vec<Recorded> = Vec::new();
    for (n, line) in text.lines().skip(1).enumerate() {
        let fields: Vec<&str> = line.split('\t').collect();
        let number = |n: usize| fields[n].parse::<f64>().unwrap();
        let split = Split { date: day(fields[1]), ratio: number(2) };
        let path = format!("jp_yahoojp_1983_2018/{}.csv", fields[0]);
        let has_series =
            std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data")).join(&path).exists();
        match all.iter_mut().find(|one| one.code == fields[0]) {
            Some(company) => company.splits.push(split),
            None if has_series => {
                all.push(Recorded { code: fields[0].to_owned(), splits: vec![split], bars: series(&real(&path)?) });
            }
            None => {
                let bars = around(split, number(3), number(5));
                all.push(Recorded { code: format!("{}", 2000 + n), splits: vec![split], bars });
            }
        }
    }
    for company in all.iter_mut() {
        let first = company.bars.partition_point(|bar| bar.date < company.splits[0].date).saturating_sub(BEFORE);
        let last = company.splits.last().unwrap().date;
        let end = company.bars.partition_point(|bar| bar.date < last) + AROUND;
        company.bars = company.bars[first..=end].to_vec();
    }
    assert_eq!(all.iter().map(|company| company.splits.len()).sum::<usize>(), 45);
    Some(all)
}

/// A recorded series with its adjusted closes, the other prices alike.
fn series(text: &str) -> Vec<Bar> {
    let bar = |line: &str| {
        let fields: Vec<&str> = line.trim().split(',').collect();
        let number = |n: usize| fields[n].parse::<f64>().unwrap();
        let raw = Bar {
            date: day(&fields[0].replace('/', "-")),
            open: Some(number(1)),
            high: Some(number(2)),
            low: Some(number(3)),
            close: Some(number(4)),
            volume: Some(number(5)),
        };
        times(&raw, number(6) / number(4))
    };
    text.lines().skip(1).map(bar).collect()
}

/// Sessions around a split of which only the closes before and after it are recorded, in the shares of after it.
fn around(split: Split, close_before: f64, close_after: f64) -> Vec<Bar> {
    let first = Calendar::embedded(Market::Tokyo).nth_session_before(split.date, BEFORE);
    let last = (0..AROUND).fold(split.date, |date, _| Calendar::embedded(Market::Tokyo).next_session_after(date));
    let close = |date: NaiveDate| if date < split.date { close_before / split.ratio } else { close_after };
    let bar = |(n, date): (usize, NaiveDate)| super::desk::flat(date, close(date) * (1.0 + (n % 5) as f64 / 500.0));
    Calendar::embedded(Market::Tokyo).sessions(Days { from: first, to: last }).enumerate().map(bar).collect()
}

async fn loading_day_by_day_gives_the_adjusted_closes(store: TestStore, wanted: impl Fn(&Recorded) -> bool) {
    let Some(all) = recorded() else { return };
    let all: Vec<Recorded> = all.into_iter().filter(wanted).collect();
    let codes: Vec<&str> = all.iter().map(|company| company.code.as_str()).collect();
    let desk = Desk::new(&store, &codes, &[("JOBS__STOCK__HISTORY_FROM", "1983-01-04")]).await;
    for (n, company) in all.iter().enumerate() {
        // Every other source tells of its splits.
        let announced = if n % 2 == 0 { company.splits.clone() } else { Vec::new() };
        for today in company.days() {
            let (shown, announced) = (company.as_of(today), announced.clone());
            desk.tell(SourceName::Yahoo, move |query| Some(batch(SourceName::Yahoo, query, &shown, &announced)));
            desk.turn_to(today);
            let task = desk.load(&company.code).await;
            assert_eq!(task.rows.rejected, 0, "{} on {today}: {task:?}", company.code);
            let epoch = company.as_of(today);
            let close = desk.bars(&company.code).await.last().unwrap().close.unwrap();
            assert!((close / epoch.last().unwrap().close.unwrap() - 1.0).abs() < 1e-6, "{} on {today}", company.code);
        }
        let stored = desk.bars(&company.code).await;
        assert_eq!(stored.len(), company.bars.len(), "{}", company.code);
        for (stored, recorded) in stored.iter().zip(&company.bars) {
            let (found, expected) = (stored.close.unwrap(), recorded.close.unwrap());
            let right = stored.date == recorded.date && (found / expected - 1.0).abs() < 1e-6;
            assert!(right, "{} {}: {found} for {expected}", company.code, recorded.date);
        }
    }
    let splits: usize = all.iter().map(|company| company.splits.len()).sum();
    let rebased = desk.count("SELECT count(*) FROM stockprice_revision WHERE kind = 'rebase'").await;
    assert_eq!(rebased, splits as i64, "each split rebases once");
    desk.assert_indicators_agree().await;
    desk.end().await;
}

#[tokio::test]
async fn all_45_recorded_splits_loaded_day_by_day_give_the_adjusted_closes() {
    loading_day_by_day_gives_the_adjusted_closes(TestStore::sqlite(), |_| true).await;
}

#[tokio::test]
async fn recorded_splits_of_every_kind_give_the_adjusted_closes_on_postgres_too() {
    let Some(store) = TestStore::postgres().await else { return };
    // 1:10 backwards, 1:5 and 1:2, six of 1:1.05 to 1:1.1, and 1:1.5.
    let kinds = ["1301", "8697", "7203"];
    let wanted = |one: &Recorded| kinds.contains(&one.code.as_str()) || (one.splits[0].ratio - 1.5).abs() < 1e-9;
    loading_day_by_day_gives_the_adjusted_closes(store, wanted).await;
}
