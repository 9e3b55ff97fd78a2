//! A recorded history of which the source adjusted one half for a split and forgot the other.

use data_infrastructure::{
    jobs::{Mode, RunParams, RunState},
    stock::{
        bar::{Bar, Split},
        sources::SourceName,
    },
};

use super::desk::{Desk, batch, real};
use crate::{support::on_both_databases, world::day};

const CODE: &str = "4063";

/// Ascending.
fn recorded(name: &str) -> Option<Vec<Bar>> {
    let text = real(&format!("repair/{name}.csv"))?;
    let bar = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |n: usize| fields[n].parse::<f64>().ok();
        Bar {
            date: day(&fields[0][..10]),
            open: number(1),
            high: number(2),
            low: number(3),
            close: number(4),
            volume: number(6),
        }
    };
    let mut bars: Vec<Bar> = text.lines().skip(1).map(bar).collect();
    bars.sort_by_key(|bar| bar.date);
    Some(bars)
}

fn split() -> Split {
    Split { date: day("2023-03-30"), ratio: 5.0 }
}

on_both_databases!(a_half_adjusted_history_never_replaces_a_right_one, |store: TestStore| async {
    let Some(bad) = recorded("4063-T-1d-bad-stock-split") else { return };
    let fixed = recorded("4063-T-1d-bad-stock-split-fixed").unwrap();
    let desk = Desk::new(&store, &[CODE], &[("JOBS__STOCK__HISTORY_FROM", "2023-03-15")]).await;
    let tell = |bars: &[Bar], source, announced: bool| {
        let bars = bars.to_vec();
        let splits = if announced { vec![split()] } else { Vec::new() };
        desk.tell(source, move |query| Some(batch(source, query, &bars, &splits)));
    };
    tell(&fixed, SourceName::Yahoo, true);
    desk.turn_to(day("2023-04-04"));
    desk.load(CODE).await;
    let upto = |text: &str| fixed.iter().filter(|bar| bar.date <= day(text)).copied().collect::<Vec<_>>();
    assert_eq!(desk.bars(CODE).await, upto("2023-04-04"));

    // Half of the overlap is in the shares of before: nothing is loaded, whether the source tells of the split or not.
    desk.turn_to(day("2023-04-05"));
    for (source, announced, why) in [
        (SourceName::Yahoo, true, "the split of 5 on 2023-03-30 shows between 2023-03-28 and 2023-03-29"),
        (SourceName::Yahoo, false, "on the fetched prices leap where the stored ones do not"),
        (SourceName::Kabutan, false, "on the fetched prices leap where the stored ones do not"),
    ] {
        tell(&bad, source, announced);
        let error = desk.fail(CODE).await;
        assert!(error.contains(why), "{error}");
        let (run, _) = desk.run(RunParams { mode: Mode::Full, ..RunParams::default() }).await;
        assert_eq!(run.state, RunState::Failed, "nor the whole history");
        assert_eq!(desk.bars(CODE).await, upto("2023-04-04"), "{source:?}");
    }
    assert_eq!(desk.count("SELECT count(*) FROM stockprice_revision").await, 0);

    // When one session of it is left in the overlap, that one is held and the rest loaded.
    tell(&fixed, SourceName::Yahoo, true);
    desk.turn_to(day("2023-04-10"));
    desk.load(CODE).await;
    tell(&bad, SourceName::Yahoo, true);
    desk.turn_to(day("2023-04-14"));
    let task = desk.load(CODE).await;
    assert_eq!((task.rows.inserted, task.rows.updated, task.rows.rejected), (4, 0, 1), "{task:?}");
    let row = "SELECT count(*) FROM stockprice_quarantine WHERE date = '2023-03-28' AND close_price = 20710";
    assert_eq!(desk.count(row).await, 1);
    assert_eq!(desk.bars(CODE).await, fixed);
    desk.assert_indicators_agree().await;
    desk.end().await;
});

on_both_databases!(a_half_adjusted_history_is_not_a_first_load_either, |store: TestStore| async {
    let Some(bad) = recorded("4063-T-1d-bad-stock-split") else { return };
    let desk = Desk::new(&store, &[CODE], &[("JOBS__STOCK__HISTORY_FROM", "2023-03-15")]).await;
    desk.tell(SourceName::Yahoo, move |query| Some(batch(SourceName::Yahoo, query, &bad, &[split()])));
    desk.turn_to(day("2023-04-14"));
    let error = desk.fail(CODE).await;
    assert!(error.contains("9 of 22 sessions"), "{error}");
    assert!(desk.bars(CODE).await.is_empty());
    assert_eq!(desk.count("SELECT count(*) FROM stockprice_quarantine WHERE state = 'held'").await, 1);
    desk.end().await;
});

on_both_databases!(a_wrong_dividend_touches_no_price_of_ours, |store: TestStore| async {
    let Some(bad) = recorded("4063-T-1d-bad-div") else { return };
    let fixed = recorded("4063-T-1d-bad-div-fixed").unwrap();
    let desk = Desk::new(&store, &[CODE], &[("JOBS__STOCK__HISTORY_FROM", "2022-01-04")]).await;
    desk.tell(SourceName::Yahoo, move |query| Some(batch(SourceName::Yahoo, query, &bad, &[split()])));
    desk.turn_to(day("2024-09-20"));
    let task = desk.load(CODE).await;
    assert_eq!(task.rows.rejected, 0);
    assert_eq!(desk.bars(CODE).await, fixed);
    desk.end().await;
});
