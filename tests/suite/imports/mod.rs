//! Bars from files, from their first byte to the table: the job, the command, the route, and real files.

mod binary;
mod job;
mod keeping;
mod real;
mod rules;
mod upload;

use std::fmt::Write as _;
use std::io::Cursor;

use data_infrastructure::{
    jobs::{Run, RunId, RunParams, Trigger, Triggered},
    stock::{
        bar::{Bar, Basis},
        imports::{JOB, StageError, stage},
        sources::files::{Content, Given, Layout},
        store::imports::ImportFile,
    },
};

use crate::world::World;

/// Sample companies with what they are here for: 1104 splits 1:3 on 2023-03-30.
const CODES: [&str; 3] = ["1101", "1102", "1104"];

fn given(name: &str) -> Given {
    Given { name: name.to_owned(), layout: None, company: None, basis: None, most: 1 << 30 }
}

/// Rows of the plain layout, each number as the program would write it.
fn rows(code: &str, bars: &[Bar]) -> String {
    let mut text = String::new();
    let cell = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    for bar in bars {
        let [open, high, low, close, volume] = [bar.open, bar.high, bar.low, bar.close, bar.volume].map(cell);
        let _ = writeln!(text, "{code},{},{open},{high},{low},{close},{volume}", bar.date);
    }
    text
}

const HEADER: &str = "stock_code,date,open,high,low,close,volume\n";

fn plain(code: &str, bars: &[Bar]) -> String {
    format!("{HEADER}{}", rows(code, bars))
}

async fn staged_as(world: &World, given: Given, bytes: impl Into<Vec<u8>>) -> Result<ImportFile, StageError> {
    let bytes = bytes.into();
    let archive = Content::is_archive(&bytes);
    let bytes = Cursor::new(bytes);
    let content = if archive { Content::Archive(Box::new(bytes)) } else { Content::Text(Box::new(bytes)) };
    stage(&world.database, content, given, "tests").await
}

async fn trigger(world: &World, file: &ImportFile, params: RunParams) -> RunId {
    let params = RunParams { input: Some(file.id.clone()), ..params };
    let made = world.assembly.triggers.run(JOB, Trigger::Manual, &params, "", None, None).await.unwrap();
    let Triggered::New(run) = made else { panic!("a new run") };
    run.id
}

/// A file's run to its end.
async fn import(world: &World, given: Given, bytes: impl Into<Vec<u8>>) -> Run {
    let file = staged_as(world, given, bytes).await.unwrap();
    let id = trigger(world, &file, RunParams::default()).await;
    world.ended(&id).await
}

fn of_layout(name: &str, layout: Layout) -> Given {
    Given { layout: Some(layout), ..given(name) }
}

fn of_basis(name: &str, basis: Basis) -> Given {
    Given { basis: Some(basis), ..given(name) }
}
