"""Every config.toml of a build, as the daemon itself reads it: its files laid out as its pod would find them.

configs.py PROGRAM BUILD… [--template FILE…]: `PROGRAM check` must accept each, and must have found user and database in
the files that the variables name. No database is needed: a port of loopback where nobody listens stands for it.
"""

import argparse
import concurrent.futures
import pathlib
import re
import subprocess
import sys
import tempfile

from bundle import Bundle, title

VALID = "the configuration is valid, but the database cannot be reached"
# What a template's variable stands for, by its key; all others are one text.
SECRETS = {"dbname": "the-database", "username": "the-user"}
SECRET = "0123456789abcdef0123456789abcdef"


def lay_out(bundle, pod, container, root):
    """Writes a container's files below `root`, and gives its environment, whose paths lead there."""
    files = bundle.files(pod, container)
    mounts = {mount["mountPath"] for mount in container.get("volumeMounts", [])}

    def moved(text):
        # All at once: the root may itself be below one of them.
        either = "|".join(re.escape(path) for path in sorted(mounts, key=len, reverse=True))
        return re.sub(rf"(?<![\w/])({either})(?=/|$)", rf"{root}\1", text) if mounts else text

    for path, text in files.items():
        key = pathlib.Path(path).name
        if key == "jquants_api_key" and not any("jquants_api_key" in text for text in files.values()):
            # Who has no key leaves it empty.
            text = ""
        elif re.fullmatch(r"\$\{\w+\}|", text or ""):
            text = SECRETS.get(key, SECRET)
        file = pathlib.Path(f"{root}{path}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(moved(text), encoding="utf-8")
    variables = {variable["name"]: moved(variable.get("value", "a-pod")) for variable in container.get("env", [])}
    return {**variables, "POSTGRES_HOST": "127.0.0.1", "POSTGRES_PORT": "1"}


def check(program, bundle, doc, pod, container):
    """What is wrong with a container's configuration; none when nothing is."""
    with tempfile.TemporaryDirectory() as root:
        environment = lay_out(bundle, pod, container, root)
        arguments = container["args"]
        config = f"{root}{arguments[arguments.index('--config') + 1]}"
        command = [program, "--config", config, "check"]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=root, check=False)
        said = ended.stderr.replace(root, "").strip()
    if ended.returncode not in (0, 1) or (ended.returncode == 1 and VALID not in said):
        return f"{title(doc)}: exit status {ended.returncode}: {said}"
    url = f"postgres://{SECRETS['username']}:***@127.0.0.1:1/{SECRETS['dbname']}"
    if "POSTGRES_DB_FILE" in environment and url not in ended.stdout:
        shown = re.findall(r"^url = .*", ended.stdout, re.MULTILINE)
        return f"{title(doc)}: the database's name and user were not read from their files: {shown}"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("builds", nargs="+")
    parser.add_argument("--template", nargs="*", default=[])
    arguments = parser.parse_args()
    with concurrent.futures.ThreadPoolExecutor(max_workers=16) as pool:
        running = []
        for build in arguments.builds:
            bundle = Bundle.read(build, arguments.template)
            for doc, pod, container in bundle.containers():
                if "--config" in container.get("args", []):
                    running.append((build, pool.submit(check, arguments.program, bundle, doc, pod, container)))
        wrong = [f"{build}: {done.result()}" for build, done in running if done.result()]
    if not running:
        wrong.append("no build has a container with --config")
    print("\n".join(wrong) or f"{len(running)} configurations are accepted")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
