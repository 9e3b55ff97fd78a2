"""Names of hosts, as the program in the image finds them: it is linked statically, and brings its own resolver."""

import contextlib
import socket
import struct
import threading

# A server of names has to be at this port; on a loopback address of its own it is in nobody's way.
SERVER = ("127.53.53.53", 53)
FROM_FILE, FROM_SERVER = "file.names.test", "server.names.test"


def answer(question):
    """127.0.0.1 for FROM_SERVER over IPv4, nothing for any other question."""
    labels, at = [], 12
    while question[at]:
        labels.append(question[at + 1 : at + 1 + question[at]].decode())
        at += 1 + question[at]
    asked, kind = question[12 : at + 5], struct.unpack("!H", question[at + 1 : at + 3])[0]
    known = ".".join(labels) == FROM_SERVER
    found = b"\xc0\x0c" + struct.pack("!HHIH4s", 1, 1, 60, 4, socket.inet_aton("127.0.0.1")) if known and kind == 1 else b""
    flags = 0x8180 if known else 0x8183
    return question[:2] + struct.pack("!HHHHH", flags, 1, bool(found), 0, 0) + asked + found


@contextlib.contextmanager
def served(folder):
    """The files a container has to have mounted, while the server of names answers."""
    (folder / "hosts").write_text(f"127.0.0.1 localhost {FROM_FILE}\n")
    (folder / "resolv.conf").write_text(f"nameserver {SERVER[0]}\noptions timeout:1 attempts:2\n")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(SERVER)
        stop = threading.Event()

        def serve():
            server.settimeout(0.1)
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    question, asker = server.recvfrom(512)
                    server.sendto(answer(question), asker)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield [f"{folder / name}:/etc/{name}" for name in ("hosts", "resolv.conf")]
        finally:
            stop.set()
            thread.join()


@contextlib.contextmanager
def listener():
    """A port of loopback, and how many came to it: none gets an answer."""
    came = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    came.append(connection.getsockname())
                    connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1], came
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def found(tag, folder, container):
    """Which of the two names lead the program of the image to a database's port; `container` starts it."""
    reached = {}
    with served(folder) as mounts:
        for name in (FROM_FILE, FROM_SERVER):
            with listener() as (port, came):
                database = {"DATABASE_URL": f"postgres://nobody@{name}:{port}/nothing", "DATAINFRA__SERVER__LISTEN": "127.0.0.1:0"}
                started = container(tag, None, folder, database, ["check"], mounts)
                try:
                    started.wait()
                finally:
                    started.remove()
                reached[name] = len(came) > 0
    return reached
