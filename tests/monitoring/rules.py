"""The rules of the PrometheusRule as a file for Prometheus: rules.py PROMETHEUS_RULE OUT FORM [KUSTOMIZATION].

FORM `tests` keeps of the annotations the summary alone, as tests/monitoring/*_test.yaml have it. `at-once` lets every alert
fire after a second, for a daemon that is watched live. The patches that KUSTOMIZATION has for them are applied.
"""

import sys

import yaml


def read(path: str) -> dict:
    with open(path, encoding="utf-8") as file:
        return yaml.safe_load(file)


def patched(rule: dict, kustomization: dict) -> dict:
    """As kustomize patches it: inline JSON patches that test or replace a value."""
    ours = [patch["patch"] for patch in kustomization["patches"] if patch.get("target", {}).get("kind") == rule["kind"]]
    if not ours:
        sys.exit("no patch is for the rules")
    for step in (step for patch in ours for step in yaml.safe_load(patch)):
        *way, last = [int(part) if part.isdigit() else part for part in step["path"].split("/")[1:]]
        place = rule
        for part in way:
            place = place[part]
        if step["op"] == "replace":
            place[last] = step["value"]
        elif step["op"] != "test" or place[last] != step["value"]:
            sys.exit(f"patch: {step}, and there is {place[last]!r}")
    return rule


def main(source: str, out: str, form: str, kustomization: str = "") -> None:
    rule = read(source)
    if kustomization:
        rule = patched(rule, read(kustomization))
    groups = rule["spec"]["groups"]
    for rule in (rule for group in groups for rule in group["rules"] if "alert" in rule):
        if form == "tests":
            rule["annotations"] = {"summary": rule["annotations"]["summary"]}
        elif form == "at-once" and "for" in rule:
            rule["for"] = "1s"
    with open(out, "w", encoding="utf-8") as file:
        yaml.safe_dump({"groups": groups}, file, sort_keys=False, allow_unicode=True)


main(*sys.argv[1:])
