//! Rows of the original's tables that cannot be taken over as they are.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr};

use super::{number, rows};

/// Kinds of moving averages that can be taken over: 64 can be kept, and those of the configuration come to them.
const MOST_TYPES: i64 = 48;
/// Rows named in one sentence.
const NAMED: i64 = 5;

/// What cannot be taken over of the companies, as sentences.
pub async fn of_companies(connection: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let doubles = "SELECT 'companies ' || string_agg(company_id, ' and ' ORDER BY company_id) || ' have the same stock code ' \
                   || stock_code || ' (' || country_code || '): it can be of one only; delete the others, or correct their code' \
                   FROM company GROUP BY stock_code, country_code HAVING count(*) > 1 ORDER BY stock_code";
    let ids = format!(
        "SELECT 'company id ' || quote_literal(company_id) || ' cannot be kept: letters, digits, \".\", \"-\" and \"_\" only' \
         FROM company WHERE company_id !~ '^[A-Za-z0-9._-]+$' ORDER BY company_id LIMIT {NAMED}"
    );
    let codes = format!(
        "SELECT 'stock code ' || quote_literal(stock_code) || ' of company ' || company_id || ' cannot be kept: capital \
         letters, digits, \".\" and \"-\" only, without spaces' \
         FROM company WHERE stock_code !~ '^\\^?[A-Z0-9.-]+$' ORDER BY company_id LIMIT {NAMED}"
    );
    let mut problems = Vec::new();
    for sql in [doubles, &ids, &codes] {
        for row in rows(connection, sql).await? {
            problems.push(row.try_get_by_index(0)?);
        }
    }
    Ok(problems)
}

/// What cannot be taken over of the bars. One that is not a number is none, and becomes so.
pub async fn of_bars(connection: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let infinite = "SELECT count(*) FROM stockprice WHERE 'Infinity' IN (abs(open_price), abs(high_price), \
                    abs(low_price), abs(close_price), abs(volume))";
    let endless = "SELECT count(*) FROM stockprice WHERE NOT isfinite(date) OR date < DATE '1800-01-01' \
                   OR date > DATE '2999-12-31'";
    let mut problems = Vec::new();
    for (sql, what) in [(infinite, "an infinite price or volume"), (endless, "a date that no session has")] {
        let count = number(connection, sql).await?;
        if count > 0 {
            problems.push(format!("rows of stockprice that have {what}: {count}; correct or delete them"));
        }
    }
    Ok(problems)
}

/// What cannot be taken over of the moving averages.
pub async fn of_averages(connection: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let types = number(connection, "SELECT count(*) FROM (SELECT DISTINCT ma_type FROM stockprice_ma) AS m").await?;
    if types <= MOST_TYPES {
        return Ok(Vec::new());
    }
    Ok(vec![format!(
        "stockprice_ma has {types} different values of ma_type, and {MOST_TYPES} at most can be taken over"
    )])
}
