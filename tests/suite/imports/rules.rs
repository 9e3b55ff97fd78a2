//! What a file may do to bars that are stored.

use data_infrastructure::{
    db::execute,
    jobs::{RunParams, RunState},
    stock::bar::{Bar, Basis},
};

use super::{CODES, HEADER, given, import, of_basis, plain};
use crate::{
    support::{on_both_databases, on_every_layout},
    world::{TODAY, World, day, id_of},
};

fn from(bars: Vec<Bar>, first: &str) -> Vec<Bar> {
    bars.into_iter().filter(|bar| bar.date >= day(first)).collect()
}

const HISTORY: [(&str, &str); 1] = [("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2022-06-01")];

on_both_databases!(a_file_from_before_a_split_rebases_nothing_and_is_quarantined, |store: TestStore| async {
    let world = World::with(&store, &["1104"], &HISTORY).await;
    world.succeed(RunParams::default()).await;
    let before = world.bars("1104").await;
    let old = from(world.truth("1104", day("2023-03-20")), "2022-06-01");
    let run = import(&world, given("old.csv"), plain("1104", &old)).await;
    assert_eq!(run.state, RunState::Failed);
    let error = world.tasks(&run.id).await[0].error.clone().unwrap();
    assert!(error.contains("older basis"), "{error}");
    assert_eq!(world.bars("1104").await, before);
    assert_eq!(world.count("SELECT count(*) FROM stockprice_revision").await, 0);
    let kept = "SELECT count(*) FROM stockprice_quarantine WHERE source = 'file:plain' AND reason LIKE '%older basis%'";
    assert_eq!(world.count(kept).await, 1);
    world.end().await;
});

on_every_layout!(a_file_from_after_a_split_replaces_the_history_as_a_rebasing_does, |store: TestStore| async {
    let world = World::with(&store, &["1104"], &HISTORY).await;
    world.turn_to(day("2023-03-20"));
    world.succeed(RunParams::default()).await;
    world.turn_to(day("2023-04-14"));
    // The file begins later than the series: the earlier bars go along.
    let new = from(world.truth("1104", day("2023-04-14")), "2022-09-01");
    let run = import(&world, given("new.csv"), plain("1104", &new)).await;
    assert_eq!(run.state, RunState::Succeeded, "{:?}", world.tasks(&run.id).await);
    let bars = world.bars("1104").await;
    assert_eq!(bars[bars.len() - new.len()..], new);
    let truth = from(world.truth("1104", day("2023-04-14")), "2022-06-01");
    assert_eq!(bars.len(), truth.len());
    for (bar, true_bar) in bars.iter().zip(&truth) {
        let (close, expected) = (bar.close.unwrap_or(0.0), true_bar.close.unwrap_or(0.0));
        assert!((close - expected).abs() <= 2e-3 * expected, "{bar:?} {true_bar:?}");
    }
    assert_eq!(world.count("SELECT count(*) FROM stockprice_revision WHERE kind = 'rebase'").await, 1);
    world.end().await;
});

on_both_databases!(a_corrected_bar_of_a_file_is_updated_and_recorded, |store: TestStore| async {
    let world = World::new(&store, &["1101"]).await;
    let truth = world.truth("1101", day(TODAY));
    import(&world, given("x.csv"), plain("1101", &truth)).await;
    let falsify = "UPDATE stockprice SET close_price = close_price + 1, high_price = high_price + 2 \
                   WHERE date = '2024-05-28'";
    execute(world.database.connection(), falsify, []).await.unwrap();
    let run = import(&world, given("x.csv"), plain("1101", &truth)).await;
    assert_eq!((run.rows.inserted, run.rows.updated), (0, 1));
    assert_eq!(world.bars("1101").await, truth);
    assert_eq!(world.count("SELECT count(*) FROM stockprice_revision WHERE kind = 'correction'").await, 1);
    world.end().await;
});

on_both_databases!(bars_of_another_basis_are_taken_only_where_they_are_equal, |store: TestStore| async {
    let world = World::new(&store, &CODES).await;
    let truth = world.truth("1101", day(TODAY));
    import(&world, given("x.csv"), plain("1101", &truth[..truth.len() - 5])).await;
    let scaled: Vec<Bar> = truth
        .iter()
        .map(|bar| {
            let by = |price: Option<f64>| price.map(|price| price * 0.97);
            Bar { open: by(bar.open), high: by(bar.high), low: by(bar.low), close: by(bar.close), ..*bar }
        })
        .collect();
    let other = |name| of_basis(name, Basis::SplitDividend);
    let run = import(&world, other("adjusted.csv"), plain("1101", &scaled)).await;
    assert_eq!(run.state, RunState::Failed);
    let apart = import(&world, other("apart.csv"), plain("1101", &scaled[truth.len() - 5..])).await;
    assert_eq!(apart.state, RunState::Failed, "nothing to compare with");
    assert_eq!(world.bars("1101").await.len(), truth.len() - 5);
    let run = import(&world, other("equal.csv"), plain("1101", &truth)).await;
    assert_eq!((run.state, run.rows.inserted), (RunState::Succeeded, 5));
    let basis =
        format!("SELECT count(*) FROM stockprice_series WHERE basis = 'split' AND company_id = '{}'", id_of("1101"));
    assert_eq!(world.count(&basis).await, 1);
    world.end().await;
});

on_both_databases!(rows_that_cannot_be_are_quarantined_and_the_rest_is_loaded, |store: TestStore| async {
    let world = World::new(&store, &["1101"]).await;
    let mut text = plain("1101", &from(world.truth("1101", day(TODAY)), "2023-01-04"));
    for bad in [
        // Out of order, and twice with other values.
        "1101,2022-12-30,100,100,100,100,5",
        "1101,2022-12-30,100,101,100,101,5",
        // A Saturday, the future, before the exchange, a high below the close, cut in its middle.
        "1101,2023-01-07,100,100,100,100,5",
        "1101,2199-01-04,100,100,100,100,5",
        "1101,1914-03-02,100,100,100,100,5",
        "1101,2022-12-29,100,100,100,102,5",
        "1101,2022-12-28,100,10",
        "1101,2022-12-27,#VALUE!,#VALUE!,#VALUE!,#VALUE!,0",
    ] {
        text.push_str(bad);
        text.push_str("\r\n");
    }
    let run = import(&world, given("x.csv"), text).await;
    assert_eq!((run.state, run.rows.rejected), (RunState::Succeeded, 8));
    for reason in [
        "stands in 2 rows",
        "is no session",
        "in the future",
        "before 1949",
        "the high 100 is below the close 102",
        "4 fields instead of 7",
        "is no number",
    ] {
        let sql = format!("SELECT count(*) FROM stockprice_quarantine WHERE reason LIKE '%{reason}%'");
        assert!(world.count(&sql).await >= 1, "{reason}");
    }
    assert_eq!(world.bars("1101").await, from(world.truth("1101", day(TODAY)), "2023-01-04"));
    world.end().await;
});

on_both_databases!(a_file_with_more_than_a_fifth_of_wrong_rows_loads_nothing, |store: TestStore| async {
    let world = World::new(&store, &["1101"]).await;
    let mut text = HEADER.to_owned();
    for day in ["2024-05-20", "2024-05-21", "2024-05-22"] {
        text.push_str(&format!("1101,{day},100,100,100,100,5\n"));
    }
    text.push_str("1101,2024-05-23,100,90,100,100,5\n");
    let run = import(&world, given("x.csv"), text).await;
    let error = world.tasks(&run.id).await[0].error.clone().unwrap();
    assert!(run.state == RunState::Failed && error.contains("1 of 4 rows of file:plain are wrong"), "{error}");
    assert!(world.bars("1101").await.is_empty());
    world.end().await;
});

on_both_databases!(the_session_under_way_is_never_loaded_from_a_file, |store: TestStore| async {
    let world = World::new(&store, &["1101"]).await;
    // Noon in Tokyo.
    world.set_now("2024-05-31T03:00:00Z".parse().unwrap());
    let run = import(&world, given("x.csv"), plain("1101", &from(world.truth("1101", day(TODAY)), "2024-05-01"))).await;
    assert_eq!((run.state, run.rows.rejected), (RunState::Succeeded, 0));
    assert_eq!(world.bars("1101").await.last().unwrap().date, day("2024-05-30"));
    world.end().await;
});
