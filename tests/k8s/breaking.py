"""What the tests of the checks share: objects and files broken in one place."""

import copy

from bundle import title

GONE = object()


def set_at(place, path, value):
    """Sets what a path leads to (dots between keys, ~ for a dot within one), or takes it away."""
    *way, last = [int(key) if key.isdigit() else key.replace("~", ".") for key in path.split(".")]
    for key in way:
        place = place[key] if isinstance(key, int) else place.setdefault(key, {})
    if value is GONE:
        del place[last]
    else:
        place[last] = value


def broken(bundle, target, path, value):
    """The objects of a bundle with one place changed."""
    docs = copy.deepcopy(bundle.docs)
    (place,) = [doc for doc in docs if title(doc) == target]
    set_at(place, path, value)
    return docs
