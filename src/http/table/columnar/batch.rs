//! Tables as Arrow has them.

use std::{collections::HashMap, sync::Arc};

use arrow_array::{ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use chrono::{Datelike as _, NaiveDate};

use super::super::column::{Batch, Column, Kind, Values};

/// The day from which Arrow counts, 1970-01-01, as chrono counts.
const EPOCH: i32 = 719_163;

/// The columns by their names, with `metadata`. Everything may be absent, save days.
pub fn schema(columns: &[Column], metadata: HashMap<String, String>) -> SchemaRef {
    let field = |column: &Column| {
        let kind = match column.kind {
            Kind::Day => DataType::Date32,
            Kind::Text => DataType::Utf8,
            Kind::Real => DataType::Float64,
            Kind::Whole => DataType::Int64,
        };
        Field::new(column.name.as_ref(), kind, column.kind != Kind::Day)
    };
    Arc::new(Schema::new_with_metadata(columns.iter().map(field).collect::<Vec<_>>(), metadata))
}

/// A piece of a table of this schema.
///
/// # Errors
/// When it is none: another number of columns, or another kind.
pub fn record(schema: &SchemaRef, batch: &Batch) -> Result<RecordBatch, ArrowError> {
    RecordBatch::try_new(Arc::clone(schema), batch.0.iter().map(array).collect())
}

fn array(values: &Values) -> ArrayRef {
    match values {
        Values::Day(days) => Arc::new(Date32Array::from_iter_values(days.iter().map(since_epoch))),
        Values::Text(texts) => Arc::new(texts.iter().map(Option::as_deref).collect::<StringArray>()),
        Values::Real(numbers) => {
            Arc::new(numbers.iter().map(|number| number.filter(|n| n.is_finite())).collect::<Float64Array>())
        }
        Values::Whole(numbers) => Arc::new(numbers.iter().copied().collect::<Int64Array>()),
    }
}

fn since_epoch(day: &NaiveDate) -> i32 {
    day.num_days_from_ce() - EPOCH
}
