//! `names`: which indicators are asked for.

use crate::{
    db::Connection,
    http::{Answer, Problem},
    settings::shown,
    stock::{indicators::Indicator, store::serving},
    told,
};

/// The most indicators of an answer.
const MOST: usize = 32;

/// Those named, each once, in their order; none without `names`.
///
/// # Errors
/// 400 naming what is no indicator.
pub(super) fn read(names: Option<&str>) -> Answer<Option<Vec<Indicator>>> {
    let Some(names) = names else { return Ok(None) };
    let mut all = Vec::new();
    for name in names.split(',').map(str::trim) {
        let indicator = Indicator::parse(name).map_err(|_| unknown(name))?;
        if !all.contains(&indicator) {
            all.push(indicator);
        }
    }
    if all.len() > MOST {
        let count = all.len();
        let message = told!(
            "{count} indicators are named, {MOST} is the most",
            "{count} 個の指標が指定されています。最大 {MOST} 個です"
        );
        return Err(Problem::bad_request("names", message));
    }
    Ok(Some(all))
}

/// Those named, or the moving averages that are kept.
///
/// # Errors
/// What the database says.
pub(super) async fn or_kept(named: Option<Vec<Indicator>>, connection: &impl Connection) -> Answer<Vec<Indicator>> {
    if let Some(named) = named {
        return Ok(named);
    }
    let kept = serving::kept_averages(connection).await?;
    Ok(kept.iter().filter_map(|average| Indicator::parse(&average.ma_type).ok()).collect())
}

fn unknown(name: &str) -> Problem {
    let (given, words) = (shown(name), Indicator::WORDS);
    let message = told!(
        "{given} is no indicator; there are {words}, and sma, ema, wma with a span of 1 to 400 sessions, as in sma5",
        "{given} という指標はありません。{words} と、sma5 のように 1 から 400 営業日の期間を付けた sma、ema、wma があります"
    );
    Problem::bad_request("names", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_indicator_comes_once_in_the_order_it_is_named_in() {
        let read_ = |names| read(Some(names)).unwrap().unwrap();
        let found: Vec<_> = read_("macd, sma5,macd,sma5,ema400").iter().map(ToString::to_string).collect();
        assert_eq!(found, ["macd", "sma5", "ema400"]);
        let many = |count: u16| (1..=count).map(|span| format!("sma{span}")).collect::<Vec<_>>().join(",");
        assert!(read(Some(&many(32))).is_ok() && read(Some(&many(33))).is_err());
        for wrong in ["", "sma5,", "rsi", "sma0", "sma5;DROP TABLE company"] {
            assert!(read(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
