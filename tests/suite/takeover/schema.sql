-- The tables as the original's two Alembic revisions leave them.
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO alembic_version (version_num) VALUES ('ffcf7c6907c5');
CREATE TABLE company (
    company_id VARCHAR(16) NOT NULL,
    company_name VARCHAR(256) NOT NULL,
    stock_code VARCHAR(16) NOT NULL,
    country_code VARCHAR(16) NOT NULL,
    listed_market VARCHAR(32) NOT NULL,
    foundation_date TIMESTAMP WITHOUT TIME ZONE,
    longitude FLOAT,
    latitude FLOAT,
    ins_ts TIMESTAMP WITHOUT TIME ZONE DEFAULT now(),
    upd_ts TIMESTAMP WITHOUT TIME ZONE DEFAULT now(),
    PRIMARY KEY (company_id)
);
COMMENT ON TABLE company IS '企業の主要な情報をマスタとして格納する.日本の上場企業のみを対象.
資本金・従業員数等の情報は時系列データなので、別テーブルで扱う';
COMMENT ON COLUMN company.company_id IS 'システム内で設定する企業毎に一意となるコード';
COMMENT ON COLUMN company.company_name IS '企業名';
COMMENT ON COLUMN company.stock_code IS '銘柄コード';
COMMENT ON COLUMN company.country_code IS '国コード';
COMMENT ON COLUMN company.listed_market IS '上場市場';
COMMENT ON COLUMN company.foundation_date IS '設立日(月)';
COMMENT ON COLUMN company.longitude IS '本社所在地(経度)';
COMMENT ON COLUMN company.latitude IS '本社所在地(緯度)';
CREATE TABLE stockprice (
    company_id VARCHAR(16) NOT NULL,
    date DATE NOT NULL,
    open_price FLOAT,
    high_price FLOAT,
    low_price FLOAT,
    close_price FLOAT,
    volume FLOAT,
    ins_ts TIMESTAMP WITHOUT TIME ZONE DEFAULT now(),
    upd_ts TIMESTAMP WITHOUT TIME ZONE DEFAULT now(),
    PRIMARY KEY (company_id, date),
    FOREIGN KEY(company_id) REFERENCES company (company_id)
);
COMMENT ON TABLE stockprice IS '企業毎の日毎の株価(始値・高値・安値・終値)・出来高を格納する';
COMMENT ON COLUMN stockprice.company_id IS 'システム内で設定する企業毎に一意となるコード';
COMMENT ON COLUMN stockprice.date IS '日付';
COMMENT ON COLUMN stockprice.open_price IS '株価(始値)';
COMMENT ON COLUMN stockprice.high_price IS '株価(高値)';
COMMENT ON COLUMN stockprice.low_price IS '株価(安値)';
COMMENT ON COLUMN stockprice.close_price IS '株価(終値)';
COMMENT ON COLUMN stockprice.volume IS '出来高';
CREATE TABLE stockprice_ma (
    company_id VARCHAR(16) NOT NULL,
    date DATE NOT NULL,
    ma_type VARCHAR(16) NOT NULL,
    ma_value FLOAT,
    ins_ts TIMESTAMP WITHOUT TIME ZONE DEFAULT now(),
    upd_ts TIMESTAMP WITHOUT TIME ZONE DEFAULT now(),
    PRIMARY KEY (company_id, date, ma_type),
    FOREIGN KEY(company_id) REFERENCES company (company_id)
);
COMMENT ON TABLE stockprice_ma IS '企業毎の日次の移動平均株価(SMA・EMA・WMA)を格納する';
COMMENT ON COLUMN stockprice_ma.company_id IS 'システム内で設定する企業毎に一意となるコード';
COMMENT ON COLUMN stockprice_ma.date IS '日付';
COMMENT ON COLUMN stockprice_ma.ma_type IS '移動平均の計算条件(ex. sma5, ema25, ...)';
COMMENT ON COLUMN stockprice_ma.ma_value IS 'ma_typeの条件下の移動平均株価';
