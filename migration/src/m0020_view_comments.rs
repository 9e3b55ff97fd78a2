//! The columns of the view `stockprice_ma` say what they are, as those of the original's table did. SQLite has no comments
//! beside the definition, where they are those of the tables below.

use sea_orm_migration::prelude::*;

use crate::table::comment;

#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMNS: [(&str, &str); 6] = [
    ("company_id", "システム内で設定する企業毎に一意となるコード"),
    ("date", "日付"),
    ("ma_type", "移動平均の計算条件(ex. sma5, ema25, ...)"),
    ("ma_value", "移動平均株価 (from the n-th session of the company on)"),
    ("ins_ts", "登録日時 (when the row was made, UTC)"),
    ("upd_ts", "更新日時 (when a value last changed, UTC)"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (column, text) in COLUMNS {
            comment(manager, "COLUMN", &format!("stockprice_ma.{column}"), text).await?;
        }
        Ok(())
    }

    /// Comments hurt nobody.
    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
