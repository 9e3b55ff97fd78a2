# duckdb: SQL over the address; its extension httpfs reads only the columns named.
import os
import duckdb

api = os.environ.get("DATAINFRA_URL", "http://127.0.0.1:8080") + "/api/v1"
url = api + "/stockprices/rawdata/7203?startDate=2024-01-01"

bars = duckdb.sql(f"from read_parquet('{url}&format=parquet')")
count, until, mean = bars.aggregate("count(*), max(date), avg(close)").fetchone()
print(f"{count} bars until {until}, mean close {mean:.2f}")
