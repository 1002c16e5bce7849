#!/usr/bin/env python3
"""usage: image_context.py ROOT

What reaches the build of the images (deploy/Containerfile): everything that meson needs, and no secret, whatever lies in
the tree. Also the secrets of deploy/compose.yaml: git ignores them, and the head of the file makes each of them. TAP.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

ROOT = pathlib.Path(sys.argv[1])
SECRETS = ["deploy/secrets/jwt", "var/secrets/edge", ".git/config", ".env", "apps/server/.env", "script/secrets/key", "build/x",
           "private.pem"]
count = 0
failed = 0


def check(name, problems):
    global count, failed
    count += 1
    failed += bool(problems)
    print(f"{'not ok' if problems else 'ok'} {count} - {name}")
    for problem in problems:
        print("# " + problem)


def pattern(text):
    """A line of .dockerignore as a regular expression over a whole path, or over the folder that a path lies in."""
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    body = "".join(parts.get(part, re.escape(part)) for part in re.split(r"(\*\*/|\*\*|\*|\?)", text.strip("/")))
    return re.compile(body + "(?:/.*)?")


def rules():
    path = ROOT / ".dockerignore"
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        if line.strip() and not line.startswith("#"):
            yield line.startswith("!"), pattern(line.lstrip("!"))


def in_context(path, known=tuple(rules())):
    """As docker and podman decide: the last rule that fits counts."""
    taken = True
    for takes, fits in known:
        if fits.fullmatch(path):
            taken = takes
    return taken


def tracked():
    files = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, text=True, check=False).stdout
    if files:
        return files.split("\0")[:-1]
    # No repository: what a clean tree of sources holds.
    return [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file() and "build" not in path.parts]


def configures(files):
    with tempfile.TemporaryDirectory() as folder:
        for name in filter(in_context, files):
            target = pathlib.Path(folder, "src", name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
        containerfile = (ROOT / "deploy/Containerfile").read_text(encoding="utf-8")
        options = re.search(r"meson setup /build (.*?)\\\n", containerfile, re.S).group(1).split()
        made = subprocess.run(["meson", "setup", f"{folder}/build", f"{folder}/src", *options], capture_output=True, text=True,
                              check=False)
        return made.stdout.splitlines()[-5:] if made.returncode else []


def makes_secrets():
    text = (ROOT / "deploy/compose.yaml").read_text(encoding="utf-8")
    commands = "\n".join(re.findall(r"^#   (.*)$", text, re.M))
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["sh", "-ec", commands], cwd=folder, check=True)
        for name, secret in yaml.safe_load(text)["secrets"].items():
            path = pathlib.Path(folder, secret["file"])
            if not path.exists() or path.stat().st_size == 0:
                yield f"nothing makes {name} ({secret['file']})"


check("no secret reaches the images", [path for path in SECRETS if in_context(path)])
check("what meson needs does", configures(tracked()))
check("compose.yaml says how to make each of its secrets", list(makes_secrets()))
if (ROOT / ".git").exists():
    ignored = subprocess.run(["git", "-C", ROOT, "check-ignore", *SECRETS[:2]], capture_output=True, text=True, check=False)
    check("git ignores secrets", sorted(set(SECRETS[:2]) - set(ignored.stdout.split())))
print(f"1..{count}")
sys.exit(failed > 0)
