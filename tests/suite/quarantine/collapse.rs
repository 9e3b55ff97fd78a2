//! A close that really collapses: held, accepted by somebody, and a fact from then on. Or discarded, and never held again.

use data_infrastructure::{
    audit::Actor,
    jobs::{Mode, RunParams},
    stock::{
        bar::{Bar, Days},
        calendar::{Calendar, Market},
        loading::{DecideError, decide},
        sources::SourceName,
        store::{
            quarantine::{self, Decision, QuarantineFilter, Quarantined, State},
            series,
        },
    },
};

use super::desk::{Desk, batch, flat, id_of};
use crate::{
    support::{TestStore, on_both_databases, on_every_layout},
    world::day,
};

const CODE: &str = "9205";

/// Forty sessions at about 67, then a fall to 7, as a company in bankruptcy has it.
fn truth() -> Vec<Bar> {
    let days = Days { from: day("2024-01-04"), to: day("2024-03-29") };
    let close = |n: usize| if n < 40 { 67.0 + (n % 3) as f64 } else { 7.0 + (n % 2) as f64 };
    Calendar::embedded(Market::Tokyo).sessions(days).enumerate().map(|(n, date)| flat(date, close(n))).collect()
}

async fn desk(store: &TestStore) -> Desk {
    let desk = Desk::new(store, &[CODE], &[("JOBS__STOCK__HISTORY_FROM", "2024-01-04")]).await;
    desk.tell(SourceName::Yahoo, |query| Some(batch(SourceName::Yahoo, query, &truth(), &[])));
    desk
}

async fn held(desk: &Desk) -> Vec<Quarantined> {
    let filter = QuarantineFilter { state: Some(State::Held), limit: 100, ..QuarantineFilter::default() };
    quarantine::list(desk.database.connection(), &filter).await.unwrap()
}

async fn settle(desk: &Desk, id: &str, decision: Decision) -> Result<Quarantined, DecideError> {
    let transaction = desk.database.begin().await.unwrap();
    let row = decide(&transaction, id, decision, &Actor::cli(Some("me")), "", desk.now()).await?;
    transaction.commit().await.unwrap();
    Ok(row)
}

on_every_layout!(an_accepted_collapse_is_a_fact_and_the_series_goes_on_from_it, |store: TestStore| async {
    let (desk, truth) = (desk(&store).await, truth());
    desk.turn_to(truth[39].date);
    desk.load(CODE).await;
    desk.turn_to(truth[40].date);
    desk.load(CODE).await;
    let rows = held(&desk).await;
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert!(row.reason.starts_with("the close leaps from"), "{}", row.reason);
    assert_eq!(desk.bars(CODE).await, truth[..40]);

    let before = series::find(desk.database.connection(), &id_of(CODE)).await.unwrap();
    let row = settle(&desk, &row.id, Decision::Accept).await.unwrap();
    assert_eq!((row.state, row.decided_by.as_deref()), (State::Accepted, Some("cli:me")));
    let after = series::find(desk.database.connection(), &id_of(CODE)).await.unwrap();
    assert_eq!((after.version, after.newest_date), (before.version + 1, Some(truth[40].date)));
    assert_eq!(desk.bars(CODE).await, truth[..=40]);
    desk.assert_indicators_agree().await;
    assert_eq!(desk.count("SELECT count(*) FROM stockprice_revision WHERE kind = 'accepted'").await, 1);

    for bar in &truth[41..44] {
        desk.turn_to(bar.date);
        let task = desk.load(CODE).await;
        assert_eq!((task.rows.rejected, task.rows.inserted), (0, 1), "{task:?}");
    }
    desk.run(RunParams { mode: Mode::Full, ..RunParams::default() }).await;
    assert_eq!(desk.bars(CODE).await, truth[..44]);
    assert!(held(&desk).await.is_empty());
    desk.assert_indicators_agree().await;
    desk.end().await;
});

on_both_databases!(a_discarded_row_is_not_held_again, |store: TestStore| async {
    let (desk, truth) = (desk(&store).await, truth());
    desk.turn_to(truth[40].date);
    desk.load(CODE).await;
    let row = held(&desk).await.remove(0);
    settle(&desk, &row.id, Decision::Discard).await.unwrap();
    let (run, _) = desk.run(RunParams { mode: Mode::Full, ..RunParams::default() }).await;
    assert_eq!(run.rows.rejected, 1, "it is still rejected");
    assert!(held(&desk).await.is_empty());
    assert_eq!(desk.bars(CODE).await, truth[..40]);
    desk.end().await;
});

on_both_databases!(a_row_from_before_a_rebasing_is_in_another_unit_and_not_accepted, |store: TestStore| async {
    let (desk, truth) = (desk(&store).await, truth());
    desk.turn_to(truth[40].date);
    desk.load(CODE).await;
    let row = held(&desk).await.remove(0);
    // The company goes on as before, and then one share becomes two.
    let half: Vec<Bar> = truth.iter().map(|bar| flat(bar.date, 30.0 + bar.close.unwrap() / 100.0)).collect();
    let whole: Vec<Bar> = truth[..40]
        .iter()
        .map(|bar| Bar { close: bar.close.map(|c| c / 2.0), ..flat(bar.date, bar.close.unwrap() / 2.0) })
        .collect();
    let split: Vec<Bar> = whole.into_iter().chain(half[41..].iter().copied()).collect();
    desk.tell(SourceName::Yahoo, move |query| Some(batch(SourceName::Yahoo, query, &split, &[])));
    desk.turn_to(truth[41].date);
    desk.load(CODE).await;
    assert_eq!(desk.count("SELECT count(*) FROM stockprice_revision WHERE kind = 'rebase'").await, 1);
    let refused = settle(&desk, &row.id, Decision::Accept).await.unwrap_err();
    assert!(matches!(refused, DecideError::Rebased(_)), "{refused}");
    assert_eq!(held(&desk).await.len(), 1);
    desk.end().await;
});
