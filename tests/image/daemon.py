"""A daemon under the limits, from its start to its end, and what it answers."""

import json
import os
import socket
import time
import urllib.error
import urllib.request

import limits

LIMIT = 128 * limits.MIB
# A lease of twelve seconds ends first, and the machine may be slow.
PATIENCE = 90
TOKEN = "0123456789abcdef0123456789abcdef"


class Daemon:
    """A daemon under the limits, from its start to its end."""

    def __init__(self, subject, data, arguments, more=None):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        environment = {
            "PATH": os.environ["PATH"],
            # As in the image. A static program without it asks for the user, by libraries of this machine that may break it.
            "HOME": "/app",
            "DATAINFRA__SERVER__LISTEN": f"127.0.0.1:{port}",
            "DATAINFRA__SERVER__TOKEN": TOKEN,
            "DATAINFRA__LOG__LEVEL": "warn",
            **(more or {}),
        }
        self.cgroup = limits.Cgroup(LIMIT) if subject.limited else None
        try:
            self.container = subject.start(self.cgroup, data, environment, arguments)
        except BaseException:
            self.cgroup and self.cgroup.remove()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.container.remove()
        if self.cgroup:
            self.cgroup.remove()

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return answer.read()

    def until(self, condition, what):
        """The first true answer of `condition`, asked again and again."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                if answer := condition():
                    return answer
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                pass
            if not self.container.alive():
                raise RuntimeError(f"it ended before {what}:\n{self.container.output()[-2000:]}")
            time.sleep(0.005)
        raise RuntimeError(f"it never was that {what}:\n{self.container.output()[-2000:]}")

    def ready(self):
        """Seconds from the start to ready."""
        self.until(lambda: self.get("/readyz"), "it was ready")
        return time.monotonic() - self.container.started

    def runs(self):
        return json.loads(self.get("/runs?job=stock&limit=50"))["items"]

    def run_under_way(self):
        """A run some of whose tasks are done."""
        return self.until(
            lambda: next((r for r in self.runs() if r["state"] == "running" and r["progress"]["done"] > 0), None),
            "a run was under way",
        )

    def run_ended(self, wanted=None):
        """The first run, or the one wanted, once all of them have ended."""

        def ended():
            runs = self.runs()
            final = runs and all(run["state"] not in ("queued", "running", "cancelling") for run in runs)
            return final and next(run for run in reversed(runs) if wanted in (None, run["id"]))

        return self.until(ended, "its runs had ended")

    def bars(self):
        """Every bar, as sorted lines under a head."""
        return sorted(self.get("/api/v1/bars?from=1990-01-01&format=csv").decode().splitlines())

    def stop(self):
        """SIGTERM: the exit status, and after how many seconds."""
        asked = time.monotonic()
        self.container.signal("TERM")
        status = self.container.wait()
        return status, time.monotonic() - asked
