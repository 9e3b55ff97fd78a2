#!/usr/bin/env python3
"""Makes values.json: what statsmodels, TA-Lib and pandas say about a series of a formula.

    python3 -m venv venv && venv/bin/pip install statsmodels TA-Lib pandas
    venv/bin/python tests/reference/make.py > tests/reference/values.json

The series: 320 sessions, prices with two decimals.
    close[0] = 1000, close[i] = close[i-1] * (1 + ((37 i mod 101) - 50) / 2500 + ((11 i mod 29) - 14) / 3000)
    open = the close before, high = max(open, close) * 1.004, low = min(open, close) * 0.995
"""
import json
import platform

import numpy as np
import pandas as pd
import statsmodels
import talib
from statsmodels.tsa.stattools import acf, pacf

N = 320


def series():
    close = [1000.0]
    for i in range(1, N):
        close.append(close[-1] * (1 + ((37 * i) % 101 - 50) / 2500 + ((11 * i) % 29 - 14) / 3000))
    close = np.round(np.array(close), 2)
    opening = np.r_[close[0], close[:-1]]
    high = np.round(np.maximum(opening, close) * 1.004, 2)
    low = np.round(np.minimum(opening, close) * 0.995, 2)
    return opening, high, low, close


def plain(values):
    """Every digit there is; what is no number is null."""
    return [float(v) if np.isfinite(v) else None for v in np.asarray(values)]


def correlogram(values, lags):
    options = {"nlags": lags, "alpha": 0.05}
    a, a_bounds = acf(values, adjusted=False, fft=False, bartlett_confint=True, result_object=False, **options)
    p, p_bounds = pacf(values, method="ywm", result_object=False, **options)
    columns = {"acf": a, "acfLow": a_bounds[:, 0], "acfHigh": a_bounds[:, 1]}
    columns |= {"pacf": p, "pacfLow": p_bounds[:, 0], "pacfHigh": p_bounds[:, 1]}
    return {"lags": lags} | {name: plain(column) for name, column in columns.items()}


opening, high, low, close = series()
s = pd.Series(close)
log_returns = np.log(s).diff()
macd, signal, histogram = talib.MACD(close, 12, 26, 9)
upper, middle, lower = talib.BBANDS(close, 20, 2, 2, 0)

indicators = {
    "rsi14": talib.RSI(close, 14),
    "macd": macd,
    "macdSignal": signal,
    "macdHist": histogram,
    "bb20Upper": upper,
    "bb20Middle": middle,
    "bb20Lower": lower,
    "atr14": talib.ATR(high, low, close, 14),
    "return": s.pct_change(),
    "logreturn": log_returns,
    "volatility20": log_returns.rolling(20).std(ddof=1) * np.sqrt(252),
}
for span in (1, 7, 50, 200):
    indicators[f"sma{span}"] = s.rolling(span).mean()
    indicators[f"ema{span}"] = s.ewm(span=span, adjust=False, min_periods=span).mean()
    indicators[f"wma{span}"] = talib.WMA(close, span) if span > 1 else s

# period, log, diffCount and the greatest lag
correlograms, transformed = [], []
for period, log, differences, lags in ((1, 0, 0, 40), (1, 1, 1, 159), (1, 0, 2, 30), (5, 1, 1, 31), (3, 0, 0, 53)):
    x = (np.log(close) if log else close)[::period]
    x = np.diff(x, differences)
    asked = {"period": period, "log": bool(log), "diffCount": differences}
    transformed.append(asked | {"values": plain(x)})
    correlograms.append(asked | correlogram(x, lags))

versions = {
    "python": platform.python_version(),
    "numpy": np.__version__,
    "pandas": pd.__version__,
    "statsmodels": statsmodels.__version__,
    "TA-Lib": f"{talib.__version__} over C {talib.__ta_version__.decode()}",
}
bars = {"open": plain(opening), "high": plain(high), "low": plain(low), "close": plain(close)}
indicators = {name: plain(values) for name, values in indicators.items()}
document = {"versions": versions, "bars": bars, "indicators": indicators, "timeSeries": transformed}
print(json.dumps(document | {"correlograms": correlograms}, separators=(",", ":")))
