-- Days on which the stored average of five sessions is not that of the stored bars: a company's day half loaded.
WITH b AS (
    SELECT company_id, date, avg(close_price) OVER w AS sma5, count(*) OVER w AS n
    FROM stockprice WHERE close_price IS NOT NULL
    WINDOW w AS (PARTITION BY company_id ORDER BY date ROWS 4 PRECEDING)
), m AS (SELECT company_id, date, ma_value FROM stockprice_ma WHERE ma_type = 'sma5')
SELECT count(*) FROM (
    SELECT b.company_id FROM b LEFT JOIN m ON m.company_id = b.company_id AND m.date = b.date
    WHERE b.n = 5 AND (m.ma_value IS NULL OR abs(m.ma_value - b.sma5) > 1e-9 * b.sma5)
    UNION ALL
    SELECT m.company_id FROM m LEFT JOIN b ON m.company_id = b.company_id AND m.date = b.date
    WHERE b.n IS NULL OR b.n < 5
) AS x
