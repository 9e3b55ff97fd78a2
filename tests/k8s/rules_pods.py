"""Rules for pods: volumes, files, probes, quantities, and Pod Security `restricted` with a little more."""

import tomllib

from bundle import excused, quantity, seconds, title

# What the daemon needs after `shutdown_grace`: last requests, last loops, closing the pool.
AFTER_GRACE = 10
# Variables that name a file, beside those that end in _FILE.
FILE_VARIABLES = ("PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY")
RESTRICTED_VOLUMES = {
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret",
}  # fmt: skip


def volumes(bundle):
    """Each mount has its volume, each volume its mount and its source, nothing is mounted twice or by subPath."""
    for doc, template in bundle.templates():
        pod = template["spec"]
        there = {volume["name"] for volume in pod.get("volumes", [])}
        there |= {claim["metadata"]["name"] for claim in doc["spec"].get("volumeClaimTemplates", [])}
        mounts = [m for c in pod["containers"] + pod.get("initContainers", []) for m in c.get("volumeMounts", [])]
        for mount in mounts:
            if mount["name"] not in there:
                yield f"{title(doc)}: the mount {mount['name']} has no volume"
            if "subPath" in mount:
                yield f"{title(doc)}: the mount {mount['name']} has a subPath, so that changes do not reach it"
        for unused in there - {mount["name"] for mount in mounts}:
            yield f"{title(doc)}: nobody mounts the volume {unused}"
        paths = [mount["mountPath"] for mount in mounts]
        for path in {path for path in paths if paths.count(path) > 1}:
            yield f"{title(doc)}: {path} is mounted twice"
        for volume in pod.get("volumes", []):
            if "emptyDir" in volume and quantity((volume["emptyDir"] or {}).get("sizeLimit")) is None:
                yield f"{title(doc)}: the emptyDir {volume['name']} has no sizeLimit"
            source = bundle.source(volume)
            if source and source[2] is None:
                yield f"{title(doc)}: the volume {volume['name']} is of a {source[0]} {source[1]} that nobody makes"
            elif source:
                for path in (path for path, text in source[2].items() if text is None):
                    yield f"{title(doc)}: the volume {volume['name']}: {source[1]} has no key for {path}"


def variables(bundle):
    """What variables take from elsewhere is there, the files they name are mounted, the database has a name."""
    for doc, pod, container in bundle.containers():
        files, seen = bundle.files(pod, container), set()
        for variable in container.get("env", []):
            named, value = variable["name"], variable.get("value", "")
            if named in seen:
                yield f"{title(doc)}: the variable {named} is set twice"
            seen.add(named)
            for key, held in (("configMapKeyRef", bundle.config_maps), ("secretKeyRef", bundle.secrets)):
                reference = variable.get("valueFrom", {}).get(key)
                if reference and reference["key"] not in held.get(reference["name"], {}):
                    yield f"{title(doc)}: the variable {named}: no key {reference['key']} in {reference['name']}"
            if "secretKeyRef" in variable.get("valueFrom", {}):
                yield f"{title(doc)}: the variable {named} holds a secret: mount it as a file"
            if (named.endswith("_FILE") or named in FILE_VARIABLES) and value not in files:
                yield f"{title(doc)}: the variable {named}: nothing is mounted at {value}"
            if named == "POSTGRES_HOST" and "." not in value and value not in bundle.services:
                yield f"{title(doc)}: POSTGRES_HOST {value} is no service of this environment"


def config(bundle):
    """config.toml is mounted where --config says, and what it says of files, ports and times holds in its pod."""
    for doc, pod, container in bundle.containers():
        arguments, files = container.get("args", []), bundle.files(pod, container)
        if "--config" not in arguments:
            continue
        path = arguments[arguments.index("--config") + 1]
        if path not in files:
            yield f"{title(doc)}: --config {path}: nothing is mounted there"
            continue
        try:
            settings = tomllib.loads(files[path])
        except tomllib.TOMLDecodeError as error:
            yield f"{title(doc)}: {path}: {error}"
            continue
        for key, file in _files_named(settings):
            if file not in files:
                yield f"{title(doc)}: {path}: {key} names {file}, and nothing is mounted there"
        server = settings.get("server", {})
        ports = {port["containerPort"] for port in container.get("ports", [])}
        host, _, port = server.get("listen", "127.0.0.1:8080").rpartition(":")
        if "serve" in arguments and (host.startswith(("127.", "localhost", "[::1")) or int(port) not in ports):
            yield f"{title(doc)}: {path}: server.listen {host}:{port} cannot be reached at a port of the container"
        grace = seconds(server.get("shutdown_grace", "25s"))
        if pod.get("terminationGracePeriodSeconds", 30) < grace + AFTER_GRACE and "serve" in arguments:
            yield f"{title(doc)}: terminationGracePeriodSeconds is less than shutdown_grace and {AFTER_GRACE} s"


def _files_named(table, path=""):
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _files_named(value, f"{path}{key}.")
        elif key.endswith("_file"):
            yield path + key, value


def probes(bundle):
    """Who serves is probed; ports are declared; what restarts a pod never asks for the database."""
    for doc, _, container in bundle.containers():
        ports = {key for port in container.get("ports", []) for key in (port.get("name"), port["containerPort"])}
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            if probe not in container and doc["kind"] != "Job" and not excused(doc, "CKV_K8S_8"):
                yield f"{title(doc)}: no {probe}"
            asked = container.get(probe, {}).get("httpGet", {})
            if asked and asked["port"] not in ports:
                yield f"{title(doc)}: the port {asked['port']} of the {probe} is not the container's"
            if asked and probe != "readinessProbe" and asked["path"] != "/livez":
                yield f"{title(doc)}: the {probe} asks {asked['path']}: an outage would restart the pod"


def resources(bundle):
    """Quantities are such, requests are at most the limits, and memory has both."""
    for doc, _, container in bundle.containers():
        given = container.get("resources", {})
        for part, of in given.items():
            for key, text in of.items():
                if quantity(text) is None:
                    yield f"{title(doc)}: resources.{part}.{key}: {text} is no quantity"
        requests, limits = given.get("requests", {}), given.get("limits", {})
        for key in ("cpu", "memory"):
            if key not in requests or (key == "memory" and key not in limits):
                yield f"{title(doc)}: resources: {key} is not given"
        for key in requests.keys() & limits.keys():
            if (quantity(requests[key]) or 0) > (quantity(limits[key]) or 0):
                yield f"{title(doc)}: resources: more {key} is requested than the limit"


def images(bundle):
    """Each image has a version, and the daemon's is that of its label."""
    for doc, template in bundle.templates():
        version = template["metadata"]["labels"].get("app.kubernetes.io/version")
        for container in template["spec"]["containers"]:
            image, _, tag = container["image"].rpartition(":")
            if "@sha256:" not in container["image"] and (not image or "/" in tag or tag == "latest"):
                yield f"{title(doc)}: the image {container['image']} has no version"
            elif version and "@" not in image and tag != version:
                yield f"{title(doc)}: the image's version is {tag}, the label's {version}"


def restricted(bundle):
    """Pod Security `restricted`, and beyond it: read-only root, no account's token, no links to services."""
    for doc, template in bundle.templates():
        pod = template["spec"]
        for key in ("hostNetwork", "hostPID", "hostIPC"):
            if pod.get(key):
                yield f"{title(doc)}: restricted: {key}"
        for volume in pod.get("volumes", []):
            if not RESTRICTED_VOLUMES & volume.keys():
                yield f"{title(doc)}: restricted: the volume {volume['name']} is of a forbidden type"
        for key in ("automountServiceAccountToken", "enableServiceLinks"):
            if pod.get(key) is not False:
                yield f"{title(doc)}: {key} is not false"
        account = pod.get("serviceAccountName", "default")
        if not bundle.has("ServiceAccount", account):
            yield f"{title(doc)}: the service account {account} is not of this environment"
    for doc, pod, container in bundle.containers():
        own, shared = container.get("securityContext", {}), pod.get("securityContext", {})
        both = {**shared, **own}
        wrong = {
            "runAsNonRoot": both.get("runAsNonRoot") is not True,
            "runAsUser": not both.get("runAsUser"),
            "seccompProfile": both.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"),
            "allowPrivilegeEscalation": own.get("allowPrivilegeEscalation") is not False,
            "privileged": bool(own.get("privileged")),
            "capabilities.drop": "ALL" not in own.get("capabilities", {}).get("drop", []),
            "capabilities.add": bool(set(own.get("capabilities", {}).get("add", [])) - {"NET_BIND_SERVICE"}),
            "procMount": own.get("procMount", "Default") != "Default",
            "hostPort": any("hostPort" in port for port in container.get("ports", [])),
            "readOnlyRootFilesystem": own.get("readOnlyRootFilesystem") is not True and not excused(doc, "CKV_K8S_22"),
        }
        for key in (key for key, is_wrong in wrong.items() if is_wrong):
            yield f"{title(doc)}: restricted: {key} of {container['name']}"


RULES = [volumes, variables, config, probes, resources, images, restricted]
