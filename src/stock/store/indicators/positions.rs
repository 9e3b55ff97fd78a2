//! Which element of the stored rows is which moving average.

use crate::{
    db::{Connection, DbError, all, execute},
    stock::indicators::MaType,
};

/// SQLite has a column for each position.
const MOST: i32 = 64;

/// The moving averages kept, each with its position from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Positions(Vec<(MaType, usize)>);

impl Positions {
    pub fn iter(&self) -> impl Iterator<Item = (MaType, usize)> {
        self.0.iter().copied()
    }

    /// The length of a row: the greatest position.
    #[must_use]
    pub fn width(&self) -> usize {
        self.iter().map(|(_, position)| position).max().unwrap_or(0)
    }

    /// What the stored values of a series must have been computed for: `sma5,sma25,…`.
    #[must_use]
    pub fn spec(&self) -> String {
        self.0.iter().map(|(ma, _)| ma.to_string()).collect::<Vec<_>>().join(",")
    }
}

/// Makes the kept moving averages those of `wanted`: new ones get the next position, which is never given to another
/// one, and those no longer wanted are hidden.
///
/// # Errors
/// What the database says; also when there have been more than 64 different ones.
pub async fn keep(connection: &impl Connection, wanted: &[MaType]) -> Result<Positions, DbError> {
    loop {
        let stored = stored(connection).await?;
        let missing = wanted.iter().find(|ma| !stored.iter().any(|(name, ..)| *name == ma.to_string()));
        let Some(missing) = missing else {
            show(connection, wanted, &stored).await?;
            let position = |ma: &MaType| stored.iter().find(|(name, ..)| *name == ma.to_string()).map(|(_, at, _)| *at);
            return Ok(Positions(wanted.iter().filter_map(|ma| Some((*ma, position(ma)?))).collect()));
        };
        let next = stored.iter().map(|(_, at, _)| *at).max().unwrap_or(0) + 1;
        let next = i32::try_from(next).unwrap_or(i32::MAX);
        if next > MOST {
            return Err(DbError::Custom(format!("more than {MOST} different moving averages were ever kept")));
        }
        // Another replica may take the position first: then the next turn finds it taken.
        let sql = "INSERT INTO stockprice_indicator_type (position, ma_type, active) VALUES ($1, $2, true) \
                   ON CONFLICT DO NOTHING";
        execute(connection, sql, [next.into(), missing.to_string().into()]).await?;
    }
}

/// The moving averages that a series has, by its spec: what [`Positions::spec`] gave.
///
/// # Errors
/// What the database says.
pub async fn of_spec(connection: &impl Connection, spec: &str) -> Result<Positions, DbError> {
    let stored = stored(connection).await?;
    let position = |name: &str| {
        let (_, at, _) = stored.iter().find(|(stored, ..)| stored == name)?;
        Some((MaType::parse(name).ok()?, *at))
    };
    Ok(Positions(spec.split(',').filter_map(position).collect()))
}

async fn stored(connection: &impl Connection) -> Result<Vec<(String, usize, bool)>, DbError> {
    let sql = "SELECT ma_type, position, active FROM stockprice_indicator_type ORDER BY position";
    let rows = all(connection, sql, []).await?;
    rows.iter()
        .map(|row| {
            let position: i32 = row.try_get("", "position")?;
            Ok((row.try_get("", "ma_type")?, position.unsigned_abs() as usize, row.try_get("", "active")?))
        })
        .collect()
}

async fn show(
    connection: &impl Connection,
    wanted: &[MaType],
    stored: &[(String, usize, bool)],
) -> Result<(), DbError> {
    for (name, _, active) in stored {
        let shown = wanted.iter().any(|ma| ma.to_string() == *name);
        if shown != *active {
            let sql = "UPDATE stockprice_indicator_type SET active = $1 WHERE ma_type = $2";
            execute(connection, sql, [shown.into(), name.as_str().into()]).await?;
        }
    }
    Ok(())
}
