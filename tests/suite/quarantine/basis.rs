//! One basis for each series, and no state between an old history and a new one.

use data_infrastructure::{
    db,
    jobs::{Mode, RunParams, RunState},
    stock::{
        bar::{Bar, BarBatch, Basis, Days},
        calendar::{Calendar, Market},
        overlap::OneBasis,
        sources::SourceName,
        store::{bars, series},
    },
};

use super::desk::{Desk, batch, flat, id_of};
use crate::{support::on_both_databases, world::day};

const CODE: &str = "7777";

fn truth(factor: f64) -> Vec<Bar> {
    let days = Days { from: day("2024-01-04"), to: day("2024-03-29") };
    Calendar::embedded(Market::Tokyo)
        .sessions(days)
        .enumerate()
        .map(|(n, date)| flat(date, (1000.0 + (n % 7) as f64) * factor))
        .collect()
}

on_both_databases!(bars_of_another_basis_cannot_be_written_into_a_series, |store: TestStore| async {
    let desk = Desk::new(&store, &[CODE], &[]).await;
    let vouched = Days::EVER;
    let of = |basis| {
        let batch = BarBatch { source: "test", basis, bars: truth(1.0), rejected: Vec::new(), vouched };
        // Of a company nothing is stored of: by the time it is written there is.
        OneBasis::join(&batch, None, &[], true).unwrap().0
    };
    let id = id_of(CODE);
    let begin = async || desk.database.begin().await.unwrap();
    let transaction = begin().await;
    let mut series = series::lock(&transaction, &id).await.unwrap();
    bars::store(&transaction, &id, "test", &of(Basis::Split)).await.unwrap();
    series.basis = Some(Basis::Split);
    series::save(&transaction, &id, &series).await.unwrap();
    transaction.commit().await.unwrap();

    let transaction = begin().await;
    series::lock(&transaction, &id).await.unwrap();
    let refused = bars::store(&transaction, &id, "test", &of(Basis::SplitDividend)).await.unwrap_err();
    let told = "bars adjusted for split_dividend cannot join the series of company Q7777, which is adjusted for split";
    assert!(refused.to_string().contains(told), "{refused}");
    transaction.commit().await.unwrap();
    assert_eq!(desk.bars(CODE).await, truth(1.0));
    desk.end().await;
});

on_both_databases!(a_rebasing_that_cannot_be_recorded_changes_nothing_at_all, |store: TestStore| async {
    let desk = Desk::new(&store, &[CODE], &[("JOBS__STOCK__HISTORY_FROM", "2024-01-04")]).await;
    let whole = truth(1.0);
    desk.tell(SourceName::Yahoo, |query| Some(batch(SourceName::Yahoo, query, &truth(1.0), &[])));
    desk.turn_to(whole[45].date);
    desk.load(CODE).await;
    let averages = "SELECT sum(ma_value) FROM stockprice_ma WHERE ma_type = 'sma5'";
    let sum = async |desk: &Desk| -> f64 {
        db::one(desk.database.connection(), averages, []).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    };
    let (before, series) = (sum(&desk).await, series::find(desk.database.connection(), &id_of(CODE)).await.unwrap());

    desk.tell(SourceName::Yahoo, |query| Some(batch(SourceName::Yahoo, query, &truth(0.2), &[])));
    desk.turn_to(whole[46].date);
    // The bars of the rebased history are written by then, and the record of it is not.
    desk.sql("ALTER TABLE stockprice_revision RENAME TO away").await;
    desk.fail(CODE).await;
    desk.sql("ALTER TABLE away RENAME TO stockprice_revision").await;
    assert_eq!(desk.bars(CODE).await, whole[..=45]);
    assert_eq!(sum(&desk).await, before);
    assert_eq!(series::find(desk.database.connection(), &id_of(CODE)).await.unwrap(), series);

    desk.load(CODE).await;
    assert_eq!(desk.bars(CODE).await, truth(0.2)[..=46]);
    desk.assert_indicators_agree().await;
    desk.end().await;
});

on_both_databases!(a_bar_outside_of_what_a_source_answered_for_is_rebased_with_the_rest, |store: TestStore| async {
    let desk = Desk::new(&store, &[CODE], &[("JOBS__STOCK__HISTORY_FROM", "2024-02-01")]).await;
    desk.tell(SourceName::Yahoo, |query| Some(batch(SourceName::Yahoo, query, &truth(1.0), &[])));
    let whole = truth(1.0);
    desk.turn_to(whole[45].date);
    desk.load(CODE).await;
    desk.sql("INSERT INTO stockprice (company_id, date, close_price) VALUES ('Q7777', '2024-01-10', 1000)").await;
    desk.tell(SourceName::Yahoo, |query| Some(batch(SourceName::Yahoo, query, &truth(0.5), &[])));
    desk.turn_to(whole[46].date);
    desk.load(CODE).await;
    assert_eq!(desk.bars(CODE).await[0].close, Some(500.0));
    desk.end().await;
});

on_both_databases!(an_answer_that_forgot_its_own_split_is_not_loaded_and_the_next_one_is, |store: TestStore| async {
    let desk = Desk::new(&store, &[CODE], &[("JOBS__STOCK__HISTORY_FROM", "2024-01-04")]).await;
    let (old, new) = (truth(5.0), truth(1.0));
    let split = data_infrastructure::stock::bar::Split { date: new[30].date, ratio: 5.0 };
    let late: Vec<Bar> = old[..30].iter().chain(&new[30..]).copied().collect();
    desk.tell(SourceName::Yahoo, move |query| Some(batch(SourceName::Yahoo, query, &late, &[split])));
    desk.turn_to(new[29].date);
    desk.load(CODE).await;
    // The day of the split, before the source has adjusted its history.
    desk.turn_to(new[30].date);
    let error = desk.fail(CODE).await;
    assert!(error.contains(&format!("the split of 5 on {} shows", new[30].date)), "{error}");
    assert_eq!(desk.bars(CODE).await, old[..30]);
    let whole = "SELECT count(*) FROM stockprice_quarantine WHERE basis IS NULL AND raw LIKE";
    assert_eq!(desk.count(&format!("{whole} '% to {}'", new[30].date)).await, 1);
    desk.tell(SourceName::Yahoo, move |query| Some(batch(SourceName::Yahoo, query, &truth(1.0), &[split])));
    desk.turn_to(new[31].date);
    let (run, tasks) = desk.run(data_infrastructure::jobs::RunParams::default()).await;
    assert_eq!(run.state, RunState::Succeeded, "{tasks:?}");
    assert_eq!(desk.bars(CODE).await, new[..=31]);
    desk.end().await;
});

on_both_databases!(
    a_session_after_a_split_that_the_rebased_history_lacks_is_not_rebased_again,
    |store: TestStore| async {
        let desk = Desk::new(&store, &[CODE], &[("JOBS__STOCK__HISTORY_FROM", "2024-01-04")]).await;
        let (old, new) = (truth(1.0), truth(0.5));
        let halved = |bar: &Bar| Bar { volume: bar.volume.map(|volume| volume * 2.0), ..*bar };
        let adjusted: Vec<Bar> = new.iter().map(halved).collect();
        // Sold in two from the 41st session on, which the source adjusts for days later.
        let raw: Vec<Bar> = old[..40].iter().chain(&adjusted[40..]).copied().collect();
        desk.turn_to(raw[45].date);
        desk.tell(SourceName::Yahoo, move |query| Some(batch(SourceName::Yahoo, query, &raw, &[])));
        desk.load(CODE).await;

        let lacking: Vec<Bar> = adjusted.iter().filter(|bar| bar.date != adjusted[43].date).copied().collect();
        desk.tell(SourceName::Yahoo, move |query| Some(batch(SourceName::Yahoo, query, &lacking, &[])));
        let (run, tasks) = desk.run(RunParams { mode: Mode::Full, ..RunParams::default() }).await;
        assert_eq!(
            (run.state, tasks[0].message.as_deref()),
            (RunState::Succeeded, Some("history rebased, prices times 0.5"))
        );
        assert_eq!(desk.bars(CODE).await, adjusted[..=45]);
        desk.assert_indicators_agree().await;
        desk.end().await;
    }
);
