# pyarrow: an Arrow stream, batch by batch as it arrives.
import os
from urllib.request import urlopen
import pyarrow.compute as pc
import pyarrow.ipc

api = os.environ.get("DATAINFRA_URL", "http://127.0.0.1:8080") + "/api/v1"
url = api + "/stockprices/rawdata/7203?startDate=2024-01-01"

with urlopen(url + "&format=arrow") as stream:
    bars = pyarrow.ipc.open_stream(stream).read_all()
print(f"{len(bars)} bars until {pc.max(bars['date'])}, mean close {pc.mean(bars['close']).as_py():.2f}")
