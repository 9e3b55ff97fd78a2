"""The objects of one environment, as `kubectl kustomize` prints them, and what follows from them.

Secrets are not in a build: they are known from the templates beside the manifests, and from the operator that makes them.
"""

import re

import yaml

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job")
# What the operator CloudNativePG makes for a Cluster called X: secrets X-app and X-ca, services X-rw, X-ro and X-r.
OPERATOR_SECRETS = {
    "app": {"dbname", "username", "user", "password", "host", "port", "uri", "jdbc-uri", "pgpass"},
    "ca": {"ca.crt", "ca.key"},
}
OPERATOR_SERVICES = ("rw", "ro", "r")


class Bundle:
    def __init__(self, docs, templates=()):
        self.docs = [doc for doc in docs if doc]
        self.secrets, self.config_maps = {}, {}
        for doc in [*self.docs, *templates]:
            if doc["kind"] == "Secret":
                self.secrets[name(doc)] = {**doc.get("data", {}), **doc.get("stringData", {})}
            elif doc["kind"] == "ConfigMap":
                self.config_maps[name(doc)] = {**doc.get("data", {}), **doc.get("binaryData", {})}
        self.services = {name(doc) for doc in self.of("Service")}
        for cluster in self.of("Cluster"):
            for suffix, keys in OPERATOR_SECRETS.items():
                self.secrets[f"{name(cluster)}-{suffix}"] = dict.fromkeys(keys, "")
            self.services |= {f"{name(cluster)}-{suffix}" for suffix in OPERATOR_SERVICES}

    @classmethod
    def read(cls, build, templates):
        def docs(path):
            with open(path, encoding="utf-8") as file:
                return list(yaml.safe_load_all(file))

        return cls(docs(build), [doc for path in templates for doc in docs(path)])

    def of(self, *kinds):
        return [doc for doc in self.docs if doc["kind"] in kinds]

    def has(self, kind, wanted):
        return any(name(doc) == wanted for doc in self.of(kind))

    def templates(self):
        """Each workload with its pods' template."""
        return [(doc, doc["spec"]["template"]) for doc in self.of(*WORKLOADS)]

    def containers(self):
        """Each container with its workload and its pod."""
        for doc, template in self.templates():
            pod = template["spec"]
            for container in pod.get("initContainers", []) + pod["containers"]:
                yield doc, pod, container

    def labelled(self, labels):
        """The templates of pods that have these labels."""
        return [(doc, template) for doc, template in self.templates() if within(labels, template["metadata"]["labels"])]

    def source(self, volume):
        """What a volume holds, when a ConfigMap or Secret: its kind, its name, and its values by their paths."""
        for kind, key, held in (("configMap", "name", self.config_maps), ("secret", "secretName", self.secrets)):
            if kind in volume:
                named = volume[kind].get(key)
                values = held.get(named)
                if values is not None and "items" in volume[kind]:
                    values = {item["path"]: values.get(item["key"]) for item in volume[kind]["items"]}
                return kind, named, values
        return None

    def files(self, pod, container):
        """What a container finds where: text by absolute path."""
        volumes = {volume["name"]: volume for volume in pod.get("volumes", [])}
        found = {}
        for mount in container.get("volumeMounts", []):
            source = self.source(volumes.get(mount["name"], {}))
            for path, text in ((source and source[2]) or {}).items():
                found[f"{mount['mountPath']}/{path}"] = text
        return found


def name(doc):
    return doc["metadata"]["name"]


def title(doc):
    return f"{doc['kind']}/{name(doc)}"


def within(wanted, labels):
    return all((labels or {}).get(key) == value for key, value in (wanted or {}).items())


def excused(doc, check):
    """Whether an annotation says why this check of checkov's does not apply."""
    notes = doc["metadata"].get("annotations", {})
    return any(key.startswith("checkov.io/skip") and text.startswith(f"{check}=") for key, text in notes.items())


_SUFFIX = {"": 1, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def quantity(text):
    """The number a quantity such as 100m or 64Mi means; none when it is no quantity."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?", str(text))
    return float(match[1]) * _SUFFIX[match[2] or ""] if match else None


def seconds(text):
    """The seconds of a duration of config.toml such as 25s or 1m 30s."""
    units = {"ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400}
    return sum(float(count) * units[unit] for count, unit in re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", text))
