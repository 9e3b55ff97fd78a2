"""The rules of the PrometheusRule as a file for Prometheus: rules.py PROMETHEUS_RULE OUT [tests|at-once].

`tests` keeps of the annotations the summary alone, as tests/monitoring/rules_test.yaml has it. `at-once` lets every alert
fire after a second, for a daemon that is watched live.
"""

import sys

import yaml


def main(source: str, out: str, form: str = "") -> None:
    with open(source, encoding="utf-8") as file:
        groups = yaml.safe_load(file)["spec"]["groups"]
    for rule in (rule for group in groups for rule in group["rules"] if "alert" in rule):
        if form == "tests":
            rule["annotations"] = {"summary": rule["annotations"]["summary"]}
        elif form == "at-once" and "for" in rule:
            rule["for"] = "1s"
    with open(out, "w", encoding="utf-8") as file:
        yaml.safe_dump({"groups": groups}, file, sort_keys=False, allow_unicode=True)


main(*sys.argv[1:])
