"""The manifests of the edge, checked as far as that goes without Spin and Kubernetes: what Spin's schema allows of what they use,
and that they fit each other, the components and script/edge.

usage: deployment.py SOURCE_ROOT BUILD_ROOT WASM_TOOLS; prints TAP.
"""
import pathlib
import re
import subprocess
import sys
import tomllib

import yaml

source, build, wasm_tools = sys.argv[1:]
source, build = pathlib.Path(source), pathlib.Path(build)
SIZE_MAX = 100_000
KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$")
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*$")
# What Spin hands to a component, and the versions in which it does (of the 0.2 it has all).
SPIN_OFFERS = re.compile(r"wasi:(http|cli|clocks|io|random)/[a-z-]+@0\.2\.\d+$")
number = failed = 0


def report(name, problems):
    global number, failed
    number += 1
    failed += bool(problems)
    print(f"{'not ok' if problems else 'ok'} {number} - {name}")
    for problem in problems:
        print(f"# {problem}")


def keys(table, name, required, optional=()):
    """The problems with the members of a table."""
    return ([f"{name}: no {key}" for key in required if key not in table] +
            [f"{name}: {key} is not allowed" for key in table if key not in {*required, *optional}])


def interfaces(component, direction):
    text = subprocess.run([wasm_tools, "component", "wit", component], check=True, text=True, stdout=subprocess.PIPE).stdout
    world = text[text.index("world root {") : text.index("}", text.index("world root {"))]
    return set(re.findall(rf"^  {direction} (\S+);$", world, re.M))


def manifest_shape(manifest):
    problems = keys(manifest, "manifest", ["spin_manifest_version", "application", "trigger"], ["variables", "component"])
    problems += keys(manifest["application"], "application", ["name"], ["version", "description", "authors"])
    problems += [] if manifest["spin_manifest_version"] == 2 else ["not version 2"]
    for name, variable in manifest["variables"].items():
        problems += keys(variable, name, [], ["default", "required", "secret"])
        problems += [] if SNAKE.match(name) else [f"variable {name} is not in snake_case"]
        problems += [] if ("default" in variable) != variable.get("required", False) else [f"{name}: either required or a default"]
    for trigger in manifest["trigger"]["http"]:
        problems += keys(trigger, "trigger", ["route", "component"], ["id", "executor"])
        problems += [] if trigger["component"] in manifest["component"] else [f"no component {trigger['component']}"]
    for name, component in manifest["component"].items():
        problems += [] if KEBAB.match(name) else [f"component {name} is not in kebab-case"]
        problems += keys(component, name, ["source"], ["description", "environment", "allowed_outbound_hosts", "dependencies",
                                                       "dependencies_inherit_configuration"])
        for dependency, where in component.get("dependencies", {}).items():
            problems += keys(where, dependency, ["path"], ["export"])
            problems += [] if re.match(r"[a-z-]+:[a-z-]+/[a-z-]+$", dependency) else [f"{dependency} is no interface"]
    return problems


def variables_used(manifest):
    """Each variable is declared, used, and secret where script/edge takes it for one."""
    text = (source / "script/edge").read_text()
    known = {name: set(re.search(rf"^\s*{name}=\(([^)]*)\)", text, re.M).group(1).split()) for name in ("variables", "secrets")}
    component = manifest["component"]["gateway"]
    problems = []
    for name, value in component["environment"].items():
        problems += [] if value == "{{ %s }}" % name.lower() else [f"{name} is {value}"]
        problems += [] if name.lower() in manifest["variables"] else [f"{name.lower()} is not declared"]
        if (name in known["secrets"]) != manifest["variables"].get(name.lower(), {}).get("secret", False):
            problems.append(f"{name.lower()}: secret or not?")
    environment = set(component["environment"])
    problems += [f"{name} of script/edge is missing" for name in (known["variables"] | known["secrets"]) - environment]
    problems += [f"{name} is unknown to script/edge" for name in environment - known["variables"] - known["secrets"]]
    problems += [f"{name} is used nowhere" for name in set(manifest["variables"]) - {name.lower() for name in environment}]
    return problems


def same_in_the_host():
    """todo-edge without a component shows it what script/edge shows it."""
    script = (source / "script/edge").read_text()
    host = (source / "edge-wasm/host/environment.c").read_text()
    listed = set(" ".join(re.findall(r"^(?:variables|secrets)=\(([^)]*)\)", script, re.M)).split())
    compiled = set(re.findall(r'"(\w+)"', re.search(r"edge_variables\[\] = \{(.*?)\};", host, re.S).group(1)))
    return [f"{name} is known to one of them only" for name in sorted(listed ^ compiled)]


def page_fits_help():
    """todo-edge(8) has the options of the help."""
    text = (source / "docs/man/todo-edge.8").read_text()
    told = subprocess.run([build / "edge-wasm/host/todo-edge", "--help"], check=True, text=True, stdout=subprocess.PIPE).stdout
    documented = set(re.findall(r"Fl -([\w-]+)", text[text.index(".Bl") :]))
    return [f"--{name} is in one of them only" for name in sorted(documented ^ (set(re.findall(r"--([\w-]+)", told))))]


def built(path):
    """Where the build leaves what the manifest calls ../build/…"""
    return build / pathlib.PurePath(path).relative_to("../build")


def parts_fit(manifest):
    component = manifest["component"]["gateway"]
    exports = {name: built(where["path"]) for name, where in component["dependencies"].items()}
    problems = [f"{path} does not export {name}" for name, path in exports.items() if name not in interfaces(path, "export")]
    wanted = interfaces(built(component["source"]), "import") - set(exports)
    for path in exports.values():
        wanted |= interfaces(path, "import")
    problems += [f"Spin does not offer {name}" for name in wanted if not SPIN_OFFERS.match(name)]
    served = interfaces(built(component["source"]), "export")
    return problems + ([] if any(name.startswith("wasi:http/incoming-handler@") for name in served) else ["serves no HTTP"])


def narrow(manifest):
    """One host to go to, no file, no store."""
    component = manifest["component"]["gateway"]
    return (([] if component["allowed_outbound_hosts"] == ["{{ core_url }}"] else ["may go elsewhere than to the core"]) +
            ([] if component["dependencies_inherit_configuration"] else ["auth would not see its keys"]))


def spinapp_fits(manifest, app):
    problems = keys(app, "SpinApp", ["apiVersion", "kind", "metadata", "spec"])
    problems += [] if (app["apiVersion"], app["kind"]) == ("core.spinkube.dev/v1alpha1", "SpinApp") else ["no SpinApp"]
    problems += keys(app["spec"], "spec", ["image", "replicas", "executor", "variables"], ["checks", "resources"])
    given = {}
    for variable in app["spec"]["variables"]:
        given[variable["name"]] = variable
        declared = manifest["variables"].get(variable["name"])
        if declared is None:
            problems.append(f"{variable['name']} is not in spin.toml")
        elif declared.get("secret", False) != ("secretKeyRef" in variable.get("valueFrom", {})):
            problems.append(f"{variable['name']}: secret or not?")
    needed = {name for name, variable in manifest["variables"].items() if variable.get("required")}
    problems += [f"{name} is required" for name in needed - set(given)]
    return problems + ([] if {"jwks", "jwt_secret"} & set(given) else ["no keys: no token could be verified"])


def size(path):
    bytes_ = path.stat().st_size
    return [] if bytes_ <= SIZE_MAX else [f"{bytes_} bytes"]


spin = tomllib.loads((source / "edge-wasm/spin.toml").read_text())
report("spin.toml has what Spin's schema allows", manifest_shape(spin))
report("it takes the variables of script/edge, and keeps its secrets", variables_used(spin))
report("todo-edge takes the same by itself", same_in_the_host())
report("todo-edge(8) has the options of todo-edge --help", page_fits_help())
report("its components fit each other and Spin", parts_fit(spin))
report("it reaches the core only", narrow(spin))
report("spinapp.yaml fits spin.toml", spinapp_fits(spin, yaml.safe_load((source / "deploy/spinapp.yaml").read_text())))
report("edge.wasm imports only what every host of wasi:http has",
       [name for name in interfaces(build / "edge-wasm/edge.wasm", "import") if not SPIN_OFFERS.match(name)])
report(f"edge.wasm has at most {SIZE_MAX:,} bytes", size(build / "edge-wasm/edge.wasm"))
print(f"1..{number}")
sys.exit(1 if failed else 0)
