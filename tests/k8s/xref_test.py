"""Each rule of xref.py, shown to see what it is for: the real builds are broken on purpose, one place after the other.

xref_test.py FOLDER --template FILE…: the folder holds the builds of BUILDS.
"""

import argparse
import ast
import sys

from breaking import GONE, broken
from bundle import Bundle
from xref import RULES, problems

BUILDS = ("argo-cd", "development", "migrate", "production", "restore", "sync-test")
DAEMON, POD, BOX = "Deployment/data-infrastructure", "spec.template.spec", "spec.template.spec.containers.0"
POSTGRES, MIGRATE = "StatefulSet/postgres", "Job/data-infrastructure-migrate"
CONFIG, TOML = "ConfigMap/data-infrastructure", "data.config~toml"
MONITOR = {
    "kind": "ServiceMonitor",
    "metadata": {"name": "x"},
    "spec": {"selector": {"matchLabels": {"app.kubernetes.io/name": "data-infrastructure"}}, "endpoints": [{"port": "http"}]},
}

# The rule, the build, the object, where (dots between keys, ~ for a dot within one), what comes there, and what is said.
BREAKS = """
names             production  Service/data-infrastructure  metadata.name               | "Data_1"          | no DNS label
names             production  Service/data-infrastructure  metadata.labels.app~kubernetes~io/part-of | GONE | no label
names             production  Service/data-infrastructure  metadata.labels.x           | "a b"             | cannot be
namespaces        production  DAEMON                       metadata.namespace          | "default"         | its namespace is default
namespaces        production  Namespace/data-infrastructure-production metadata.labels.pod-security~kubernetes~io/enforce | "baseline" | is not restricted
namespaces        production  Namespace/data-infrastructure-production metadata.labels.pod-security~kubernetes~io/warn-version | GONE | warn-version is not given
selectors         production  DAEMON      spec.selector.matchLabels.x                  | "y"               | does not select its own
selectors         production  DAEMON      spec.selector.matchLabels.app~kubernetes~io/version | "0.1.0"    | cannot be changed
selectors         production  DAEMON      spec.template.metadata.labels.app~kubernetes~io/managed-by | GONE | its pods have no label
selectors         production  DAEMON      POD.topologySpreadConstraints.0.labelSelector.matchLabels.x | "y" | does not count its own pods
selectors         development POSTGRES    spec.selector.matchLabels                    | {}                | the pods of Deployment/data-infrastructure as well
rollouts          production  DAEMON      spec.strategy.rollingUpdate.maxUnavailable   | 1                 | may take daemons away
rollouts          production  DAEMON      spec.strategy                                | {}                | no strategy
rollouts          development POSTGRES    spec.revisionHistoryLimit                    | GONE              | no revisionHistoryLimit
services          production  Service/data-infrastructure spec.selector.x              | "y"               | of 0 workloads
services          production  Service/data-infrastructure spec.ports.0.targetPort      | "web"             | targetPort web
services          development POSTGRES    spec.serviceName                             | "pg"              | the service pg
budgets           production  PodDisruptionBudget/data-infrastructure spec.selector.matchLabels.x | "y"    | of 0 workloads
budgets           production  PodDisruptionBudget/data-infrastructure spec.maxUnavailable | 0              | no pod may ever move
budgets           production  PodDisruptionBudget/data-infrastructure spec.minAvailable | 2                | no pod may ever move
budgets           production  DAEMON      spec.replicas                                | 1                 | which could never move
jobs              migrate     MIGRATE     spec.backoffLimit                            | GONE              | no backoffLimit
jobs              migrate     MIGRATE     spec.ttlSecondsAfterFinished                 | GONE              | no ttlSeconds
jobs              migrate     MIGRATE     POD.restartPolicy                            | "Always"          | restartPolicy is neither
waves             migrate     MIGRATE     metadata.annotations.argocd~argoproj~io/hook | "PreSync"         | is not when what its pods need
waves             argo-cd     MIGRATE     metadata.annotations.argocd~argoproj~io/sync-wave | GONE         | ServiceAccount/data-infrastructure is not there before
waves             argo-cd     DAEMON      metadata.annotations.argocd~argoproj~io/sync-wave | GONE         | not after it
network_policies  production  NetworkPolicy/data-infrastructure spec.podSelector.matchLabels.x | "y"       | selects no pod
network_policies  production  NetworkPolicy/postgres spec.podSelector.matchLabels.cnpg~io/cluster | "pg"   | selects no pod
network_policies  production  NetworkPolicy/data-infrastructure spec.policyTypes       | ["Ingress"]       | are not both
network_policies  production  NetworkPolicy/data-infrastructure spec.ingress.0.ports.0.port | "web"        | has the port web
network_policies  production  NetworkPolicy/default-deny spec.podSelector.matchLabels  | {"app.kubernetes.io/name": "data-infrastructure"} | none that refuses the rest
monitors          monitored   ServiceMonitor/x spec.selector.matchLabels.x             | "y"               | selects no service
monitors          monitored   ServiceMonitor/x spec.endpoints.0.port                   | "metrics"         | has the port metrics
databases         production  Cluster/postgres spec.instances                          | 1                 | cannot fail over
databases         production  Cluster/postgres spec.storage.size                       | "20 GB"           | no quantity
databases         production  Cluster/postgres spec.plugins.0.parameters.barmanObjectName | "s3"           | the object store s3
databases         production  Cluster/postgres spec.plugins.0.isWALArchiver            | False             | nothing archives
databases         production  ScheduledBackup/postgres spec.cluster.name               | "pg"              | no backup is scheduled
databases         production  ScheduledBackup/postgres spec.cluster.name               | "pg"              | the cluster is not
databases         production  ScheduledBackup/postgres spec.schedule                   | "30 20 * * *"     | six fields
databases         restore     Cluster/postgres spec.bootstrap.initdb                   | {}                | begins in 2 ways
databases         restore     Cluster/postgres spec.bootstrap.recovery.source          | "postgres"        | no external cluster is called
databases         restore     Cluster/postgres spec.externalClusters.0.plugin.parameters.barmanObjectName | "s3" | the object store of before
databases         restore     Cluster/postgres spec.plugins.0.parameters.serverName    | GONE              | that it is restored from
databases         production  ObjectStore/postgres spec.configuration.s3Credentials.accessKeyId.key | "ID" | no key ID
volumes           production  DAEMON      BOX.volumeMounts.0.name                      | "x"               | the mount x has no volume
volumes           production  DAEMON      BOX.volumeMounts.0.name                      | "tmp"             | nobody mounts the volume
volumes           production  DAEMON      BOX.volumeMounts.0.subPath                   | "config.toml"     | has a subPath
volumes           production  DAEMON      BOX.volumeMounts.0.mountPath                 | "/tmp"            | /tmp is mounted twice
volumes           migrate     MIGRATE     POD.volumes.3.emptyDir.sizeLimit             | GONE              | has no sizeLimit
volumes           migrate     MIGRATE     POD.volumes.1.secret.secretName              | "x"               | a secret x that nobody makes
volumes           migrate     MIGRATE     POD.volumes.0.configMap.name                 | "x"               | a configMap x that nobody makes
volumes           migrate     MIGRATE     POD.volumes.2.secret.items                   | [{"key": "x", "path": "y"}] | no key for y
variables         development DAEMON      BOX.env.1.value                              | "pg"              | POSTGRES_HOST pg
variables         development DAEMON      BOX.env.1.name                               | "POSTGRES_PORT"   | is set twice
variables         development DAEMON      BOX.env.3.value                              | "/run/secrets/postgres/db" | nothing is mounted at
variables         development DAEMON      BOX.env.3.valueFrom                          | {"secretKeyRef": {"name": "postgres-secret", "key": "x"}} | no key x
variables         development DAEMON      BOX.env.3.valueFrom                          | {"secretKeyRef": {"name": "postgres-secret", "key": "dbname"}} | mount it as a file
config            development DAEMON      BOX.args.1                                   | "/etc/config.toml" | nothing is mounted there
config            development CONFIG      TOML                                         | "x"               | config.toml:
config            development CONFIG      TOML                                         | "[server]\\nlisten = '0.0.0.0:8080'\\ntoken_file = '/x'" | server.token_file names /x
config            development CONFIG      TOML                                         | "[server]\\nlisten = '0.0.0.0:8081'" | cannot be reached
config            development CONFIG      TOML                                         | "[log]\\nlevel = 'info'" | cannot be reached
config            development CONFIG      TOML                                         | "[server]\\nlisten = '0.0.0.0:8080'\\nshutdown_grace = '40s'" | less than shutdown_grace
probes            development DAEMON      BOX.livenessProbe                            | GONE              | no livenessProbe
probes            development DAEMON      BOX.livenessProbe.httpGet.port               | "web"             | the port web of the livenessProbe
probes            development DAEMON      BOX.startupProbe.httpGet.path                | "/readyz"         | an outage would restart
resources         development DAEMON      BOX.resources.requests.memory                | "64Mb"            | 64Mb is no quantity
resources         development DAEMON      BOX.resources.requests.memory                | "1Gi"             | more memory is requested
resources         development DAEMON      BOX.resources.limits                         | {}                | memory is not given
images            development POSTGRES    BOX.image                                    | "docker.io:443/library/postgres" | has no version
images            development POSTGRES    BOX.image                                    | "postgres:latest" | has no version
images            development DAEMON      BOX.image                                    | "data-infrastructure:0.0.9" | the image's version is 0.0.9
restricted        development DAEMON      POD.hostNetwork                              | True              | hostNetwork
restricted        development DAEMON      POD.volumes.3                                | {"name": "tmp", "hostPath": {"path": "/tmp"}} | forbidden type
restricted        development DAEMON      POD.automountServiceAccountToken             | GONE              | automountServiceAccountToken
restricted        development DAEMON      POD.enableServiceLinks                       | True              | enableServiceLinks
restricted        development DAEMON      POD.serviceAccountName                       | GONE              | service account default
restricted        development DAEMON      POD.securityContext.runAsNonRoot             | GONE              | runAsNonRoot
restricted        development DAEMON      POD.securityContext.runAsUser                | 0                 | runAsUser
restricted        development DAEMON      POD.securityContext.seccompProfile           | GONE              | seccompProfile
restricted        development DAEMON      BOX.securityContext.allowPrivilegeEscalation | GONE              | allowPrivilegeEscalation
restricted        development DAEMON      BOX.securityContext.privileged               | True              | privileged
restricted        development DAEMON      BOX.securityContext.capabilities.drop        | []                | capabilities.drop
restricted        development DAEMON      BOX.securityContext.capabilities.add         | ["SYS_ADMIN"]     | capabilities.add
restricted        development DAEMON      BOX.securityContext.procMount                | "Unmasked"        | procMount
restricted        development DAEMON      BOX.ports.0.hostPort                         | 80                | hostPort
restricted        sync-test   Deployment/data-infrastructure-test metadata.annotations | {}                | readOnlyRootFilesystem
"""


def cases():
    for line in filter(None, BREAKS.splitlines()):
        where, value, said = (part.strip() for part in line.split(" | "))
        rule, build, target, path = where.split()
        target = globals().get(target, target)
        for short in ("POD", "BOX", "TOML"):
            path = path.replace(short, globals()[short]) if path.startswith(short) else path
        yield rule, build, target, path, GONE if value == "GONE" else ast.literal_eval(value), said


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--template", nargs="*", default=[])
    arguments = parser.parse_args()
    builds = {
        build: Bundle.read(f"{arguments.folder}/{build}.yaml", arguments.template)
        for build in BUILDS
    }
    secrets = Bundle.read("/dev/null", arguments.template).secrets
    templates = [{"kind": "Secret", "metadata": {"name": name}, "data": keys} for name, keys in secrets.items()]
    builds["monitored"] = Bundle([*builds["production"].docs, MONITOR], templates)
    failed, proven = [], set()
    for rule, build, target, path, value, said in cases():
        function = next(function for function in RULES if function.__name__ == rule)
        before = set(function(builds[build]))
        after = set(function(Bundle(broken(builds[build], target, path, value), templates))) - before
        proven.add(rule)
        if not any(said in problem for problem in after):
            failed.append(f"{rule}: {build}: {path} = {value!r} went unseen; said was: {sorted(after)}")
    failed += [f"{function.__name__}: no case shows what it sees" for function in RULES if function.__name__ not in proven]
    failed += [f"{build}: {problem}" for build, bundle in builds.items() if build != "monitored" for problem in problems(bundle)]
    print("\n".join(failed) or f"{len(RULES)} rules see {len(list(cases()))} mistakes")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
