"""Makes us.csv.gz, the bundled daily bars of five US companies.

    pip download --no-deps bokeh_sampledata==2026.1 && unzip bokeh_sampledata-2026.1-*.whl
    python3 make.py bokeh_sampledata/_data/stocks.csv.gz

Keeps the prices and volumes as traded; drops the adjusted close, which knows of splits and dividends
after the series' end. Before it writes, it checks with that column that the splits in us.rs are all
there are: an adjustment factor that leaps by more than 1.5 is a split, and nothing else is.
"""

import csv
import gzip
import hashlib
import pathlib
import sys

SHA256 = "e73fe05d106b7da1abe8f947264c514afd02cef5c9db4864b9437c84d6bd6069"
SPLITS = {("AAPL", "2000-06-21"): 2, ("AAPL", "2005-02-28"): 2, ("MSFT", "2003-02-18"): 2}


def splits_in(rows):
    """Splits by leaps of adjusted close over close."""
    found = {}
    for before, after in zip(rows, rows[1:]):
        if before["Ticker"] != after["Ticker"]:
            continue
        leap = factor(after) / factor(before)
        if not 1 / 1.5 < leap < 1.5:
            found[after["Ticker"], after["Date"]] = round(leap, 3)
    return found


def factor(row):
    return float(row["Adj Close"]) / float(row["Close"])


def main(path):
    text = gzip.open(path, "rb").read()
    if hashlib.sha256(text).hexdigest() != SHA256:
        sys.exit(f"{path} is not the file of bokeh_sampledata 2026.1")
    rows = list(csv.DictReader(text.decode().splitlines()))
    if splits_in(rows) != SPLITS:
        sys.exit(f"the splits are {splits_in(rows)}, us.rs says {SPLITS}")
    columns = ["Ticker", "Date", "Open", "High", "Low", "Close", "Volume"]
    lines = [",".join(columns)] + [",".join(row[c] for c in columns) for row in rows]
    out = pathlib.Path(__file__).with_name("us.csv.gz")
    out.write_bytes(gzip.compress("\n".join(lines).encode() + b"\n", 9, mtime=0))
    print(f"{out}: {len(rows)} bars, {out.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
