"""A cgroup of our own with a limit of memory, of version 1 or 2, and what it tells afterwards."""

import errno
import os
import pathlib
import time

V1 = pathlib.Path("/sys/fs/cgroup/memory")
V2 = pathlib.Path("/sys/fs/cgroup")
MIB = 1024 * 1024


class Unavailable(Exception):
    """No cgroup can be made here; the message says why."""


class Cgroup:
    """Processes put into it, and their children, have so much memory together, and no swap beside it."""

    def __init__(self, limit):
        self.v1 = (V1 / "memory.limit_in_bytes").exists()
        base = V1 if self.v1 else V2
        self.path = base / f"datainfra-image-{os.getpid()}-{time.monotonic_ns()}"
        try:
            if not self.v1:
                (base / "cgroup.subtree_control").write_text("+memory")
            self.path.mkdir()
            self.set(limit)
        except OSError as error:
            self.remove()
            raise Unavailable(f"no cgroup with a limit of memory can be made here: {error}") from error

    def set(self, limit):
        """A new limit. False when version 1 refuses it, because so much is in use and cannot be given up."""
        names = ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"] if self.v1 else ["memory.max"]
        # Memory with swap may not be less than memory: down it goes last, up it goes first.
        if self.v1 and limit > self._read("memory.limit_in_bytes"):
            names.reverse()
        try:
            for name in names:
                if (self.path / name).exists():
                    (self.path / name).write_text(str(limit))
            if not self.v1 and (self.path / "memory.swap.max").exists():
                (self.path / "memory.swap.max").write_text("0")
        except OSError as error:
            if error.errno == errno.EBUSY:
                return False
            raise
        return True

    def add(self, pid):
        (self.path / "cgroup.procs").write_text(str(pid))

    def usage(self):
        return self._read("memory.usage_in_bytes" if self.v1 else "memory.current")

    def peak(self):
        """The most ever used, page cache included: with a limit it comes near it on its own, and is given up at need."""
        name = "memory.max_usage_in_bytes" if self.v1 else "memory.peak"
        return self._read(name) if (self.path / name).exists() else self.usage()

    def anonymous(self):
        """What cannot be given up: memory that is no file's."""
        name = "total_rss" if self.v1 else "anon"
        return self._stat("memory.stat", name)

    def kills(self):
        """How many processes were killed for memory."""
        return self._stat("memory.oom_control" if self.v1 else "memory.events", "oom_kill")

    def squeeze(self, alive):
        """Takes memory away until a process is killed for it, as when another one of the pod swells."""
        while alive() and self.kills() == 0:
            # Version 2 kills at once where a limit cannot be kept; version 1 refuses such a limit, and kills at the next
            # page that is wanted.
            self.set(max(self.usage() - MIB, MIB))
            time.sleep(0.002)

    def remove(self):
        for _ in range(100):
            try:
                self.path.rmdir()
                return
            except FileNotFoundError:
                return
            except OSError:
                time.sleep(0.02)

    def _read(self, name):
        return int((self.path / name).read_text())

    def _stat(self, file, name):
        for line in (self.path / file).read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
        return 0
