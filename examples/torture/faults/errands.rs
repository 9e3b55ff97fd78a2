//! What is done beside the faults, once a second: breakers closed, the stock job kept busy, its rows looked at.

use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::{
    checks::half_loaded,
    world::{Fleet, Market},
};

/// A breaker that opened for minutes would leave nothing of a source to check: an operator closes it by hand. Waits
/// that a source asked for are shorter and stay.
const CLOSE_BREAKERS: &str = "UPDATE source_state SET closed_until = NULL, failures = 0 \
                              WHERE closed_until > clock_timestamp() + interval '1 minute'";
/// Looks between two sessions of the market.
const SESSION: u32 = 8;

#[derive(Default)]
pub struct Errands {
    looks: u32,
    /// How often the bars were looked at.
    pub looked: u32,
    /// Disagreements found.
    pub half_loaded: Vec<String>,
}

impl Errands {
    pub async fn run(&mut self, url: &str, fleet: &Fleet, market: &Market) {
        self.looks += 1;
        if let Ok(mut connection) = PgConnection::connect(url).await {
            let _ = connection.execute(CLOSE_BREAKERS).await;
            if let Ok(wrong) = half_loaded(&mut connection).await {
                self.looked += 1;
                if wrong > 0 {
                    self.half_loaded.push(format!("{wrong} days at {}", crate::world::now()));
                }
            }
            let _ = connection.close().await;
        }
        if self.looks.is_multiple_of(SESSION) {
            market.turn();
            // One that nobody takes is replaced by the next.
            let _ = fleet.run_stock().await;
        }
    }
}
