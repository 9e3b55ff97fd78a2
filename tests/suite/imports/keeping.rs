//! Rows on their way: kept for any replica, all of a file or nothing, and not for ever.

use std::time::Duration;

use data_infrastructure::{
    db::execute,
    jobs::{RunParams, RunState},
    stock::store::imports,
};

use super::{CODES, HEADER, given, plain, staged_as, trigger};
use crate::{
    support::on_both_databases,
    world::{TODAY, World, day},
};

on_both_databases!(a_file_that_is_wrong_at_its_end_leaves_nothing, |store: TestStore| async {
    let world = World::new(&store, &CODES).await;
    // Many pieces are stored before the last line is read.
    let mut text = HEADER.to_owned();
    for n in 0..90_000 {
        text.push_str(&format!("{},2024-05-{:02},1{n},1{n},1{n},1{n},{n}\n", 1000 + n / 30_000, 1 + n % 28));
    }
    text.push_str("no code at all,2024-05-20,1,1,1,1,1\n");
    let error = staged_as(&world, given("x.csv"), text).await.unwrap_err();
    assert!(error.to_string().starts_with("line 90002: \"no code at all\" is no stock code"), "{error}");
    assert_eq!(world.count("SELECT count(*) FROM import_file").await, 0);
    assert_eq!(world.count("SELECT count(*) FROM import_rows").await, 0);
    world.end().await;
});

on_both_databases!(a_file_too_long_for_one_piece_is_put_together_again, |store: TestStore| async {
    let world = World::new(&store, &["1101"]).await;
    let truth = world.truth("1101", day(TODAY));
    // The same rows again and again are one series.
    let text = plain("1101", &truth) + &super::rows("1101", &truth).repeat(5);
    let file = staged_as(&world, given("x.csv"), text).await.unwrap();
    assert!(world.count("SELECT count(*) FROM import_rows").await > 1);
    let run = world.ended(&trigger(&world, &file, RunParams::default()).await).await;
    assert_eq!(run.state, RunState::Succeeded, "{:?}", world.tasks(&run.id).await);
    assert_eq!(world.bars("1101").await, truth);
    assert_eq!(world.count("SELECT count(*) FROM import_rows").await, 0);
    world.end().await;
});

on_both_databases!(what_nobody_finished_or_loaded_is_forgotten_after_a_while, |store: TestStore| async {
    let world = World::new(&store, &["1101"]).await;
    let database = world.database.connection();
    let file = staged_as(&world, given("x.csv"), plain("1101", &world.truth("1101", day(TODAY)))).await.unwrap();
    imports::begin(database, "unfinished", "y.csv", "tests").await.unwrap();
    assert!(imports::find(database, "unfinished").await.unwrap().is_none(), "nobody sees it before its end");
    let (hour, week) = (Duration::from_hours(1), Duration::from_hours(7 * 24));
    assert_eq!(imports::purge(database, hour, week).await.unwrap(), 0);
    let age = |id: &str, at: &str| format!("UPDATE import_file SET created_at = '{at}' WHERE id = '{id}'");
    execute(database, &age("unfinished", "2020-01-01T00:00:00+00:00"), []).await.unwrap();
    assert_eq!(imports::purge(database, hour, Duration::from_hours(1_000_000)).await.unwrap(), 1);
    assert!(imports::find(database, &file.id).await.unwrap().is_some());
    execute(database, &age(&file.id, "2020-01-01T00:00:00+00:00"), []).await.unwrap();
    assert_eq!(imports::purge(database, hour, week).await.unwrap(), 1);
    assert_eq!(world.count("SELECT count(*) FROM import_rows").await, 0);
    world.end().await;
});
