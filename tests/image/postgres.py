"""A PostgreSQL of our own on loopback, of the server binaries that are installed."""

import contextlib
import glob
import pathlib
import shutil
import subprocess
import tempfile

KEEPER = pathlib.Path(__file__).parent.parent / "suite/support/keeper.sh"


def binaries():
    """The folder with initdb and postgres, if there is one."""
    found = shutil.which("initdb") or next(reversed(sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))), None)
    return found and pathlib.Path(found).resolve().parent


@contextlib.contextmanager
def server(folder):
    """Its address, for as long as it is wanted."""
    data = tempfile.mkdtemp(dir="/var/tmp", prefix="datainfra-image-postgres-")
    ports = [str(port) for port in range(54330, 54360)]
    line = ["sh", str(KEEPER), "stdin", data, str(folder), *ports]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as keeper:
        state, _, said = keeper.stdout.readline().strip().partition(" ")
        if state != "ready":
            raise RuntimeError(f"PostgreSQL did not start: {said}")
        yield f"postgres://datainfra@127.0.0.1:{said}/postgres"
        keeper.stdin.close()
        keeper.wait()
