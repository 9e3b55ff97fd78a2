//! The original's moving averages, a row each, as the rows and the view that stand for them here.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr};

use super::{AVERAGES_KEPT, number};

/// Puts the averages together, a row for each session: whoever reads `stockprice_ma` finds from the first moment what
/// was there. The table itself is kept under another name.
pub async fn convert(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    let types = "INSERT INTO stockprice_indicator_type (position, ma_type, active) \
                 SELECT row_number() OVER (ORDER BY ma_type COLLATE \"C\"), ma_type, true \
                 FROM (SELECT DISTINCT ma_type FROM stockprice_ma) AS m";
    connection.execute_unprepared(types).await?;
    let count = number(connection, "SELECT count(*) FROM stockprice_indicator_type").await?;
    if count > 0 {
        let value = |position| format!("max(NULLIF(m.ma_value, 'NaN')) FILTER (WHERE t.position = {position})");
        let values: Vec<String> = (1..=count).map(value).collect();
        let sql = format!(
            "INSERT INTO stockprice_indicator (company_id, date, v, ins_ts, upd_ts) \
             SELECT m.company_id, m.date, ARRAY[{}], min(m.ins_ts), max(m.upd_ts) \
             FROM stockprice_ma m JOIN stockprice_indicator_type t ON t.ma_type = m.ma_type \
             GROUP BY m.company_id, m.date ORDER BY m.company_id, m.date",
            values.join(", ")
        );
        connection.execute_unprepared(&sql).await?;
    }
    connection.execute_unprepared(&format!("ALTER TABLE stockprice_ma RENAME TO {AVERAGES_KEPT}")).await.map(drop)
}

/// Whoever might read the table may read the view.
pub async fn grant(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    let sql = format!(
        "DO $$ DECLARE reader text; BEGIN \
         FOR reader IN SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END \
             FROM pg_class c, aclexplode(c.relacl) a \
             WHERE c.oid = '{AVERAGES_KEPT}'::regclass AND a.privilege_type = 'SELECT' AND a.grantee <> c.relowner \
         LOOP EXECUTE 'GRANT SELECT ON stockprice_ma TO ' || reader; END LOOP; END $$"
    );
    connection.execute_unprepared(&sql).await.map(drop)
}
