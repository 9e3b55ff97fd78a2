"""What JSON Schema cannot say about a right request. Wrong ones stay as they were made."""

from datetime import date, datetime

import schemathesis
from schemathesis.generation import GenerationMode

# A day range must not end before it starts: neither parameter's schema can name the other.
RANGES = [("startDate", "endDate"), ("from", "to"), ("since", "until")]
# What the start is when it is left out, where an end before it would be refused.
DEFAULTS = {"startDate": "2019-01-01"}


def instant(text):
    """The day or instant a parameter means; None for anything else."""
    for read in date.fromisoformat, datetime.fromisoformat:
        try:
            return read(text)
        except (TypeError, ValueError):
            pass
    return None


def in_order(values):
    """Swaps the ends of each range that ends before it starts."""
    for start, end in RANGES:
        first, last = values.get(start, DEFAULTS.get(start)), values.get(end)
        if last is None and start in values and start in DEFAULTS:
            # The end is today when it is left out.
            last = date.today().isoformat()
        try:
            wrong = instant(first) > instant(last)
        except TypeError:
            continue
        if wrong:
            values[start], values[end] = last, first


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    for values in case.query, case.body:
        if isinstance(values, dict):
            in_order(values)
