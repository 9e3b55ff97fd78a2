# pandas: Parquet keeps the types; CSV needs to be told which column is a date.
import os
import pandas as pd

api = os.environ.get("DATAINFRA_URL", "http://127.0.0.1:8080") + "/api/v1"
url = api + "/stockprices/rawdata/7203?startDate=2024-01-01"

for bars in pd.read_parquet(url + "&format=parquet"), pd.read_csv(url + "&format=csv", parse_dates=["date"]):
    print(f"{len(bars)} bars until {bars['date'].max():%Y-%m-%d}, mean close {bars['close'].mean():.2f}")
