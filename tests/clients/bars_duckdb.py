# duckdb: SQL over the address; its extension httpfs reads only the columns named.
import os
import duckdb

url = os.environ.get("DATAINFRA_URL", "http://127.0.0.1:8080") + "/api/v1/stockprices/rawdata/7203?startDate=2024-01-01"

bars, until, mean = duckdb.sql(f"select count(*), max(date), avg(close) from read_parquet('{url}&format=parquet')").fetchone()
print(f"{bars} bars until {until}, mean close {mean:.2f}")
