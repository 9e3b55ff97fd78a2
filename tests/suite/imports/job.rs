//! What a run does with the rows of its file.

use data_infrastructure::{
    jobs::{RunParams, RunState, TaskState, Trigger, TriggerError, Triggered},
    stock::{
        bar::{Bar, StockCode},
        company::Company,
        store::companies,
    },
};

use super::{CODES, HEADER, given, import, plain, rows, staged_as, trigger};
use crate::{
    support::on_both_databases,
    world::{TODAY, World, day},
};

fn until(bars: Vec<Bar>, last: &str) -> Vec<Bar> {
    bars.into_iter().filter(|bar| bar.date <= day(last)).collect()
}

on_both_databases!(a_file_is_a_run_that_loads_its_companies_bar_for_bar, |store: TestStore| async {
    let world = World::new(&store, &CODES).await;
    let truth = |code: &str| world.truth(code, day(TODAY));
    let text = format!("{HEADER}{}{}", rows("1101", &truth("1101")), rows("1102", &truth("1102")));
    let run = import(&world, given("two.csv"), text).await;
    let tasks = world.tasks(&run.id).await;
    assert_eq!((run.state, run.total, run.done), (RunState::Succeeded, 2, 2), "{tasks:?}");
    assert!(tasks.iter().all(|task| task.source.as_deref() == Some("file:plain")));
    for code in ["1101", "1102"] {
        assert_eq!(world.bars(code).await, truth(code), "{code}");
    }
    let count = truth("1101").len() + truth("1102").len();
    assert_eq!((run.rows.inserted, run.rows.rejected), (count as u64, 0));
    assert_eq!(world.count("SELECT count(*) FROM import_rows").await, 0, "what is loaded waits no more");
    assert_eq!(world.count("SELECT count(*) FROM stockprice WHERE source <> 'file:plain'").await, 0);
    let averages = "SELECT count(*) FROM stockprice_ma WHERE ma_type = 'sma5' AND company_id = 'T1101'";
    let traded = truth("1101").iter().filter(|bar| bar.close.is_some()).count() as i64;
    assert_eq!(world.count(averages).await, traded - 4);
    world.end().await;
});

on_both_databases!(the_same_file_again_changes_nothing, |store: TestStore| async {
    let world = World::new(&store, &CODES).await;
    let text = plain("1101", &world.truth("1101", day(TODAY)));
    let first = import(&world, given("x.csv"), text.clone()).await;
    let again = import(&world, given("x.csv"), text).await;
    assert_eq!((again.rows.inserted, again.rows.updated), (0, 0));
    assert_eq!(again.rows.unchanged, first.rows.inserted);
    assert_eq!(world.count("SELECT version FROM stockprice_series").await, 1);
    world.end().await;
});

on_both_databases!(the_daily_run_goes_on_where_a_file_ends, |store: TestStore| async {
    let history = [("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2023-01-04")];
    let world = World::with(&store, &["1102"], &history).await;
    let truth: Vec<Bar> = world.truth("1102", day(TODAY)).into_iter().filter(|b| b.date >= day("2023-01-04")).collect();
    import(&world, given("x.csv"), plain("1102", &until(truth.clone(), "2024-03-29"))).await;
    let covered =
        "SELECT count(*) FROM stockprice_series WHERE covered_from = '2023-01-04' AND covered_to = '2024-03-29'";
    assert_eq!(world.count(covered).await, 1, "from its first to its last row");
    let run = world.succeed(RunParams::default()).await;
    assert!(run.rows.fetched < 70, "{run:?}");
    assert_eq!(world.bars("1102").await, truth);
    world.end().await;
});

on_both_databases!(a_gap_between_two_files_is_no_covered_stretch, |store: TestStore| async {
    let world = World::with(&store, &["1102"], &[]).await;
    let truth: Vec<Bar> = world.truth("1102", day(TODAY)).into_iter().filter(|b| b.date >= day("2023-01-04")).collect();
    import(&world, given("x.csv"), plain("1102", &until(truth.clone(), "2023-03-31"))).await;
    let late: Vec<Bar> = truth.iter().filter(|bar| bar.date >= day("2024-01-04")).copied().collect();
    import(&world, given("y.csv"), plain("1102", &until(late, "2024-04-26"))).await;
    world.succeed(RunParams::default()).await;
    assert_eq!(world.bars("1102").await, truth, "the stretch between the files was fetched");
    world.end().await;
});

on_both_databases!(
    a_company_that_is_not_registered_fails_alone_and_can_be_registered_and_retried,
    |store: TestStore| async {
        let world = World::new(&store, &["1101"]).await;
        let truth = world.truth("1102", day(TODAY));
        let text = format!("{HEADER}{}{}", rows("1101", &world.truth("1101", day(TODAY))), rows("1102", &truth));
        let run = import(&world, given("two.csv"), text).await;
        assert_eq!((run.state, run.done, run.failed), (RunState::Partial, 1, 1));
        let tasks = world.tasks(&run.id).await;
        let failed = tasks.iter().find(|task| task.state == TaskState::Failed).unwrap();
        let error = failed.error.as_deref().unwrap();
        assert_eq!((failed.key.as_str(), failed.attempts), ("1102", 1));
        assert!(error.contains("1102 is not in the company master: register it"), "{error}");
        let known = companies::list(world.database.connection()).await.unwrap().remove(0);
        let company_id = crate::world::id_of("1102");
        let new = Company { company_id, stock_code: StockCode::parse("1102").unwrap(), ..known };
        companies::insert(world.database.connection(), &new).await.unwrap();
        let Triggered::New(again) = world.assembly.triggers.retry(&run.id, None).await.unwrap() else { panic!("new") };
        assert_eq!(world.ended(&again.id).await.state, RunState::Succeeded);
        assert_eq!(world.bars("1102").await, truth);
        world.end().await;
    }
);

on_both_databases!(a_code_of_another_country_is_not_the_company_meant, |store: TestStore| async {
    let world = World::new(&store, &["1101"]).await;
    let header = "stock_code,date,open,high,low,close,country_code\n";
    let run = import(&world, given("x.csv"), format!("{header}1101,2024-05-30,10,10,10,10,US\n")).await;
    let error = world.tasks(&run.id).await[0].error.clone().unwrap();
    assert!(error.contains("1101 of US is not in the company master"), "{error}");
    world.end().await;
});

on_both_databases!(a_dry_run_says_what_would_change_and_changes_nothing, |store: TestStore| async {
    let world = World::new(&store, &["1101"]).await;
    let truth = world.truth("1101", day(TODAY));
    let early = until(truth.clone(), "2024-05-24");
    import(&world, given("x.csv"), plain("1101", &early)).await;
    let mut changed = truth.clone();
    let at = early.len() - 3;
    changed[at].high = changed[at].high.map(|high| high * 1.25);
    let text = plain("1101", &changed) + "1101,2024-05-25,1,1,1,1,1\n";
    let file = staged_as(&world, given("x.csv"), text).await.unwrap();
    let run = world.ended(&trigger(&world, &file, RunParams { dry_run: true, ..RunParams::default() }).await).await;
    let message = world.tasks(&run.id).await[0].message.clone().unwrap();
    let (new, same) = (truth.len() - early.len(), early.len() - 1);
    let expected =
        format!("would insert {new}, update 1, leave {same} unchanged and reject 1 rows; 1 stored bars corrected");
    assert_eq!((run.state, message), (RunState::Succeeded, expected));
    assert_eq!(world.bars("1101").await, early);
    assert_eq!(world.count("SELECT count(*) FROM stockprice_quarantine").await, 0);
    // The file is still there to be loaded after all.
    let run = world.ended(&trigger(&world, &file, RunParams::default()).await).await;
    assert_eq!((run.rows.inserted, run.rows.updated, run.rows.rejected), (new as u64, 1, 1));
    world.end().await;
});

on_both_databases!(a_run_without_a_file_or_with_what_no_file_has_is_refused, |store: TestStore| async {
    let world = World::new(&store, &["1101"]).await;
    let file = staged_as(&world, given("x.csv"), plain("1101", &world.truth("1101", day(TODAY)))).await.unwrap();
    let refused = async |params: RunParams| {
        let made = world.assembly.triggers.run("import", Trigger::Manual, &params, "", None, None).await;
        let Err(TriggerError::Params(problems)) = made else { panic!("{made:?}") };
        problems.into_iter().map(|problem| problem.param).collect::<Vec<_>>()
    };
    let input = Some(file.id.clone());
    assert_eq!(refused(RunParams::default()).await, ["input"]);
    assert_eq!(refused(RunParams { input: Some("0198".to_owned()), ..RunParams::default() }).await, ["input"]);
    let companies = vec!["1101".to_owned(), "9999".to_owned()];
    assert_eq!(refused(RunParams { input: input.clone(), companies, ..RunParams::default() }).await, ["companies"]);
    assert_eq!(
        refused(RunParams { input: input.clone(), from: Some(day(TODAY)), ..RunParams::default() }).await,
        ["from"]
    );
    let id = trigger(&world, &file, RunParams::default()).await;
    world.ended(&id).await;
    assert_eq!(refused(RunParams { input, ..RunParams::default() }).await, ["input"], "all of it is loaded");
    world.end().await;
});
