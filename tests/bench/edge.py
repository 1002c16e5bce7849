#!/usr/bin/env python3
"""usage: script/bench edge [--seconds N] [--connections N] [--rounds N] [--bulk-gib N] [--json FILE]

Measures the edge under wasmtime in front of todo-server: what it answers by itself (401) and what it forwards, with a fresh
instance per request and with instances that serve a thousand; beside them the same core asked directly, over connections
that stay and over one per request, as wasmtime makes them; and verify-token alone, called from C. Sizes of the components,
time to the first answer, memory under 256 connections, and bodies of N GiB both ways with how far the process grew. Medians
of the rounds; the rounds take turns.
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
USER = "0191a000-0000-7000-8000-00000000000a"


def token():
    def encode(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    # Filled up to about 300 bytes, as tokens of real issuers are.
    payload = {"sub": USER, "iat": int(time.time()), "exp": int(time.time()) + 3600, "jti": "0" * 80}
    text = encode(b'{"alg":"HS256","typ":"JWT"}') + b"." + encode(json.dumps(payload).encode())
    return (text + b"." + encode(hmac.new(SECRET.encode(), text, hashlib.sha256).digest())).decode()


class Edge(services.Process):
    """The edge in front of a core at an address."""

    def __init__(self, args, core, folder, reuse=1):
        self.address = f"127.0.0.1:{services.free_port()}"
        environment = {"CORE_URL": f"http://{core}", "JWT_SECRET": SECRET, "EDGE_SECRET": SECRET, "EDGE_REUSE": str(reuse),
                       "EDGE_WASM": f"{args.build}/edge-wasm/edge.cwasm"}
        super().__init__(["script/edge", self.address], environment, f"{folder}/edge-{reuse}.log")
        services.wait_for(lambda: listens(self.address), 20, "the edge")


def listens(address):
    host, port = address.split(":")
    try:
        socket.create_connection((host, int(port)), 1).close()
        return True
    except OSError:
        return False


def first_answer_ms(args, folder):
    """From the start of the wasmtime process to the first byte of an answer."""
    home = subprocess.run(["script/wasm-tools", "--where"], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
    address = f"127.0.0.1:{services.free_port()}"
    begin = time.monotonic()
    process = services.Process([f"{home}/bin/wasmtime", "serve", "-Scli", "--allow-precompiled", "--addr", address,
                                f"{args.build}/edge-wasm/edge.cwasm"], {}, f"{folder}/start.log")
    host, port = address.split(":")
    while True:
        try:
            connection = http.client.HTTPConnection(host, int(port), timeout=5)
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


def wrk(args, address, path, headers=()):
    """(requests per second, median ms, 99th percentile ms)"""
    command = ["wrk", "-t1", f"-c{args.connections}", f"-d{args.seconds}s", "--latency"]
    for header in headers:
        command += ["-H", header]
    output = subprocess.run([*command, f"http://{address}{path}"], check=True, text=True, stdout=subprocess.PIPE).stdout

    def latency(percent):
        number, unit = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)", output).groups()
        return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]

    return float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1)), latency(50), latency(99)


def measure(args, core, folder, stack):
    edges = {}
    for name, reuse in (("fresh instances", 1), ("reused instances", 1000)):
        edges[name] = Edge(args, core.address, folder, reuse)
        stack.callback(edges[name].stop)
    good, bearer = token(), "Authorization: Bearer "
    rows = {"core directly, /health": (core.address, "/health", ()),
            "core directly, a connection per request": (core.address, "/health", ("Connection: close",))}
    for name, edge in edges.items():
        rows[f"401 without a token, {name}"] = (edge.address, "/api/todos", ())
        rows[f"401 for a bad signature, {name}"] = (edge.address, "/api/todos", (bearer + good[:-4] + "AAAA",))
        rows[f"forwarded /health, {name}"] = (edge.address, "/health", ())
        rows[f"forwarded /api/todos with a token, {name}"] = (edge.address, "/api/todos", (bearer + good,))
    results = {name: [] for name in rows}
    for _ in range(args.rounds):
        for name, row in rows.items():
            results[name].append(wrk(args, *row))
    memory = {}
    for name, edge in edges.items():
        wrk(argparse.Namespace(connections=256, seconds=args.seconds), edge.address, "/health")
        memory[name] = services.memory_kib(edge.pid, "VmHWM")
    return {name: [statistics.median(values) for values in zip(*runs)] for name, runs in results.items()}, memory


class Bulk(threading.Thread):
    """A core that takes and gives large bodies and keeps nothing of them."""

    def __init__(self, length):
        super().__init__(daemon=True)
        self.length, self.taken = length, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.start()

    def run(self):
        zeros = bytes(1 << 20)
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
                for _ in range(self.length // len(zeros)):
                    client.sendall(zeros)
            client.close()


def bulk(args, folder):
    """What a body of that size takes, each way: seconds and by how many KiB the process grew at most."""
    core = Bulk(int(args.bulk_gib * (1 << 30)))
    edge = Edge(args, core.address, folder)
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


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bulk-gib", type=float, default=2)
    parser.add_argument("--json")
    args = parser.parse_args()
    report = {"bytes": {name: pathlib.Path(f"{args.build}/edge-wasm/{name}.wasm").stat().st_size
                        for name in ("gateway", "auth", "edge")}}
    with services.workplace() as (folder, stack):
        core = services.Server([f"{args.build}/apps/server/todo-server"],
                               {"DATABASE_WRITER_URL": f"sqlite:{folder}/todo.db", "EDGE_SECRET": SECRET,
                                "JWT_SECRET": SECRET, "LOG_LEVEL": "warn"}, f"{folder}/core.log")
        stack.callback(core.stop)
        report["verifications"] = verifications(args)
        report["first answer, ms"] = statistics.median(first_answer_ms(args, folder) for _ in range(5))
        report["rows"], report["peak KiB at 256 connections"] = measure(args, core, folder, stack)
        if args.bulk_gib > 0:
            report["bulk"] = bulk(args, folder)
    for name, size in report["bytes"].items():
        print(f"{name + '.wasm':48} {size:>9,} bytes")
    print(f"{'first answer after':48} {report['first answer, ms']:>9.1f} ms")
    print("verify-token called from C:", *report["verifications"], sep="\n  ")
    print(f"{'':48} {'req/s':>9} {'p50 ms':>9} {'p99 ms':>9}")
    for name, (rate, median, last) in report["rows"].items():
        print(f"{name:48} {rate:>9,.0f} {median:>9.2f} {last:>9.2f}")
    for name, kib in report["peak KiB at 256 connections"].items():
        print(f"{'peak memory at 256 connections, ' + name:48} {kib / 1024:>9.1f} MiB")
    for name, (seconds, kib) in report.get("bulk", {}).items():
        print(f"{name + ' of ' + format(args.bulk_gib, 'g') + ' GiB':48} {seconds:>9.1f} s, grew by {kib / 1024:.1f} MiB")
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
