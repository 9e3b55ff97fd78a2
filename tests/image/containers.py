"""The program started as in a pod: a container of its image, by podman, or without an image in a folder of its own."""

import contextlib
import json
import os
import pathlib
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).parent
USER = 65532


class Container:
    """One start of the image TAG by podman, with root, and with the cgroup as its memory."""

    def __init__(self, tag, cgroup, data, environment, arguments, mounts=()):
        # Started by hand, step by step: the process is there, and in its cgroup, before it runs. podman's own cgroups want
        # a systemd; its schedule of health checks does, too.
        options = ["--network=host", "--cgroups=disabled", "--read-only", "--tmpfs=/tmp:rw,size=64m,mode=1777"]
        options += ["--cap-drop=ALL", "--security-opt=no-new-privileges", "--ulimit=nofile=1024:1024"]
        options += ["--ulimit=nproc=1024:1024", "--pull=never", "--health-interval=disable"]
        options += [f"--volume={data}:/app/data"] + [f"--volume={mount}:ro" for mount in mounts]
        options += [f"--env={name}={value}" for name, value in environment.items()]
        self.name = podman("create", *options, tag, *arguments)
        podman("init", self.name)
        self.pid = int(podman("inspect", "--format", "{{.State.Pid}}", self.name))
        if cgroup:
            cgroup.add(self.pid)
        self.started = time.monotonic()
        podman("start", self.name)

    def alive(self):
        return pathlib.Path(f"/proc/{self.pid}/status").exists()

    def signal(self, name):
        podman("kill", "--signal", name, self.name)

    def wait(self):
        """How it ended: its exit status, or 128 and the signal."""
        return int(podman("wait", self.name))

    def output(self):
        return subprocess.run(command("logs", self.name), capture_output=True, text=True).stderr

    def healthy(self):
        """What the image's HEALTHCHECK says."""
        return subprocess.run(command("healthcheck", "run", self.name), capture_output=True).returncode == 0

    def remove(self):
        podman("rm", "--force", "--time=0", self.name)


class Plain:
    """One start of a program without an image. Without root it has no limits but the environment."""

    def __init__(self, binary, cgroup, data, environment, arguments):
        self.binary, self.environment = binary, environment
        self.root, self.log = tempfile.mkdtemp(), tempfile.TemporaryFile("w+")
        line = [binary, *arguments]
        if os.geteuid() == 0:
            line = ["unshare", "--mount", "sh", str(HERE / "plain.sh"), binary, self.root, str(data), *arguments]
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            line,
            env=environment,
            cwd=data.parent,
            stdout=self.log,
            stderr=self.log,
            preexec_fn=(lambda: cgroup.add(os.getpid())) if cgroup else None,
        )
        self.pid = self.process.pid

    def alive(self):
        return self.process.poll() is None

    def signal(self, name):
        subprocess.run(["kill", f"-{name}", str(self.pid)], check=True)

    def wait(self):
        ended = self.process.wait()
        return ended if ended >= 0 else 128 - ended

    def output(self):
        self.log.seek(0)
        return self.log.read()

    def healthy(self):
        return subprocess.run([self.binary, "probe"], env=self.environment, capture_output=True).returncode == 0

    def remove(self):
        if self.alive():
            self.process.kill()
            self.process.wait()
        self.log.close()
        os.rmdir(self.root)


def command(*arguments):
    """podman where it can start containers: its runtime refuses the layout with both versions of cgroups."""
    hide = "mountpoint -q /sys/fs/cgroup/unified && umount /sys/fs/cgroup/unified; exec podman \"$@\""
    return ["unshare", "--mount", "sh", "-c", hide, "sh", *arguments]


def podman(*arguments, line=command):
    done = subprocess.run(line(*arguments), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"podman {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()


def inspect(tag):
    return json.loads(podman("image", "inspect", tag))[0]


@contextlib.contextmanager
def files(tag):
    """The folder with the image's files, while it is looked at."""

    # Here, so that we see it: no container is started.
    def here(*arguments):
        return ["podman", *arguments]

    try:
        yield pathlib.Path(podman("image", "mount", tag, line=here))
    finally:
        podman("image", "unmount", tag, line=here)
