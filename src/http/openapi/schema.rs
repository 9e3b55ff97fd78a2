//! What parameters and members may be, each described once and exactly as it is read.

use serde_json::json;
use utoipa::openapi::{
    KnownFormat, RefOr, Schema,
    schema::{AnyOfBuilder, ObjectBuilder, SchemaFormat, Type},
};

use crate::{
    audit::Via,
    http::{
        paging::{DEFAULT_LIMIT, MAX_LIMIT},
        table::Format,
    },
    jobs::{
        BackfillId, BackfillMode, BackfillState, ItemState, LogLevel, Mode, Place, RunId, RunState, TaskState,
        TickOutcome, Trigger,
    },
};

/// Text without control characters but for line ends and tabs, as [`plain_text`](crate::http::plain_text) reads it.
pub const PLAIN: &str = r"^[^\u0000-\u0008\u000B-\u001F\u007F-\u009F]*$";

/// A text of some form.
fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn formatted(format: KnownFormat) -> ObjectBuilder {
    text().format(Some(SchemaFormat::KnownFormat(format)))
}

fn described(schema: ObjectBuilder, description: &str, example: serde_json::Value) -> RefOr<Schema> {
    schema.description(Some(description)).examples([example]).into()
}

/// A whole number from 0 on.
fn whole(most: u64, example: serde_json::Value) -> RefOr<Schema> {
    let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0_u64)).maximum(Some(most));
    number.examples([example]).into()
}

/// A text that is one of these words.
pub fn words(all: impl IntoIterator<Item = &'static str>) -> RefOr<Schema> {
    text().enum_values(Some(all)).into()
}

/// Describes types by what they are written as.
#[macro_export]
macro_rules! described {
    ($($name:ty => $schema:expr),+ $(,)?) => {$(
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $schema
            }
        }

        impl utoipa::ToSchema for $name {}
    )+};
}

/// How many items a page has at most.
pub enum Limit {}
/// An instant.
pub enum Instant {}
/// A day that may be left out, and then stands for another.
pub enum StartDate {}
pub enum EndDate {}
/// An id as a text.
pub enum Id {}
/// A name to look for, of at most so many characters.
pub enum Name32 {}
pub enum Name64 {}
pub enum Name128 {}
/// A key of a task, such as a stock code.
pub enum Key {}
/// What a run works on.
pub enum Input {}
/// Free text that is kept.
pub enum Note {}
/// The format of a short list, and of a series.
pub enum ListFormat {}
pub enum SeriesFormat {}
/// The number of a line.
pub enum Number {}

described!(
    Limit => described(
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(MAX_LIMIT))
            .default(Some(DEFAULT_LIMIT.into())),
        "How many items the page has at most.",
        json!(100),
    ),
    StartDate => described(
        formatted(KnownFormat::Date).default(Some(json!("2019-01-01"))),
        "The first day, where the data are from.",
        json!("2024-01-04"),
    ),
    EndDate => described(
        formatted(KnownFormat::Date),
        "The last day, included; today without it. Not before `startDate`.",
        json!("2024-12-30"),
    ),
    ListFormat => formats(&Format::TEXTS),
    SeriesFormat => formats(&Format::ALL),
    Number => whole(i64::MAX.unsigned_abs(), json!(6001)),
    Place => described(
        text().pattern(Some(r"^[0-9]{1,9}:[^\u0000-\u001F\u007F-\u009F]{1,64}$")),
        "The cursor of the page before.",
        json!("12:7203"),
    ),
    Name32 => name(32).into(),
    Name64 => name(64).into(),
    Name128 => name(128).into(),
    Key => name(64).into(),
    Input => name(64).min_length(Some(1)).into(),
    Note => name(1000).into(),
    Id => formatted(KnownFormat::Uuid).into(),
    RunId => formatted(KnownFormat::Uuid).into(),
    BackfillId => formatted(KnownFormat::Uuid).into(),
    RunState => words(RunState::ALL.iter().map(|one| one.as_str())),
    Trigger => words(Trigger::ALL.iter().map(|one| one.as_str())),
    TaskState => words(TaskState::ALL.iter().map(|one| one.as_str())),
    TickOutcome => words(TickOutcome::ALL.iter().map(|one| one.as_str())),
    LogLevel => words(LogLevel::ALL.iter().map(|one| one.as_str())),
    BackfillState => words(BackfillState::ALL.iter().map(|one| one.as_str())),
    BackfillMode => words(BackfillMode::ALL.iter().map(|one| one.as_str())),
    ItemState => words(ItemState::ALL.iter().map(|one| one.as_str())),
    Mode => words(Mode::ALL.iter().map(|one| one.as_str())),
    Via => words(Via::ALL.iter().map(|one| one.as_str())),
    Instant => AnyOfBuilder::new()
        .item(described(formatted(KnownFormat::DateTime), "An instant (RFC 3339).", json!("2026-11-20T09:00:00Z")))
        .item(described(formatted(KnownFormat::Date), "A day: its midnight in UTC.", json!("2026-11-20")))
        .into(),
);

/// One of these formats, by its name.
fn formats(all: &[Format]) -> RefOr<Schema> {
    let schema = text().enum_values(Some(all.iter().map(|format| format.as_str())));
    let schema = schema.default(Some(Format::Json.as_str().into()));
    described(schema, "How the answer is written. Without it `Accept` says.", json!(Format::Csv.as_str()))
}

/// Plain text of at most so many characters.
fn name(longest: usize) -> ObjectBuilder {
    text().max_length(Some(longest)).pattern(Some(PLAIN))
}
