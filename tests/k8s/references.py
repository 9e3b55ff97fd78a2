"""What the files around the manifests say of this repository: skaffold.yaml, the examples, and the version.

references.py [--schema FILE]: FILE is skaffold's own schema. Prints what is wrong, and exits 1 on anything.
"""

import argparse
import json
import pathlib
import re
import sys
import tomllib

import jsonschema
import yaml

OURS = "github.com/ds-hack/data-infrastructure"
# The original's verbs.
PROFILES = {"migrate", "sync-test", "staging", "production"}
# Where people read how to deploy.
TOLD = ("skaffold.yaml", "README.md", "docs/operations.md")


def read(path):
    return [doc for doc in yaml.safe_load_all(pathlib.Path(path).read_text(encoding="utf-8")) if doc]


def skaffold(path, schema):
    """Its form, and that every path, image, namespace and object in it is there."""
    (whole,) = read(path)
    if schema:
        validator = jsonschema.Draft7Validator(json.loads(pathlib.Path(schema).read_text(encoding="utf-8")))
        for error in validator.iter_errors(whole):
            inner = jsonschema.exceptions.best_match([error])
            yield f"{path}: {'.'.join(map(str, inner.absolute_path))}: {inner.message}"
    profiles = {profile["name"]: profile for profile in whole.get("profiles", [])}
    for missing in PROFILES - profiles.keys():
        yield f"{path}: there is no profile {missing}"
    for name, part in [("default", whole), *profiles.items()]:
        build = part.get("build", whole["build"])
        overlays = part.get("manifests", {}).get("kustomize", {}).get("paths", [])
        if not overlays:
            yield f"{path}: {name}: no overlay"
        for overlay in overlays:
            if not pathlib.Path(overlay, "kustomization.yaml").exists():
                yield f"{path}: {name}: there is no {overlay}/kustomization.yaml"
        texts = [file.read_text(encoding="utf-8") for overlay in overlays for file in yaml_below(overlay)]
        for artifact in build["artifacts"]:
            dockerfile = pathlib.Path(artifact["context"], artifact["docker"]["dockerfile"])
            if not dockerfile.exists():
                yield f"{path}: {name}: there is no {dockerfile}"
            if not any(re.search(rf"image: {artifact['image']}$", text, re.MULTILINE) for text in texts):
                yield f"{path}: {name}: no manifest has the image {artifact['image']}"
            for rule in artifact.get("sync", {}).get("manual", []):
                if not any(pathlib.Path(artifact["context"]).glob(rule["src"])):
                    yield f"{path}: {name}: sync: nothing is called {rule['src']}"
        for word in re.findall(r"k8s/[\w./-]+", json.dumps(part.get("deploy", {}))):
            if not pathlib.Path(word).exists():
                yield f"{path}: {name}: there is no {word}"
        spaces = re.findall(r"data-infrastructure-(?:development|staging|production|test)\b", json.dumps(part.get("deploy", {})))
        spaces += [forward["namespace"] for forward in part.get("portForward", [])]
        there = [read(f"{overlay}/kustomization.yaml")[0]["namespace"] for overlay in overlays if pathlib.Path(overlay).is_dir()]
        for space in set(spaces):
            if space not in there:
                yield f"{path}: {name}: the overlay's namespace is not {space}"


def yaml_below(folder, seen=None):
    """The files of a kustomization, and of those it is made of."""
    seen = set() if seen is None else seen
    for path in sorted(pathlib.Path(folder).glob("*.yaml")):
        if path.resolve() in seen:
            continue
        seen.add(path.resolve())
        yield path
        if path.name == "kustomization.yaml":
            for other in (read(path)[0].get("resources") or []) + (read(path)[0].get("components") or []):
                if pathlib.Path(folder, other).is_dir():
                    yield from yaml_below(pathlib.Path(folder, other), seen)


def examples(folder, version):
    """The folders of ours that they name are there, at the version that is this one's."""
    for path in sorted(pathlib.Path(folder).rglob("*.yaml")):
        for doc in read(path):
            if doc["kind"] == "Kustomization" and doc["apiVersion"].startswith("kustomize.toolkit"):
                named = [(doc["spec"]["path"], None)]
                if not any(other["kind"] == doc["spec"]["sourceRef"]["kind"] for other in read(path)):
                    yield f"{path}: its source is not in the file"
            elif doc["kind"] == "GitRepository":
                named = [(".", doc["spec"]["ref"]["tag"])]
            elif doc["kind"] == "Application":
                named = [(doc["spec"]["source"]["path"], doc["spec"]["source"]["targetRevision"])]
            else:
                named = re.findall(rf"{OURS}//([\w./-]+)\?ref=(\S+)", path.read_text(encoding="utf-8"))
                if not named and "../../overlays/" not in path.read_text(encoding="utf-8"):
                    yield f"{path}: it names nothing of {OURS}"
            for place, tag in named:
                if not pathlib.Path(place).is_dir():
                    yield f"{path}: there is no {place}"
                if tag and tag != f"v{version}":
                    yield f"{path}: the version is {tag}, and this is v{version}"


def commands(path):
    """Whoever deploys to a cluster elsewhere is told to name the registry that it pulls from."""
    for number, line in enumerate(pathlib.Path(path).read_text(encoding="utf-8").splitlines(), 1):
        if re.search(r"skaffold (run|dev).* -p (staging|production)\b", line) and "--default-repo" not in line:
            yield f"{path}:{number}: no cluster elsewhere can pull the image without --default-repo"


def labels(folder, guide):
    """Each label that a policy wants of somebody's namespace is named in the guide for operators."""
    text = pathlib.Path(guide).read_text(encoding="utf-8")
    for path in sorted(pathlib.Path(folder).rglob("*.yaml")):
        policies = [doc["spec"] for doc in read(path) if doc.get("kind") == "NetworkPolicy"]
        for label in re.findall(r'"(data-infrastructure/[\w-]+)"', json.dumps(policies)):
            if label not in text:
                yield f"{path}: {guide} does not name {label}"


def versions(version):
    """Tags and labels of the base are the program's version."""
    (base,) = read("k8s/base/kustomization.yaml")
    tag = base["images"][0]["newTag"]
    label = base["labels"][0]["pairs"]["app.kubernetes.io/version"]
    for what, is_so in (("newTag", tag), ("app.kubernetes.io/version", label)):
        if is_so != version:
            yield f"k8s/base/kustomization.yaml: {what} is {is_so}, and Cargo.toml's version {version}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--schema")
    arguments = parser.parse_args()
    if arguments.schema and not pathlib.Path(arguments.schema).exists():
        print(f"LEFT OUT the form of skaffold.yaml: there is no {arguments.schema}")
        arguments.schema = None
    manifest = tomllib.loads(pathlib.Path("Cargo.toml").read_text(encoding="utf-8"))
    version = manifest["workspace"]["package"]["version"]
    wrong = [*skaffold("skaffold.yaml", arguments.schema), *examples("k8s/examples", version), *versions(version)]
    wrong += [problem for path in TOLD for problem in commands(path)]
    wrong += labels("k8s", "docs/operations.md")
    print("\n".join(wrong) or "skaffold.yaml, examples and versions name what is there")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
