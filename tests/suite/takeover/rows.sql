-- Invented rows in the original's manner: longitude and latitude the wrong way round, NaN for a volume that was missing,
-- days on which nothing was fetched, and moving averages of nine kinds.
INSERT INTO company
    (company_id, company_name, stock_code, country_code, listed_market, foundation_date, longitude, latitude, ins_ts, upd_ts)
VALUES
    ('0001', '一号', '6028', 'JP', '東証1部', '1997-06-01', 35.5, 139.5, '2020-04-11 10:00:00.123456', '2020-04-11 10:00:00.123456'),
    ('0002', '二号', '3906', 'JP', '東証マザーズ', '2005-07-01', 35.6, 139.6, '2020-04-11 10:00:00.123456', '2020-05-01 03:00:00'),
    ('0003', '三号', '9433', 'JP', '東証1部', NULL, NULL, NULL, '2020-04-11 10:00:00.123456', NULL),
    ('0004', '四号', '9437', 'JP', '東証1部', '1992-07-01', 35.8, 139.8, '2020-04-11 10:00:00.123456', '2020-04-11 10:00:00.123456');
INSERT INTO stockprice (company_id, date, open_price, high_price, low_price, close_price, volume, ins_ts, upd_ts)
SELECT c.company_id, d.day, p.price, p.price * 1.013, p.price / 1.011, p.price * 1.003,
       CASE WHEN d.n % 40 = 7 THEN 'NaN' ELSE 1000 + d.n * 17.5 END,
       timestamp '2020-04-11 12:00:00.654321' + d.n * interval '1 minute',
       CASE WHEN d.n % 3 = 0 THEN NULL ELSE timestamp '2020-06-01 03:00:00' END
FROM company c
CROSS JOIN (SELECT day::date, row_number() OVER (ORDER BY day) AS n
            FROM generate_series(date '2019-01-07', date '2019-09-27', interval '1 day') AS day
            WHERE extract(isodow FROM day) < 6) AS d
CROSS JOIN LATERAL (SELECT 900 + 10 * ascii(right(c.company_id, 1)) + 40 * sin(d.n / 7.0) + d.n / 3.0 AS price) AS p
WHERE d.n % 23 <> 11;
INSERT INTO stockprice_ma (company_id, date, ma_type, ma_value, ins_ts, upd_ts)
SELECT b.company_id, b.date, b.kind || b.span, b.value, '2020-06-01 03:00:00', '2020-06-01 03:00:00'
FROM (
    SELECT s.company_id, s.date, k.kind, k.span,
           avg(s.close_price * k.weight) OVER w5 AS value,
           row_number() OVER w5 AS n
    FROM stockprice s
    CROSS JOIN (SELECT kind, span, weight FROM (VALUES ('sma', 1.0), ('ema', 1.01), ('wma', 0.99)) AS v (kind, weight)
                CROSS JOIN (VALUES (5), (25), (75)) AS t (span)) AS k
    WINDOW w5 AS (PARTITION BY s.company_id, k.kind, k.span ORDER BY s.date)
) AS b
WHERE b.n >= b.span;
