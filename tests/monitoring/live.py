"""A real Prometheus watches real daemons: live.py PROGRAM WORK RULES DASHBOARD.

Two daemons on loopback, the demo and one with a configuration file and a source of its own, and a Prometheus that looks
each second. Held are: the metrics are clean; all that alerts and dashboard ask for is there; every query is understood; a
healthy daemon alarms nobody; faults make their alerts fire and no others, and healing ends them. Whatever was started is
ended, also on failure.
"""

import http.server
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import yaml

PATIENCE = 40
began = time.monotonic()


def say(text):
    print(f"{time.monotonic() - began:5.1f} s  {text}", flush=True)


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def ask(url, data=None):
    """The answer's text; None when there is none, or an error."""
    headers = {"Content-Type": "application/json"} if data is not None else {}
    request = urllib.request.Request(url, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.read().decode()
    except OSError:
        return None


def until(what, found):
    """Waits until it is found, and gives it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        result = found()
        if result:
            return result
        if time.monotonic() > deadline:
            sys.exit(f"FAILED: {what}: not within {PATIENCE} s")
        time.sleep(0.2)


class Program:
    """A process of ours, with its output in a file."""

    started = []

    def __init__(self, name, command, cwd, **settings):
        ours = ("DATAINFRA__", "POSTGRES_", "DATABASE_URL", "RUST_LOG")
        env = {key: value for key, value in os.environ.items() if not key.startswith(ours)} | settings
        self.name, self.log = name, Path(cwd) / f"{name}.log"
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(command, cwd=cwd, env=env, stdout=log, stderr=subprocess.STDOUT)
        Program.started.append(self)

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Source(http.server.BaseHTTPRequestHandler):
    """A source that keeps everybody out."""

    def do_GET(self):
        self.send_response(403)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<html><body>Access denied</body></html>")

    def log_message(self, *_):
        pass


class Prometheus:
    def __init__(self, work, rules, targets):
        self.url = f"http://127.0.0.1:{free_port()}"
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(Path(rules).resolve())],
            "scrape_configs": [{"job_name": "data-infrastructure", "static_configs": [{"targets": targets}]}],
        }
        file = Path(work) / "prometheus.yml"
        file.write_text(yaml.safe_dump(config))
        listen = self.url.removeprefix("http://")
        storage = f"--storage.tsdb.path={work}/tsdb"
        Program(
            "prometheus", ["prometheus", f"--config.file={file}", storage, f"--web.listen-address={listen}"], work
        )
        until("Prometheus is ready", lambda: ask(f"{self.url}/-/ready"))

    def get(self, path):
        answer = ask(f"{self.url}/api/v1/{path}")
        return json.loads(answer)["data"] if answer else {}

    def query(self, expression):
        """The samples; a sentence when it is not understood."""
        url = f"{self.url}/api/v1/query?" + urllib.parse.urlencode({"query": expression})
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return json.loads(answer.read())["data"]["result"]
        except urllib.error.HTTPError as error:
            return json.loads(error.read())["error"]

    def rules(self):
        return [rule for group in self.get("rules").get("groups", []) for rule in group["rules"]]

    def alerts(self):
        """Of those pending or firing: name and state."""
        return {alert["labels"]["alertname"]: alert for alert in self.get("alerts").get("alerts", [])}

    def fire(self, *names):
        """Waits until these alerts fire; no other may."""
        def firing():
            alerts = self.alerts()
            others = set(alerts) - set(names)
            if others:
                sys.exit(f"FAILED: {sorted(others)} without a reason: {json.dumps(list(alerts.values()), indent=1)}")
            states = [alerts.get(name, {}).get("state") for name in names]
            return alerts if all(state == "firing" for state in states) else None

        alerts = until(f"{', '.join(names)} fires", firing)
        for name in names:
            said = alerts[name]["annotations"]
            if "error expanding" in str(said) or "<no value>" in str(said):
                sys.exit(f"FAILED: {name}: {said}")
            say(f"{name} fires: {said['summary']}")

    def quiet(self):
        until("all alerts are over", lambda: self.alerts() == {} and self.query("vector(1)"))
        say("all is quiet again")


def metrics_named(expression):
    return set(re.findall(r"\b(?:datainfra|process)_\w+", re.sub(r'"[^"]*"', "", expression)))


def queries(dashboard):
    """The queries of the panels and of the variables, with something in place of Grafana's variables."""
    whole = json.loads(Path(dashboard).read_text(encoding="utf-8"))
    expressions = [target["expr"] for panel in whole["panels"] for target in panel.get("targets", [])]
    for variable in whole["templating"]["list"]:
        if variable["type"] == "query":
            expressions.append(re.fullmatch(r"label_values\((.+), \w+\)", variable["query"]["query"])[1])
    return [re.sub(r"\$(namespace|job|source)\b", ".*", e).replace("$__rate_interval", "5s") for e in expressions]


def check_metrics(name, text):
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True, check=False)
    if checked.returncode or checked.stderr:
        sys.exit(f"FAILED: promtool check metrics of {name}: {checked.stdout}{checked.stderr}")


def check_healthy(prometheus, expressions, live):
    until("both daemons are watched", lambda: len(prometheus.query("datainfra_database_migrated == 1")) == 2)
    until("each rule has been looked at", lambda: "unknown" not in {rule["health"] for rule in prometheus.rules()})
    for _ in range(6):
        time.sleep(0.7)
        alerts = prometheus.alerts()
        if alerts:
            sys.exit(f"FAILED: alerts of a healthy daemon: {json.dumps(list(alerts.values()), indent=1)}")
    rules = prometheus.rules()
    bad = [rule for rule in rules if rule["health"] != "ok"]
    if bad:
        sys.exit(f"FAILED: rules that cannot be evaluated: {json.dumps(bad, indent=1)}")
    recorded = set()
    named = set().union(*(metrics_named(e) for e in expressions), *(metrics_named(rule["query"]) for rule in rules))
    for rule in rules:
        if rule["type"] == "recording":
            recorded.add(rule["name"])
    missing = {name for name in named if name not in live and not any(name in record for record in recorded)}
    if missing:
        sys.exit(f"FAILED: no daemon has the metrics {sorted(missing)}")
    failed = [(e, answer) for e in expressions if isinstance(answer := prometheus.query(e), str)]
    if failed:
        sys.exit(f"FAILED: queries of the dashboard: {json.dumps(failed, indent=1)}")
    shown = sum(1 for e in expressions if prometheus.query(e))
    say(f"{len(rules)} rules and {len(expressions)} queries are understood, {shown} show something; {len(named)} metrics exist")


def main(program, work, rules, dashboard):
    program = str(Path(program).resolve())
    source = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Source)
    threading.Thread(target=source.serve_forever, daemon=True).start()
    ports = [free_port(), free_port()]
    demo, kept = (f"http://127.0.0.1:{port}" for port in ports)
    folder = Path(work) / "kept"
    folder.mkdir()
    config = f"""[server]
listen = "127.0.0.1:{ports[1]}"
[jobs.stock]
schedule = "0 18 * * *"
sources = ["yahoo"]
parallel = 1
max_attempts = 1
[sources.yahoo]
base_url = "http://127.0.0.1:{source.server_port}"
min_interval = "0s"
max_retries = 0
[sources.ecb]
enabled = false
"""
    file = folder / "config.toml"
    file.write_text(config)

    def start_kept(**settings):
        return Program("kept", [program, "--config", "config.toml", "serve"], folder, **settings)

    demo_daemon = Program("demo", [program, "demo", "--data-dir", f"{work}/demo"], work,
                          DATAINFRA__SERVER__LISTEN=f"127.0.0.1:{ports[0]}")
    kept_daemon = start_kept()
    prometheus = Prometheus(work, rules, [f"127.0.0.1:{port}" for port in ports])
    until("the demo's first run", lambda: '"state":"succeeded"' in (ask(f"{demo}/runs?job=stock") or ""))
    until("the other daemon is ready", lambda: ask(f"{kept}/readyz"))
    texts = {"the demo": ask(f"{demo}/metrics"), "the other daemon": ask(f"{kept}/metrics")}
    for name, text in texts.items():
        check_metrics(name, text)
    live = {re.split(r"[{ ]", line)[0] for text in texts.values() for line in text.splitlines() if line[:1] != "#"}
    say(f"promtool finds nothing in {len(live)} metrics, {len(texts['the demo'].splitlines())} lines")
    check_healthy(prometheus, queries(dashboard), live)

    ask(f"{kept}/jobs/stock/run", b"{}")
    file.write_text(config + "[jobs.stok]\n")
    prometheus.fire("DatainfraSourceBlocked", "DatainfraConfigReloadFailed")
    ask(f"{kept}/sources/yahoo/reset", b"")
    file.write_text(config)
    prometheus.quiet()

    for daemon in (demo_daemon, kept_daemon):
        daemon.end()
    prometheus.fire("DatainfraTargetAbsent")
    # It comes back, without its database; then with it.
    nobody = f"postgres://nobody@127.0.0.1:{free_port()}/nowhere"
    kept_daemon = start_kept(DATABASE_URL=nobody)
    until("it answers", lambda: ask(f"{kept}/livez"))
    until("it is watched", lambda: "DatainfraTargetAbsent" not in prometheus.alerts())
    prometheus.fire("DatainfraDatabaseAway")
    kept_daemon.end()
    start_kept()
    prometheus.quiet()


signal.signal(signal.SIGTERM, lambda *_: sys.exit("FAILED: ended from outside"))
try:
    main(*sys.argv[1:])
except SystemExit as failed:
    if failed.code:
        for ours in Program.started:
            print(f"-- {ours.name}:", *ours.log.read_text(encoding="utf-8").splitlines()[-8:], sep="\n   ", file=sys.stderr)
    raise
finally:
    for ours in Program.started:
        ours.end()
