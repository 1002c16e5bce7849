#!/usr/bin/env python3
"""usage: check_sbom.py FOLDER PACKAGES | --edge FOLDER

Says what is wrong with the sbom.json of a tarball or, with --edge, of the package todo-edge, unpacked in FOLDER: against
CycloneDX's rules as far as they concern it, against what the files in FOLDER ask for, and for a tarball against the
"runtime" sections of script/packages.
"""
import hashlib
import json
import pathlib
import re
import subprocess
import sys

edge_only = sys.argv[1] == "--edge"
folder = pathlib.Path(sys.argv[2 if edge_only else 1])
name = "todo-edge" if edge_only else "libtodo"
tree = folder / "usr" if edge_only else folder
bill = json.loads((tree / "share/doc" / name / "sbom.json").read_text())
# Sonames of one package, and one of them to stand for all.
SAME_PACKAGE = [(r"lib(pthread|m|dl)\.so\.\d|ld-linux.*", "libc.so.6"), (r"libcrypto\.so\.3", "libssl.so.3")]
problems = []


def must(condition, problem):
    if not condition:
        problems.append(problem)


def is_crate(reference):
    return reference.startswith("pkg:cargo/")


def shape():
    must(bill["bomFormat"] == "CycloneDX" and bill["specVersion"] == "1.5" and bill["version"] == 1, "its format")
    must(re.fullmatch(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", bill["serialNumber"]), "its number")
    must(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", bill["metadata"]["timestamp"]), "its time")
    references = [each["bom-ref"] for each in bill["components"]] + [bill["metadata"]["component"]["bom-ref"]]
    must(len(references) == len(set(references)), "a reference is not unique")
    for each in bill["components"]:
        must(each["type"] in ("application", "library") and each["name"] and each["version"], f"the shape of {each}")
        licences = each.get("licenses", [])
        must(licences or is_crate(each["bom-ref"]), f"the licence of {each['name']} is missing")
        must(all(entry.get("expression") or bool(entry["license"].get("id")) != bool(entry["license"].get("name"))
                 for entry in licences), f"the licence of {each['name']}")
    for each in bill["dependencies"]:
        for reference in [each["ref"], *each["dependsOn"]]:
            must(reference in references, f"{reference} is referred to and not there")


def packages_needed(path):
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", subprocess.run(["readelf", "-d", path], check=True, capture_output=True, text=True).stdout)
    for pattern, one in SAME_PACKAGE:
        needed = [one if re.fullmatch(pattern, soname) else soname for soname in needed]
    return set(needed)


def files():
    """Each file of ours is there with its hash, and depends on as many things as it is linked with."""
    components = {each["name"]: each for each in bill["components"]}
    dependencies = {each["ref"]: each["dependsOn"] for each in bill["dependencies"]}
    private = [*tree.glob("lib/*/todo-edge/*"), *tree.glob("lib/todo-edge/*")]
    real = [path for path in [*tree.glob("bin/*"), *tree.glob("lib/*.so.*.*"), *tree.glob("lib/todo/*.so.*"), *private]
            if not path.is_symlink()]
    must(len(real) == (3 if edge_only else 9), f"there are {len(real)} programs, libraries and components")
    must({path.name for path in private} == {"component.cwasm", "libwasmtime.so"}, f"in the private folder: {private}")
    for path in real:
        linked = [each for each in dependencies[path.name] if not is_crate(each)]
        must(components[path.name]["hashes"][0]["content"] == hashlib.sha256(path.read_bytes()).hexdigest(), f"the hash of {path.name}")
        if path.suffix == ".cwasm":
            must({components_name(each) for each in linked} == {"bearssl", "libsodium", "wasi-libc", "yajl"}, f"{path.name}: {linked}")
        else:
            must(len(linked) == len(packages_needed(path)), f"{path.name}: {linked}, but {packages_needed(path)}")
    crates = {components_name(each) for each in dependencies["libwasmtime.so"] if is_crate(each)}
    must({"hyper", "regalloc2", "wasmparser"} <= crates, f"crates of wasmtime: {sorted(crates)}")
    must(sorted(dependencies[bill["metadata"]["component"]["bom-ref"]]) == sorted(path.name for path in real), "what it consists of")


def components_name(reference):
    return re.match(r"pkg:[a-z]+/(?:debian/)?([^@]+)@", reference).group(1)


def runtime(packages):
    """What script/packages says an installed tree needs is what it is linked with."""
    listed = set(" ".join(re.findall(r"^runtime(?:-edge)?\s+(.*)$", packages.read_text(), re.M)).split())
    linked = {each["name"] for each in bill["components"]
              if each.get("purl", "").startswith("pkg:deb/") and "arch=source" not in each["purl"]} - {"libc6", "wasi-libc"}
    data = {"tzdata"}  # is read, not linked
    must(listed == linked | data, f"script/packages, runtime: {sorted(listed ^ (linked | data))}")


shape()
files()
if not edge_only:
    runtime(pathlib.Path(sys.argv[2]))
print("\n".join(problems))
sys.exit(bool(problems))
