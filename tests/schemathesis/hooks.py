"""What JSON Schema cannot say about a right request. Wrong ones stay as they were made."""

from datetime import date, datetime, timezone
from itertools import count

import schemathesis
from schemathesis.generation import GenerationMode

# The ends of a range: the schema of neither can name the other.
RANGES = [("startDate", "endDate"), ("from", "to"), ("since", "until")]
# What the start is when it is left out; the end is today then.
DEFAULTS = {"startDate": "2019-01-01", "from": "2019-01-01"}
# Companies of the sample market: a schema cannot know who is there, and a run for others has nothing to do.
COMPANIES = ["1101", "1102", "AAPL"]
# One of them by its id.
ID = "S001"
# The document's examples name a company of the real market; here it is this one.
STAND_IN = {"7203": "1101"}
# Files have layouts, which a schema of bytes cannot name.
FILE = "stock_code,date,open,high,low,close,volume\r\n1101,2026-01-05,100,110,90,105,1000\r\n"

KEYS = count()


def instant(text):
    """The instant that a parameter means, for a day its midnight in UTC; None for anything else."""
    try:
        read = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=timezone.utc)


def in_order(values):
    """Swaps the ends of each range that ends before it starts."""
    for start, end in RANGES:
        first, last = values.get(start, DEFAULTS.get(start)), values.get(end)
        if last is None and start in values and start in DEFAULTS:
            last = date.today().isoformat()
        try:
            wrong = instant(first) > instant(last)
        except TypeError:
            continue
        if wrong:
            values[start], values[end] = last, first
        elif start == "since" and instant(first) == instant(last):
            # An end that is not part of its range.
            del values[end]


def of_its_job(job, body):
    """Companies that are there, as many as were asked for, no start in the future, and only members that the job takes."""
    first = instant(body.get("from"))
    if first and first > datetime.now(timezone.utc):
        body["from"] = date.today().isoformat()
    if isinstance(body.get("companies"), list):
        body["companies"] = COMPANIES[: len(body["companies"])]
    if job == "replay":
        body["input"] = "kabutan"
    else:
        body.pop("input", None)
    if job not in ("stock", "reconcile", "replay"):
        for name in "companies", "from", "to":
            body.pop(name, None)


def of_its_exchange(body):
    """Tokyo's codes have four or five characters, New York's letters: a schema of the code alone cannot tell."""
    number = sum(map(ord, body.get("stockCode", "")))
    tokyo, new_york = str(2000 + number % 7000), "X" + "".join(chr(65 + number // n % 26) for n in (1, 26))
    body["stockCode"] = tokyo if body.get("countryCode") == "JP" else new_york


def of_a_series(path, query):
    """A company by its id or by its code; and how many lags there can be depends on how long its series is."""
    if path.endswith("correlogram") or not {"companyId", "stockCode"} & query.keys():
        query["companyId"] = ID
    if path.endswith(("candlestick", "correlogram")) and "companyId" in query:
        query.pop("stockCode", None)
    if path.endswith("correlogram"):
        for name, most in ("lags", 30), ("period", 5), ("diffCount", 3):
            if name in query:
                query[name] = min(int(query[name]), most)
        for name in "startDate", "endDate":
            query.pop(name, None)


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    route = (case.method.upper(), case.operation.path)
    query = case.query if isinstance(case.query, dict) else {}
    body = case.body if isinstance(case.body, dict) else {}
    in_order(query)
    in_order(body)
    headers = case.headers if case.headers is not None else {}
    if "Prefer" in headers:
        # Longer would be right, too, and take as long.
        headers["Prefer"] = "wait=1"
    if "Idempotency-Key" in headers:
        # A key must not come back with another request.
        headers["Idempotency-Key"] = f"{headers['Idempotency-Key'][:16]}-{next(KEYS)}"
    path = case.path_parameters or {}
    for values in query, path:
        for name in {"stockCode", "company", "companies"} & values.keys():
            values[name] = STAND_IN.get(values[name], values[name])
    # A cursor is a place in a list that the daemon gave; an invented one is no right request.
    query.pop("cursor", None)
    if route == ("POST", "/jobs/{job}/run") or route == ("POST", "/jobs/{job}/backfills"):
        of_its_job(path.get("job"), body)
    if case.operation.path.startswith("/api/v1/stockprices/timeseries"):
        of_a_series(case.operation.path, query)
    if route == ("GET", "/runs") and "job" in query:
        # A job that there is.
        query["job"] = "stock"
    if route == ("GET", "/api/v1/companies/search") and not {"companyName", "stockCode"} & query.keys():
        # One of the two has to be there.
        query["companyName"] = "a"
    if route == ("POST", "/api/v1/companies") and body:
        of_its_exchange(body)
    if route == ("POST", "/imports"):
        case.body = FILE
        case.query = {name: value for name, value in query.items() if name == "dryRun"} | {"name": "bars.csv"}

