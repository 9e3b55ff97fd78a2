//! Somebody decides about a row of the quarantine: its bar is loaded, or it stays out for good. The decision, its audit
//! row and the bar are one transaction.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use super::accept::accept;
use crate::{
    audit::{self, Actor, Change},
    db::{DbError, Transaction},
    stock::{
        overlap::OtherBasis,
        store::{
            quarantine::{self, Decision, Quarantined, State},
            series,
        },
    },
    told::Tell,
};

/// Why a decision was not taken. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    #[error("there is no row {0:?} in the quarantine")]
    Unknown(String),
    #[error("the row is {} already, and stays so", .0.as_str())]
    Decided(State),
    #[error("the row could not be read, so there is no bar to load; discard it")]
    Unreadable,
    #[error("there can be no such bar: {0}")]
    Impossible(String),
    #[error("{0} is no session that is over, so its bar is not final")]
    NotFinal(NaiveDate),
    #[error("the history was rebased on {0}, after the row was met: its prices are in the unit of before")]
    Rebased(NaiveDate),
    #[error("the row does not join the series: {0}")]
    Basis(#[from] OtherBasis),
    #[error("nobody knows yet what the stored bars, which were taken over, are adjusted for: run the job stock first")]
    Unsettled,
    #[error("the row's company is in the master no more, or its trading days are not known")]
    NoCompany,
    #[error("database: {0}")]
    Database(#[from] DbError),
}

impl Tell for DecideError {
    fn japanese(&self) -> String {
        match self {
            Self::Unknown(id) => format!("隔離された行 {id:?} はありません"),
            Self::Decided(state) => {
                format!("この行についてはすでに決まっています（{}）。変更はできません", state.as_str())
            }
            Self::Unreadable => "この行は読み取れず、取り込める値がありません。破棄してください".to_owned(),
            Self::Impossible(reason) => format!("ありえない値の行なので取り込めません（{reason}）"),
            Self::NotFinal(day) => {
                format!("{day} の取引はまだ終わっていないか、取引日ではないので、値が確定していません")
            }
            Self::Rebased(day) => {
                format!("この行が届いたあと、{day} に系列全体の単位が変わりました。この行の価格は変更前の単位です")
            }
            Self::Basis(error) => format!("この行は保存済みの系列につながりません。{}", error.japanese()),
            Self::Unsettled => {
                "引き継いだ保存済みの株価の調整のしかたがまだわかりません。先にジョブ stock を実行してください"
                    .to_owned()
            }
            Self::NoCompany => "この行の会社が登録されていないか、取引日がわかりません".to_owned(),
            Self::Database(error) => format!("データベースのエラーです（{error}）"),
        }
    }
}

/// Decides about a row; gives it as it is afterwards. To decide the same again changes nothing.
///
/// # Errors
/// [`DecideError`]; then the transaction must not be committed.
pub async fn decide(
    transaction: &Transaction,
    id: &str,
    decision: Decision,
    actor: &Actor,
    note: &str,
    now: DateTime<Utc>,
) -> Result<Quarantined, DecideError> {
    let unknown = || DecideError::Unknown(id.chars().take(64).collect());
    let company = quarantine::find(transaction, id).await?.ok_or_else(unknown)?.company_id;
    // In the order of a load, which holds the series when it meets rows of the quarantine.
    let series = match decision {
        Decision::Accept => Some(series::lock(transaction, &company).await?),
        Decision::Discard => None,
    };
    let row = quarantine::lock(transaction, id).await?.ok_or_else(unknown)?;
    match row.state {
        State::Held => {}
        state if state == decision.state() => return Ok(row),
        state => return Err(DecideError::Decided(state)),
    }
    if let Some(series) = series {
        accept(transaction, &row, series, now).await?;
    }
    quarantine::decided(transaction, id, decision, &actor.name, note).await?;
    let change = Change {
        action: decision.action(),
        subject: id,
        before: Some(json!({ "state": row.state.as_str() })),
        after: Some(json!({
            "state": decision.state().as_str(),
            "stockCode": row.stock_code,
            "date": row.date,
            "source": row.source,
        })),
        note,
    };
    audit::store::record(transaction, actor, &change).await?;
    quarantine::find(transaction, id).await?.ok_or_else(unknown)
}
