#!/usr/bin/env python3
"""usage: check_sbom.py FOLDER PACKAGES

Says what is wrong with FOLDER's sbom.json: against CycloneDX's rules as far as they concern it, against what the files
in FOLDER ask for, and against the "runtime" section of script/packages.
"""
import hashlib
import json
import pathlib
import re
import subprocess
import sys

folder, packages = map(pathlib.Path, sys.argv[1:])
bill = json.loads((folder / "share/doc/libtodo/sbom.json").read_text())
problems = []


def must(condition, problem):
    if not condition:
        problems.append(problem)


def shape():
    must(bill["bomFormat"] == "CycloneDX" and bill["specVersion"] == "1.5" and bill["version"] == 1, "its format")
    must(re.fullmatch(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", bill["serialNumber"]), "its number")
    must(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", bill["metadata"]["timestamp"]), "its time")
    references = [each["bom-ref"] for each in bill["components"]] + [bill["metadata"]["component"]["bom-ref"]]
    must(len(references) == len(set(references)), "a reference is not unique")
    for each in bill["components"]:
        must(each["type"] in ("application", "library") and each["name"] and each["version"], f"the shape of {each}")
        licences = [entry["license"] for entry in each["licenses"]]
        must(licences and all(bool(entry.get("id")) != bool(entry.get("name")) for entry in licences), f"the licence of {each['name']}")
    for each in bill["dependencies"]:
        for reference in [each["ref"], *each["dependsOn"]]:
            must(reference in references, f"{reference} is referred to and not there")


def files():
    """Each file of ours is there with its hash, and depends on as many things as it is linked with."""
    components = {each["name"]: each for each in bill["components"]}
    dependencies = {each["ref"]: each["dependsOn"] for each in bill["dependencies"]}
    real = [path for path in [*folder.glob("bin/*"), *folder.glob("lib/*.so.*.*"), *folder.glob("lib/todo/*.so.*")] if not path.is_symlink()]
    must(len(real) == 6, f"there are {len(real)} programs and libraries")
    for path in real:
        needed = re.findall(r"\(NEEDED\)", subprocess.run(["readelf", "-d", path], check=True, capture_output=True, text=True).stdout)
        must(components[path.name]["hashes"][0]["content"] == hashlib.sha256(path.read_bytes()).hexdigest(), f"the hash of {path.name}")
        must(len(dependencies[path.name]) == len(needed), f"{path.name}: {dependencies[path.name]}, but {len(needed)} libraries")
    must(sorted(dependencies["libtodo"]) == sorted(path.name for path in real), "what libtodo consists of")


def runtime():
    """What script/packages says an installed tree needs is what it is linked with."""
    listed = set(re.search(r"^runtime\s+(.*)$", packages.read_text(), re.M).group(1).split())
    linked = {each["name"] for each in bill["components"] if "purl" in each} - {"libc6"}
    data = {"tzdata"}  # is read, not linked
    must(listed == linked | data, f"script/packages, runtime: {sorted(listed ^ (linked | data))}")


shape()
files()
runtime()
print("\n".join(problems))
sys.exit(bool(problems))
