"""Rules for objects: names, labels, namespaces, and whether what one says of another is so."""

import re

from bundle import name, quantity, title, within

LABELS = [f"app.kubernetes.io/{key}" for key in ("name", "instance", "component", "part-of", "managed-by")]
CLUSTER_WIDE = ("Namespace", "ClusterRole", "ClusterRoleBinding", "PersistentVolume", "StorageClass")
SECURITY = "pod-security.kubernetes.io/"
# Pods that an operator makes, by the label it gives them.
OPERATORS_LABEL = "cnpg.io/cluster"
# When Argo CD applies an object.
HOOK, WAVE = "argocd.argoproj.io/hook", "argocd.argoproj.io/sync-wave"


def names(bundle):
    """Names are DNS labels, given once, and every object says what it is part of."""
    seen = set()
    for doc in bundle.docs:
        if not re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", name(doc)):
            yield f"{title(doc)}: the name is no DNS label"
        if title(doc) in seen:
            yield f"{title(doc)}: there are two"
        seen.add(title(doc))
        labels = doc["metadata"].get("labels", {})
        for key in LABELS:
            if key not in labels:
                yield f"{title(doc)}: no label {key}"
        for key, value in labels.items():
            if not re.fullmatch(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?", str(value)):
                yield f"{title(doc)}: the label {key} cannot be {value}"


def namespaces(bundle):
    """One namespace, which refuses pods that are not restricted, and everything in it."""
    spaces = bundle.of("Namespace")
    if len(spaces) != 1:
        yield f"there are {len(spaces)} namespaces, not one"
        return
    labels = spaces[0]["metadata"].get("labels", {})
    for mode in ("enforce", "audit", "warn"):
        if labels.get(SECURITY + mode) != "restricted":
            yield f"{title(spaces[0])}: {SECURITY}{mode} is not restricted"
        if not re.fullmatch(r"latest|v1\.\d+", labels.get(f"{SECURITY}{mode}-version", "")):
            yield f"{title(spaces[0])}: {SECURITY}{mode}-version is not given"
    for doc in bundle.docs:
        there = doc["metadata"].get("namespace")
        if doc["kind"] not in CLUSTER_WIDE and there != name(spaces[0]):
            yield f"{title(doc)}: its namespace is {there}, not {name(spaces[0])}"


def selectors(bundle):
    """A workload's selector selects its own pods and nobody else's; pods have all labels."""
    for doc, template in bundle.templates():
        for key in LABELS:
            if key not in template["metadata"].get("labels", {}):
                yield f"{title(doc)}: its pods have no label {key}"
        wanted = doc["spec"].get("selector", {}).get("matchLabels")
        if wanted is None:
            continue
        if not within(wanted, template["metadata"]["labels"]):
            yield f"{title(doc)}: the selector does not select its own pods"
        if "app.kubernetes.io/version" in wanted:
            yield f"{title(doc)}: a selector cannot be changed, and the version is in it"
        for other, _ in bundle.labelled(wanted):
            if other is not doc:
                yield f"{title(doc)}: the selector selects the pods of {title(other)} as well"
        for spread in template["spec"].get("topologySpreadConstraints", []):
            if not within(spread["labelSelector"]["matchLabels"], template["metadata"]["labels"]):
                yield f"{title(doc)}: a topologySpreadConstraint does not count its own pods"


def rollouts(bundle):
    """A rollout takes nobody away before the next is there; what may be undone is limited."""
    for doc in bundle.of("Deployment"):
        strategy = doc["spec"].get("strategy", {})
        if strategy.get("type") == "RollingUpdate" and strategy["rollingUpdate"].get("maxUnavailable") != 0:
            yield f"{title(doc)}: a rollout may take daemons away: maxUnavailable is not 0"
        if strategy.get("type") not in ("RollingUpdate", "Recreate"):
            yield f"{title(doc)}: no strategy"
    for doc in bundle.of("Deployment", "StatefulSet"):
        if "revisionHistoryLimit" not in doc["spec"]:
            yield f"{title(doc)}: no revisionHistoryLimit"


def services(bundle):
    """A service leads to pods of one workload, at a port they have; a StatefulSet's service is there."""
    for doc in bundle.of("Service"):
        hit = bundle.labelled(doc["spec"].get("selector")) if doc["spec"].get("selector") else []
        if len(hit) != 1:
            yield f"{title(doc)}: the selector selects the pods of {len(hit)} workloads, not of one"
        for port in doc["spec"].get("ports", []) if hit else []:
            if port.get("targetPort", port["port"]) not in _ports(hit[0][1]["spec"]):
                yield f"{title(doc)}: targetPort {port.get('targetPort')} is not of {title(hit[0][0])}"
    for doc in bundle.of("StatefulSet"):
        if doc["spec"]["serviceName"] not in bundle.services:
            yield f"{title(doc)}: the service {doc['spec']['serviceName']} is not of this environment"


def _ports(pod):
    ports = [port for container in pod["containers"] for port in container.get("ports", [])]
    return {port.get("name") for port in ports} | {port["containerPort"] for port in ports}


def budgets(bundle):
    """A PodDisruptionBudget is for one workload, and lets go of some of its pods."""
    for doc in bundle.of("PodDisruptionBudget"):
        spec, hit = doc["spec"], bundle.labelled(doc["spec"]["selector"]["matchLabels"])
        if len(hit) != 1:
            yield f"{title(doc)}: the selector selects the pods of {len(hit)} workloads, not of one"
            continue
        replicas = hit[0][0]["spec"].get("replicas", 1)
        if replicas < 2:
            yield f"{title(doc)}: {title(hit[0][0])} has one pod, which could never move"
        if spec.get("minAvailable", 0) in (replicas, "100%") or spec.get("maxUnavailable", 1) in (0, "0%"):
            yield f"{title(doc)}: no pod may ever move"


def jobs(bundle):
    """A Job gives up, ends and goes."""
    for doc in bundle.of("Job"):
        for key in ("backoffLimit", "ttlSecondsAfterFinished"):
            if key not in doc["spec"]:
                yield f"{title(doc)}: no {key}"
        if doc["spec"]["template"]["spec"].get("restartPolicy") not in ("Never", "OnFailure"):
            yield f"{title(doc)}: restartPolicy is neither Never nor OnFailure"


def waves(bundle):
    """A Job that Argo CD runs in a sync comes after all that its pods need, and before the daemons."""
    for doc in bundle.of("Job"):
        notes = doc["metadata"].get("annotations", {})
        if HOOK in notes and notes[HOOK] != "Sync":
            yield f"{title(doc)}: {notes[HOOK]} is not when what its pods need is there and the daemons are not"
        for other in (other for other in bundle.docs if HOOK in notes and other is not doc):
            if other["kind"] == "Deployment" and _wave(other) <= _wave(doc):
                yield f"{title(other)}: starts with {title(doc)}, not after it"
            elif other["kind"] != "Deployment" and _wave(other) >= _wave(doc):
                yield f"{title(doc)}: {title(other)} is not there before it"


def _wave(doc):
    return int(doc["metadata"].get("annotations", {}).get(WAVE, "0"))


def network_policies(bundle):
    """A policy is for pods that are there, names both directions, and ports by the names they have."""
    for doc in bundle.of("NetworkPolicy"):
        labels = doc["spec"]["podSelector"].get("matchLabels", {})
        clusters = {name(cluster) for cluster in bundle.of("Cluster")}
        hit = bundle.labelled(labels)
        if not hit and labels.get(OPERATORS_LABEL) not in clusters:
            yield f"{title(doc)}: the selector selects no pod"
        if sorted(doc["spec"].get("policyTypes", [])) != ["Egress", "Ingress"]:
            yield f"{title(doc)}: policyTypes are not both"
        for rule in doc["spec"].get("ingress", []):
            for port in rule.get("ports", []):
                if hit and not any(port["port"] in _ports(template["spec"]) for _, template in hit):
                    yield f"{title(doc)}: no pod it selects has the port {port['port']}"
    policies = bundle.of("NetworkPolicy")
    if policies and not any(doc["spec"]["podSelector"] == {} for doc in policies):
        yield "there are network policies, and none that refuses the rest"


def monitors(bundle):
    """A ServiceMonitor finds a service and a port of it."""
    for doc in bundle.of("ServiceMonitor"):
        wanted = doc["spec"]["selector"].get("matchLabels", {})
        hit = [s for s in bundle.of("Service") if within(wanted, s["metadata"].get("labels"))]
        if not hit:
            yield f"{title(doc)}: the selector selects no service"
        there = {port.get("name") for service in hit for port in service["spec"]["ports"]}
        for endpoint in doc["spec"]["endpoints"] if hit else []:
            if endpoint.get("port") not in there:
                yield f"{title(doc)}: no service it selects has the port {endpoint.get('port')}"


def databases(bundle):
    """The operator's objects name each other, the secrets they want are known, and sizes are such."""
    for doc in bundle.of("Cluster"):
        if doc["spec"]["instances"] < 2:
            yield f"{title(doc)}: one instance cannot fail over"
        for key in ("storage", "walStorage"):
            if key in doc["spec"] and quantity(doc["spec"][key]["size"]) is None:
                yield f"{title(doc)}: {key}.size is no quantity"
        for plugin in doc["spec"].get("plugins", []):
            store = plugin.get("parameters", {}).get("barmanObjectName")
            if not bundle.has("ObjectStore", store):
                yield f"{title(doc)}: the object store {store} is not of this environment"
        if not any(plugin.get("isWALArchiver") for plugin in doc["spec"].get("plugins", [])):
            yield f"{title(doc)}: nothing archives its WAL"
        if not any(backup["spec"]["cluster"]["name"] == name(doc) for backup in bundle.of("ScheduledBackup")):
            yield f"{title(doc)}: no backup is scheduled"
        yield from _recovery(bundle, doc)
    for doc in bundle.of("ScheduledBackup"):
        if not bundle.has("Cluster", doc["spec"]["cluster"]["name"]):
            yield f"{title(doc)}: the cluster is not of this environment"
        if len(doc["spec"]["schedule"].split()) != 6:
            yield f"{title(doc)}: the schedule has not six fields"
    for doc in bundle.of("ObjectStore"):
        for reference in doc["spec"]["configuration"].get("s3Credentials", {}).values():
            if reference["key"] not in bundle.secrets.get(reference["name"], {}):
                yield f"{title(doc)}: no key {reference['key']} in a secret {reference['name']}"


def _recovery(bundle, doc):
    """A cluster begins in one way; one that is restored reads an archive that is known, and writes another one."""
    ways = doc["spec"].get("bootstrap", {})
    if len(ways) != 1:
        yield f"{title(doc)}: it begins in {len(ways)} ways, not one"
    if "recovery" not in ways:
        return
    source = ways["recovery"]["source"]
    others = {other["name"]: other["plugin"]["parameters"] for other in doc["spec"].get("externalClusters", [])}
    if source not in others:
        yield f"{title(doc)}: no external cluster is called {source}"
        return
    if not bundle.has("ObjectStore", others[source].get("barmanObjectName")):
        yield f"{title(doc)}: the object store of {source} is not of this environment"
    for plugin in doc["spec"].get("plugins", []):
        if _archive(doc, plugin["parameters"]) == _archive(doc, others[source]):
            yield f"{title(doc)}: it would write into the archive that it is restored from"


def _archive(doc, parameters):
    return parameters.get("barmanObjectName"), parameters.get("serverName", name(doc))


RULES = [
    names, namespaces, selectors, rollouts, services, budgets, jobs, waves, network_policies, monitors, databases,
]  # fmt: skip
