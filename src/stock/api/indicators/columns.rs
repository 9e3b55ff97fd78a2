//! The columns of indicators, computed while the bars pass by.

use chrono::NaiveDate;
use futures_util::{StreamExt as _, TryStreamExt as _, future, stream};

use crate::{
    http::{
        Problem,
        table::{Batch, Column, Kind, Table, Values},
    },
    stock::{
        bar::Bar,
        indicators::{Indicator, Operator},
        store::serving::stream::Pieces,
    },
};

/// Sessions computed at once, some milliseconds at most: then others have their turn.
const CHUNK: usize = 256;

/// The date and a column for each value of the indicators, a row for each session with a close from `from` on. `bars`
/// begin with the first session of the series.
pub(super) fn table(bars: Pieces<Bar>, indicators: &[Indicator], from: NaiveDate) -> Table {
    let day = Column { name: "date".into(), kind: Kind::Day };
    let outputs = indicators.iter().flat_map(|indicator| indicator.outputs());
    let columns = [day].into_iter().chain(outputs.map(|name| Column { name, kind: Kind::Real })).collect();
    let mut machines: Vec<_> = indicators.iter().map(|one| (Operator::new(*one), one.outputs().len())).collect();
    let chunks = bars.map_err(Problem::from).map_ok(|piece| stream::iter(chunks(&piece)).map(Ok)).try_flatten();
    let batches = chunks.and_then(move |bars| {
        let batch = batch(&bars, &mut machines, from);
        async {
            tokio::task::yield_now().await;
            Ok(batch)
        }
    });
    Table { columns, batches: batches.try_filter(|batch| future::ready(batch.rows() > 0)).boxed() }
}

/// The sessions with a close, in chunks.
fn chunks(bars: &[Bar]) -> Vec<Vec<Bar>> {
    let with_close: Vec<Bar> = bars.iter().filter(|bar| bar.close.is_some()).copied().collect();
    with_close.chunks(CHUNK).map(<[Bar]>::to_vec).collect()
}

fn batch(bars: &[Bar], machines: &mut [(Operator, usize)], from: NaiveDate) -> Batch {
    let shown = |bar: &Bar| bar.date >= from;
    let days = bars.iter().filter(|bar| shown(bar)).map(|bar| bar.date).collect();
    let mut columns = vec![Values::Day(days)];
    for (machine, outputs) in machines {
        let mut values = vec![Vec::new(); *outputs];
        for bar in bars {
            let found = machine.push(bar);
            if shown(bar) {
                values.iter_mut().zip(found).for_each(|(column, value)| column.push(value));
            }
        }
        columns.extend(values.into_iter().map(Values::Real));
    }
    Batch(columns)
}
