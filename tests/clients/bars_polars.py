# polars: a lazy scan fetches the parts of the file it needs.
import os
import polars as pl

api = os.environ.get("DATAINFRA_URL", "http://127.0.0.1:8080") + "/api/v1"
url = api + "/stockprices/rawdata/7203?startDate=2024-01-01"

bars = pl.scan_parquet(url + "&format=parquet").select("date", "close").collect()
print(f"{len(bars)} bars until {bars['date'].max():%Y-%m-%d}, mean close {bars['close'].mean():.2f}")
