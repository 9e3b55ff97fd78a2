"""Every object of a build by its schema, strictly: no unknown field, no unknown kind.

schemas.py BUILD… [--operators FILE]: Kubernetes' own kinds by kubernetes-validate, for the oldest version that is
supported and the newest it knows; the operators' kinds by crds.yaml and, where FILE is there, by Prometheus' operator's
own schemas in it. Prints what is wrong, and exits 1 on anything.
"""

import argparse
import json
import pathlib
import sys

import jsonschema
import kubernetes_validate
import yaml

OLDEST = "1.29"
HERE = pathlib.Path(__file__).parent


def schema(short):
    """The JSON schema of crds.yaml's short form."""
    if isinstance(short, list):
        return {"type": "array", "items": schema(short[0])}
    if isinstance(short, dict):
        return {
            "type": "object",
            "properties": {key.rstrip("!"): schema(value) for key, value in short.items()},
            "required": [key.rstrip("!") for key in short if key.endswith("!")],
            "additionalProperties": False,
        }
    if short in ("string", "integer", "boolean"):
        return {"type": short}
    if short == "map":
        return {"type": "object", "additionalProperties": {"type": "string"}}
    return {} if short == "any" else {"enum": short.split("|")}


def closed(part):
    """An operator's own schema, in which a field that it does not name is a mistake."""
    if isinstance(part, list):
        return [closed(item) for item in part]
    if not isinstance(part, dict):
        return part
    part = {key: closed(value) for key, value in part.items()}
    # A field may be called `properties`, too: then its value is no mapping of schemas.
    named = part.get("properties")
    is_open = "additionalProperties" in part or part.get("x-kubernetes-preserve-unknown-fields")
    if isinstance(named, dict) and part.get("type") == "object" and named and not is_open:
        part["additionalProperties"] = False
    return part


def known(operators):
    """The schemas of the operators' kinds, by `apiVersion|kind`."""
    short = yaml.safe_load((HERE / "crds.yaml").read_text(encoding="utf-8"))
    found = {kind: {"properties": {"spec": schema(spec)}, "required": ["spec"]} for kind, spec in short.items()}
    if operators and pathlib.Path(operators).exists():
        for kind, whole in json.loads(pathlib.Path(operators).read_text(encoding="utf-8")).items():
            found[kind] = {"properties": {"spec": closed(whole["properties"]["spec"])}, "required": ["spec"]}
    return found


def problem(doc, version, crds, left_out):
    """What is wrong with an object; none when nothing is."""
    try:
        kubernetes_validate.validate(doc, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return f"{'.'.join(map(str, error.path))}: {error.message}"
    except kubernetes_validate.SchemaNotFoundError:
        kind = f"{doc['apiVersion']}|{doc['kind']}"
        if kind not in crds and doc["apiVersion"].startswith("monitoring.coreos.com/"):
            left_out.add(kind)
        elif kind not in crds:
            return f"nobody knows a {kind}"
        else:
            error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(crds[kind]).iter_errors(doc))
            return error and f"{'.'.join(map(str, error.path))}: {error.message}"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("builds", nargs="+")
    parser.add_argument("--operators")
    arguments = parser.parse_args()
    crds, left_out, wrong, count = known(arguments.operators), set(), set(), 0
    newest = kubernetes_validate.latest_version()
    for build in arguments.builds:
        for doc in filter(None, yaml.safe_load_all(pathlib.Path(build).read_text(encoding="utf-8"))):
            count += 1
            for version in (OLDEST, newest):
                found = problem(doc, version, crds, left_out)
                if found:
                    wrong.add(f"{build}: {doc['kind']}/{doc['metadata']['name']}: {version}: {found}")
    for kind in sorted(left_out):
        print(f"LEFT OUT {kind}: there is no {arguments.operators}")
    print("\n".join(sorted(wrong)) or f"{count} objects, for {OLDEST} and {newest}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
