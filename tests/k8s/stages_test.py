"""The other checks, shown to see what they are for: schemas, the program's own reading of config.toml, skaffold.yaml, the
examples and the version, each broken on purpose.

stages_test.py PROGRAM FOLDER [--schema FILE] [--operators FILE] --template FILE…: FOLDER holds the builds.
"""

import argparse
import copy
import pathlib
import sys
import tempfile

import yaml

import configs
import references
import schemas
from breaking import GONE, broken, set_at
from bundle import Bundle, title

# The object, where, what comes there, and what is said.
SCHEMAS = [
    ("Deployment/data-infrastructure", "spec.replica", 2, "Additional properties"),
    ("Deployment/data-infrastructure", "spec.replicas", "2", "is not of type 'integer'"),
    ("Deployment/data-infrastructure", "spec.selector", GONE, "'selector' is a required property"),
    ("Deployment/data-infrastructure", "apiVersion", "apps/v2", "nobody knows a apps/v2|Deployment"),
    ("Service/data-infrastructure", "kind", "Servce", "nobody knows a v1|Servce"),
    ("Cluster/postgres", "spec.instance", 3, "Additional properties"),
    ("Cluster/postgres", "spec.bootstrap.recovery", {"source": "before"}, "'database' is a required property"),
    ("Cluster/postgres", "spec.externalClusters", [{"name": "before"}], "'plugin' is a required property"),
    ("Cluster/postgres", "spec.storage", GONE, "'storage' is a required property"),
    ("Cluster/postgres", "spec.postgresql.synchronous.method", "all", "'all' is not one of"),
    ("ScheduledBackup/postgres", "spec.method", "plug-in", "'plug-in' is not one of"),
    ("ObjectStore/postgres", "spec.configuration.wal.compression", "rar", "'rar' is not one of"),
    ("ServiceMonitor/x", "spec.endpoints.0.pathh", "/metrics", "Additional properties"),
    ("ServiceMonitor/x", "spec.endpoints", GONE, "'endpoints' is a required property"),
]
MONITOR = {
    "apiVersion": "monitoring.coreos.com/v1",
    "kind": "ServiceMonitor",
    "metadata": {"name": "x"},
    "spec": {"selector": {}, "endpoints": [{"port": "http"}]},
}

CONFIGS = [
    ("ConfigMap/data-infrastructure", "[server]\nlisten = '0.0.0.0:8080'\ntokn = 'x'", "unknown key"),
    ("ConfigMap/data-infrastructure", "[jobs.stock]\nschedule = '61 * * * *'", "jobs.stock.schedule"),
    ("ConfigMap/data-infrastructure", "[server]\nlisten = '0.0.0.0:8080'", "token"),
]

SKAFFOLD = [
    ("profiles.0.name", "migrat", "there is no profile migrate"),
    ("profiles.0.manifests.kustomize.paths", ["k8s/overlays/none"], "there is no k8s/overlays/none"),
    ("profiles.0.deploy.kubectl.hooks.after.0.host.command", ["k8s/wait"], "there is no k8s/wait"),
    ("profiles.0.deploy.kubectl.hooks.after.0.host.command", ["data-infrastructure-staging"], "namespace is not"),
    ("profiles.1.build.artifacts.0.sync.manual.0.src", "sources/**/*", "nothing is called sources"),
    ("profiles.1.build.artifacts.0.image", "tests", "no manifest has the image tests"),
    ("build.artifacts.0.docker.dockerfile", "Containerfile", "there is no Containerfile"),
    ("portForward.0.namespace", "data-infrastructure", "namespace is not data-infrastructure"),
    ("build.artefacts", [], "build"),
]

EXAMPLES = [
    ("flux/data-infrastructure.yaml", "./k8s/overlays/production", "./k8s/overlays/prod", "there is no ./k8s/overlays/prod"),
    ("flux/data-infrastructure.yaml", "tag: v", "tag: v9", "the version is v9"),
    ("flux/data-infrastructure.yaml", "kind: GitRepository\n    name", "kind: Bucket\n    name", "its source is not in the file"),
    ("argo-cd/application.yaml", "targetRevision: v", "targetRevision: v9", "the version is v9"),
    ("own-repository/kustomization.yaml", "//k8s/base?", "//k8s/bse?", "there is no k8s/bse"),
]


def unseen_schemas(arguments):
    """Schemas, by objects of production."""
    build = Bundle.read(f"{arguments.folder}/production.yaml", [])
    build = Bundle([*(doc for doc in build.docs if doc["kind"] != "ServiceMonitor"), MONITOR])
    crds = schemas.known(arguments.operators)
    for target, path, value, said in SCHEMAS:
        if target == title(MONITOR) and f"{MONITOR['apiVersion']}|{MONITOR['kind']}" not in crds:
            continue
        docs = broken(build, target, path, value)
        found = [schemas.problem(doc, schemas.OLDEST, crds, set()) for doc in docs]
        if not any(said in problem for problem in found if problem):
            yield f"schemas: {target} {path} = {value!r}: {[problem for problem in found if problem]}"


def unseen_configs(arguments):
    """The program, by development's Deployment."""
    build = Bundle.read(f"{arguments.folder}/development.yaml", arguments.template)
    templates = [{"kind": "Secret", "metadata": {"name": name}, "data": keys} for name, keys in build.secrets.items()]
    for target, text, said in CONFIGS:
        bundle = Bundle(broken(build, target, "data.config~toml", text), templates)
        for doc, pod, container in bundle.containers():
            if doc["kind"] == "Deployment":
                found = configs.check(arguments.program, bundle, doc, pod, container)
                if said not in (found or ""):
                    yield f"config.toml: {text!r}: {found}"


def unseen_references(arguments):
    """skaffold.yaml and the examples, as copies, and the version."""
    (good,) = references.read("skaffold.yaml")
    with tempfile.TemporaryDirectory() as folder:
        copied = pathlib.Path(folder, "skaffold.yaml")
        for path, value, said in SKAFFOLD:
            whole = copy.deepcopy(good)
            set_at(whole, path, value)
            copied.write_text(yaml.safe_dump(whole), encoding="utf-8")
            found = list(references.skaffold(copied, arguments.schema))
            if not any(said in problem for problem in found) and (path != "build.artefacts" or arguments.schema):
                yield f"skaffold.yaml: {path} = {value!r}: {found}"
        version = references.read("k8s/base/kustomization.yaml")[0]["images"][0]["newTag"]
        for number, (file, old, new, said) in enumerate(EXAMPLES):
            text = pathlib.Path("k8s/examples", file).read_text(encoding="utf-8")
            copied = pathlib.Path(folder, str(number), file)
            copied.parent.mkdir(parents=True)
            copied.write_text(text.replace(old, new), encoding="utf-8")
            found = list(references.examples(copied.parent, version))
            if not any(said in problem for problem in found):
                yield f"examples: {file}: {new!r}: {found}"
        told = pathlib.Path(folder, "told.md")
        told.write_text("skaffold run -p staging\n", encoding="utf-8")
        if len(list(references.commands(told))) != 1:
            yield "commands: an image that nobody can pull went unseen"
        if len({problem.split()[-1] for problem in references.labels("k8s", told)}) != 3:
            yield f"labels: one went unseen: {list(references.labels('k8s', told))}"
    if len(list(references.versions("9.9.9"))) != 2:
        yield "versions: another version went unseen"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("folder")
    parser.add_argument("--schema")
    parser.add_argument("--operators")
    parser.add_argument("--template", nargs="*", default=[])
    arguments = parser.parse_args()
    if arguments.schema and not pathlib.Path(arguments.schema).exists():
        arguments.schema = None
    failed = [*unseen_schemas(arguments), *unseen_configs(arguments), *unseen_references(arguments)]
    count = len(SCHEMAS) + len(CONFIGS) + len(SKAFFOLD) + len(EXAMPLES) + 3
    print("\n".join(failed) or f"schemas, program and references see {count} mistakes")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
