#!/usr/bin/env python3
"""usage: script/bench edge [--seconds N] [--connections N] [--rounds N] [--hosts NAME,...] [--bulk-gib N] [--json FILE]

Measures the edge in front of todo-server, under `wasmtime serve` and under todo-edge: what it answers by itself (401) and what
it forwards, with a fresh instance per request and with instances that serve a thousand; beside them the same core asked
directly, over connections that stay and over one per request, as wasmtime makes them; and verify-token alone, called from C.
Sizes of the components, time to the first answer, what a fresh instance costs (the CPU time of a 401 with one, less that of a
401 without), memory under 256 connections, and bodies of N GiB both ways with how far the process grew. Medians of the rounds;
the rounds take turns. An answer that is not the one expected ends it.
"""
import argparse
import base64
import hashlib
import hmac
import http.client
import json
import pathlib
import re
import socket
import statistics
import subprocess
import threading
import time

import services

SECRET = "benchmark-secret-of-thirty-two-bytes-or-more"
EDGE_SECRET = "benchmark-edge-secret-of-32-bytes-or-more"
USER = "0191a000-0000-7000-8000-00000000000a"


def token():
    def encode(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    # Filled up to about 300 bytes, as tokens of real issuers are.
    payload = {"sub": USER, "iat": int(time.time()), "exp": int(time.time()) + 3600, "jti": "0" * 80}
    text = encode(b'{"alg":"HS256","typ":"JWT"}') + b"." + encode(json.dumps(payload).encode())
    return (text + b"." + encode(hmac.new(SECRET.encode(), text, hashlib.sha256).digest())).decode()


HOSTS = ["wasmtime", "todo-edge"]
REUSE = {"fresh": 1, "reused": 1000}


def compiled(args, host):
    return f"{args.build}/edge-wasm/" + ("edge.cwasm" if host == "wasmtime" else "host/todo-edge.cwasm")


class Edge(services.Process):
    """The edge in front of a core at an address."""

    def __init__(self, args, core, folder, host, reuse=1):
        self.address = f"127.0.0.1:{services.free_port()}"
        environment = {"CORE_URL": f"http://{core}", "JWT_SECRET": SECRET, "EDGE_SECRET": EDGE_SECRET, "EDGE_REUSE": str(reuse),
                       "EDGE_HOST": host, "EDGE_WASM": compiled(args, host),
                       "TODO_EDGE": f"{args.build}/edge-wasm/host/todo-edge"}
        super().__init__(["script/edge", self.address], environment, f"{folder}/edge-{host}-{reuse}.log")
        services.wait_for(lambda: listens(self.address), 20, "the edge")


def listens(address):
    host, port = address.split(":")
    try:
        socket.create_connection((host, int(port)), 1).close()
        return True
    except OSError:
        return False


def first_answer_ms(args, folder, host):
    """From the start of the process to the first byte of an answer."""
    address = f"127.0.0.1:{services.free_port()}"
    command = [f"{args.build}/edge-wasm/host/todo-edge"]
    if host == "wasmtime":
        home = subprocess.run(["script/wasm-tools", "--where"], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
        command = [f"{home}/bin/wasmtime", "serve", "-Scli", "--allow-precompiled"]
    begin = time.monotonic()
    process = services.Process([*command, "--addr", address, compiled(args, host)], {}, f"{folder}/start.log")
    name, port = address.split(":")
    while True:
        try:
            connection = http.client.HTTPConnection(name, int(port), timeout=5)
            connection.request("GET", "/")
            connection.getresponse().read()
            break
        except ConnectionRefusedError:
            time.sleep(0.0005)
    taken = (time.monotonic() - begin) * 1000
    process.stop()
    return taken


def verifications(args):
    """Calls of the auth component alone, from C: one line for each algorithm, with an instance that stays and a fresh one."""
    return subprocess.run([f"{args.build}/tests/edge/edge-consumer", "--bench"], check=True, text=True, stdout=subprocess.PIPE,
                          env={"AUTH_WASM": f"{args.build}/edge-wasm/auth.wasm"}).stdout.splitlines()


def wrk(args, address, path, headers=(), fails=False):
    """(requests per second, median ms, 99th percentile ms); `fails` when every answer is to be a refusal."""
    command = ["wrk", "-t1", f"-c{args.connections}", f"-d{args.seconds}s", "--latency"]
    for header in headers:
        command += ["-H", header]
    output = subprocess.run([*command, f"http://{address}{path}"], check=True, text=True, stdout=subprocess.PIPE).stdout
    total = int(re.search(r"(\d+) requests in", output).group(1))
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    if (int(refused.group(1)) if refused else 0) != (total if fails else 0) or "Socket errors" in output:
        raise SystemExit(f"bench: {address}{path} is not answered as expected:\n{output}")

    def latency(percent):
        number, unit = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)", output).groups()
        return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]

    return float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1)), latency(50), latency(99)


def rows_of(core, edges):
    """name: (process, address, path, header fields, whether it refuses)"""
    good = token()
    bearer = (f"Authorization: Bearer {good}",)
    vouched = (f"X-Edge-Verified: {EDGE_SECRET}", f"X-User-Id: {USER}")
    rows = {"core directly, /health": (core, core.address, "/health", (), False),
            "core directly, /health, a connection each": (core, core.address, "/health", ("Connection: close",), False),
            "core directly, /api/todos": (core, core.address, "/api/todos", vouched, False),
            "core directly, /api/todos, a connection each": (core, core.address, "/api/todos", (*vouched, "Connection: close"), False)}
    for name, edge in edges.items():
        rows[f"{name}: 401 without a token"] = (edge, edge.address, "/api/todos", (), True)
        rows[f"{name}: 401 for a bad signature"] = (edge, edge.address, "/api/todos", (bearer[0][:-4] + "AAAA",), True)
        rows[f"{name}: forwarded /health"] = (edge, edge.address, "/health", (), False)
        rows[f"{name}: forwarded /api/todos"] = (edge, edge.address, "/api/todos", bearer, False)
    return rows


def run(args, process, *row):
    """What wrk says, and the process's CPU time per request in microseconds."""
    before = services.cpu_seconds(process.pid)
    result = wrk(args, *row)
    return *result, (services.cpu_seconds(process.pid) - before) / (result[0] * args.seconds) * 1e6


def measure(args, core, folder, stack):
    edges = {}
    for host in args.hosts:
        for kind, reuse in REUSE.items():
            edges[f"{host}, {kind}"] = Edge(args, core.address, folder, host, reuse)
            stack.callback(edges[f"{host}, {kind}"].stop)
    rows = rows_of(core, edges)
    results = {name: [] for name in rows}
    for _ in range(args.rounds):
        for name, row in rows.items():
            results[name].append(run(args, *row))
    memory = {}
    for name, edge in edges.items():
        wrk(argparse.Namespace(connections=256, seconds=args.seconds), edge.address, "/health")
        memory[name] = services.memory_kib(edge.pid, "VmHWM")
    return {name: [statistics.median(values) for values in zip(*runs)] for name, runs in results.items()}, memory


def fresh_instances(args, rows):
    """For each host: instances per second, and the microseconds of CPU time that one costs."""
    fresh = {host: rows[f"{host}, fresh: 401 without a token"] for host in args.hosts}
    return {host: (row[0], row[3] - rows[f"{host}, reused: 401 without a token"][3]) for host, row in fresh.items()}


class Bulk(threading.Thread):
    """A core that takes and gives large bodies and keeps nothing of them."""

    def __init__(self, length):
        super().__init__(daemon=True)
        self.length, self.taken = length, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.start()

    def run(self):
        while True:
            client, _ = self.listener.accept()
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(65536)
            if head.startswith(b"POST"):
                self.taken = len(head.split(b"\r\n\r\n", 1)[1])
                buffer = bytearray(1 << 20)
                while self.taken < self.length:
                    self.taken += client.recv_into(buffer)
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            else:
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % self.length)
                for piece in pieces(self.length):
                    client.sendall(piece)
            client.close()


def bulk(args, folder, host):
    """What a body of that size takes, each way: seconds and by how many KiB the process grew at most."""
    core = Bulk(int(args.bulk_gib * (1 << 30)))
    edge = Edge(args, core.address, folder, host)
    results = {}
    try:
        connection = http.client.HTTPConnection(edge.address)
        connection.request("GET", "/")
        connection.getresponse().read()
        for name in ("upload", "download"):
            before, begin = services.memory_kib(edge.pid, "VmHWM"), time.monotonic()
            connection = http.client.HTTPConnection(edge.address)
            if name == "upload":
                connection.request("POST", "/api/auth/login", pieces(core.length),
                                   {"Content-Length": str(core.length)})
                connection.getresponse().read()
                moved = core.taken
            else:
                connection.request("GET", "/health")
                response, buffer, moved = connection.getresponse(), bytearray(1 << 20), 0
                while count := response.readinto(buffer):
                    moved += count
            if moved != core.length:
                raise SystemExit(f"bench: {name}: {moved} bytes of {core.length}")
            results[name] = (time.monotonic() - begin, services.memory_kib(edge.pid, "VmHWM") - before)
    finally:
        edge.stop()
    return results


def pieces(length, size=1 << 20):
    for start in range(0, length, size):
        yield bytes(min(size, length - start))


def tell(args, report):
    for name, size in report["bytes"].items():
        print(f"{name + '.wasm':52} {size:>9,} bytes")
    for host, taken in report["first answer, ms"].items():
        print(f"{host + ': first answer after':52} {taken:>9.1f} ms")
    print("verify-token called from C:", *report["verifications"], sep="\n  ")
    print(f"{'':52} {'req/s':>9} {'p50 ms':>9} {'p99 ms':>9} {'CPU us':>9}")
    for name, (rate, median, last, cpu) in report["rows"].items():
        print(f"{name:52} {rate:>9,.0f} {median:>9.2f} {last:>9.2f} {cpu:>9.1f}")
    for host, (rate, cost) in report["fresh instances"].items():
        print(f"{host + ': fresh instances':52} {rate:>9,.0f} a second, {cost:.1f} us of CPU time each")
    for name, kib in report["peak KiB at 256 connections"].items():
        print(f"{name + ': peak memory at 256 connections':52} {kib / 1024:>9.1f} MiB")
    for host, ways in report.get("bulk", {}).items():
        for name, (seconds, kib) in ways.items():
            print(f"{f'{host}: {name} of {args.bulk_gib:g} GiB':52} {seconds:>9.1f} s, grew by {kib / 1024:.1f} MiB")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hosts", type=lambda text: text.split(","), default=HOSTS)
    parser.add_argument("--bulk-gib", type=float, default=2)
    parser.add_argument("--json")
    args = parser.parse_args()
    report = {"bytes": {name: pathlib.Path(f"{args.build}/edge-wasm/{name}.wasm").stat().st_size
                        for name in ("gateway", "auth", "edge")}}
    with services.workplace() as (folder, stack):
        core = services.Server([f"{args.build}/apps/server/todo-server"],
                               {"DATABASE_WRITER_URL": f"sqlite:{folder}/todo.db", "EDGE_SECRET": EDGE_SECRET,
                                "JWT_SECRET": SECRET, "LOG_LEVEL": "warn"}, f"{folder}/core.log")
        stack.callback(core.stop)
        report["verifications"] = verifications(args)
        report["first answer, ms"] = {host: statistics.median(first_answer_ms(args, folder, host) for _ in range(5))
                                      for host in args.hosts}
        report["rows"], report["peak KiB at 256 connections"] = measure(args, core, folder, stack)
        report["fresh instances"] = fresh_instances(args, report["rows"])
        if args.bulk_gib > 0:
            report["bulk"] = {host: bulk(args, folder, host) for host in args.hosts}
    tell(args, report)
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
