"""Another auth in the place of ours: builds examples/opaque-auth, joins it with the gateway, and sends requests through it.

usage: opaque_auth.py BUILD GATEWAY_WASM WASMTIME; prints TAP.
"""
import http.client
import http.server
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

TOKEN = "an-opaque-token"
USER = "0191a000-0000-7000-8000-00000000000a"


class Core(http.server.BaseHTTPRequestHandler):
    """Answers with the fields that reached it."""

    requests = []

    def do_GET(self):
        self.requests.append(dict((name.lower(), value) for name, value in self.headers.items()))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


class Edge:
    """The component under wasmtime, with these variables."""

    def __init__(self, wasmtime, component, variables):
        options = [option for name in variables for option in ("--env", name)]
        self.process = subprocess.Popen(
            [wasmtime, "serve", "-Scli", "--addr", "127.0.0.1:0", *options, component],
            env={"HOME": os.environ.get("HOME", "/"), **variables}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.port = int(re.search(r"http://127.0.0.1:(\d+)/", self.process.stderr.readline()).group(1))

    def get(self, token):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", "/api/todos", headers={"Authorization": f"Bearer {token}"} if token else {})
        response = connection.getresponse()
        body = response.read().decode()
        connection.close()
        return response.status, body

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


class Report:
    count = failures = 0

    def __call__(self, good, name, found=""):
        self.count += 1
        self.failures += not good
        print("ok" if good else "not ok", self.count, "-", name, "" if good else f"# {found}", flush=True)


def check(edge, report):
    status, body = edge.get(TOKEN)
    report(status == 200 and body == "ok", "its token passes", body)
    arrived = Core.requests.pop()
    report(arrived.get("x-user-id") == USER and "authorization" not in arrived, "as its user, and stays outside", arrived)
    for name, token in (("another token", "another"), ("one that begins like it", TOKEN[:-1]), ("a longer one", TOKEN + "x"),
                        ("a JWT", "eyJhbGciOiJub25lIn0.e30.")):
        status, body = edge.get(token)
        report(status == 401 and "Unknown token" in body, f"{name} does not pass", body)
    status, body = edge.get(None)
    report(status == 401 and "Missing token" in body, "no token does not pass", body)
    report(not Core.requests, "of all these the core hears nothing", Core.requests)


def main(build, gateway, wasmtime):
    report = Report()
    core = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Core)
    threading.Thread(target=core.serve_forever, daemon=True).start()
    variables = {"CORE_URL": f"http://127.0.0.1:{core.server_port}", "EDGE_SECRET": "what only edge and core know",
                 "OPAQUE_TOKEN": TOKEN, "OPAQUE_USER": USER}
    with tempfile.TemporaryDirectory() as folder:
        component = str(pathlib.Path(folder, "edge.wasm"))
        subprocess.run([build, gateway, component], check=True)
        with Edge(wasmtime, component, variables) as edge:
            check(edge, report)
        del variables["OPAQUE_TOKEN"]
        with Edge(wasmtime, component, variables) as edge:
            status, body = edge.get(TOKEN)
            report(status == 503 and "auth_unconfigured" in body, "without a token of its own nothing passes", body)
    print(f"1..{report.count}")
    sys.exit(1 if report.failures else 0)


main(*sys.argv[1:])
