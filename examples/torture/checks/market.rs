//! No company's day is half loaded, at any time; and in the end the stored bars are those that the source serves.

use sqlx::{Connection as _, PgConnection, query_as, query_scalar};

use crate::{
    daemon::CODES,
    report::Report,
    world::{BarRow, Market},
};

/// Days whose bars and averages disagree: none, whenever one looks.
pub async fn half_loaded(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    query_scalar(include_str!("market.sql")).fetch_one(connection).await
}

pub async fn judge(url: &str, market: &Market, report: &mut Report) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    let sql = "SELECT date, open_price, high_price, low_price, close_price, volume FROM stockprice \
               JOIN company USING (company_id) WHERE stock_code = $1 ORDER BY date";
    let mut bars = 0;
    for code in CODES {
        let stored: Vec<BarRow> = query_as(sql).bind(code).fetch_all(&mut connection).await?;
        let truth = market.truth(code);
        bars += stored.len();
        if stored != truth {
            let first = stored.iter().zip(&truth).find(|(stored, truth)| stored != truth);
            let lengths = (stored.len(), truth.len());
            report.violation("bars that are not the source's", format!("{code}: {lengths:?}, first {first:?}"));
        }
    }
    report.count("bars", bars);
    let wrong = half_loaded(&mut connection).await?;
    if wrong > 0 {
        report.violation("days half loaded", format!("{wrong} at the end"));
    }
    Ok(connection.close().await?)
}
