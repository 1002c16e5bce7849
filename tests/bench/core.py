#!/usr/bin/env python3
"""usage: script/bench core [--peer NAME=PROGRAM | --peer NAME=URL]... [--seconds N] [--rounds N] [--row NAME]...
                         [--connections N,N] [--json FILE] [--no-limits]

Measures todo-server over a PostgreSQL and a Redis of its own, loaded with 1,000 users of 20 todos and one of 1,000:
requests per second, median and 99th percentile of the latency, CPU seconds per 1,000 requests of the server and of
PostgreSQL, memory, start-up time; and beside them the limits: PostgreSQL asked by pgbench, civetweb with a constant
answer, redis-benchmark.

A peer is another implementation of the HTTP contract, measured in the same run in alternating order. A PROGRAM is
started with the contract's environment (APP_ADDR, DATABASE_WRITER_URL, REDIS_URL, EDGE_SECRET) on a database of its
own with the same data, once with a cache and once without. A server at a URL is taken as it is: its database must
hold the same data (--print-load gives the SQL), EDGE_SECRET must be in the environment, and of CPU and memory nothing
is known.
"""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys

import load
import services

SECRET = os.environ.get("EDGE_SECRET", "benchmark-edge-secret-of-32-bytes-or-more")
WRK_SCRIPT = pathlib.Path(__file__).parent / "lib" / "wrk.lua"
ROWS = {  # name: (what it is, with a cache)
    "health": ("/health", True),
    "get-cached": ("get by id, cache warm", True),
    "get": ("get by id, no cache", False),
    "list-20-cached": ("list of 20, cache warm", True),
    "list-20": ("list of 20, no cache", False),
    "list-1000-cached": ("list of 1,000, cache warm", True),
    "list-1000": ("list of 1,000, no cache", False),
    "create": ("create", True),
    "patch": ("patch", True),
}


class Implementation:
    """One server under test: a program in two instances, with and without a cache, or a URL."""

    def __init__(self, name, command, database, bench):
        self.name, self.database, self.bench, self.servers = name, database, bench, {}
        if isinstance(command, str) and command.startswith("http://"):
            address = command[len("http://"):].rstrip("/")
            self.addresses = {True: address, False: address}
            return
        for cached in (True, False):
            self.servers[cached] = self.start([command], cached)
        self.addresses = {cached: server.address for cached, server in self.servers.items()}

    def start(self, command, cached):
        environment = {
            "DATABASE_WRITER_URL": self.bench.postgres.url(self.database),
            "EDGE_SECRET": SECRET,
            "JWT_SECRET": SECRET + "-jwt",
            "LOG_LEVEL": "warn",
        }
        if cached:
            environment["REDIS_URL"] = self.bench.redis.url(self.bench.redis_database(self.name))
        log = os.path.join(self.bench.folder, f"{self.name}.log")
        server = services.Server(command, environment, log)
        self.bench.stack.callback(server.stop)
        return server

    def cpu(self, cached):
        return services.cpu_seconds(self.servers[cached].pid) if self.servers else None

    def memory(self):
        """Resident MiB of the cached instance: now, and at its peak."""
        if not self.servers:
            return None
        pid = self.servers[True].pid
        return [services.memory_kib(pid, key) / 1024 for key in ("VmRSS", "VmHWM")]


class Bench:
    def __init__(self, options, folder, stack):
        self.options, self.folder, self.stack = options, folder, stack
        self.redis_databases = {}
        say("loading 21,000 todos into a PostgreSQL of its own")
        self.postgres, self.redis = services.Postgres(), services.Redis()
        self.load()
        self.requests = {row: self.write_requests(row) for row in ROWS}
        self.implementations = [self.implementation("core", os.path.join(options.build, "apps/server/todo-server"))]
        for peer in options.peer:
            name, _, command = peer.partition("=")
            if not command:
                raise SystemExit(f"bench: --peer takes NAME=PROGRAM or NAME=URL, not {peer}")
            self.implementations.append(self.implementation(name, command))

    def load(self):
        self.postgres.create("empty")
        subprocess.run([os.path.join(self.options.build, "apps/todoctl/todoctl"), "migrate"], check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       env={**os.environ, "DATABASE_WRITER_URL": self.postgres.url("empty")})
        for database, statements in (("base", load.LOAD), ("limits", load.LOAD_NUMBERED)):
            self.postgres.create(database, template="empty")
            self.postgres.sql(database, statements + load.COUNTERS, owner=True)
        self.postgres.sql("limits", load.CONTRACT_INDEX, owner=True)
        self.sample = self.postgres.sql("base", load.SAMPLE)
        self.users = [row[0] for row in self.postgres.sql("base", load.USER_IDS)]
        self.big_user = self.postgres.sql("base", load.BIG_USER)[0][0]

    def implementation(self, name, command):
        database = "bench_" + re.sub(r"\W", "_", name)
        self.postgres.create(database, template="base")
        if name != "core":
            self.postgres.sql(database, load.CONTRACT_INDEX, owner=True)
        return Implementation(name, command, database, self)

    def redis_database(self, name):
        return self.redis_databases.setdefault(name, len(self.redis_databases))

    def write_requests(self, row):
        what = row.removesuffix("-cached")
        if what == "health":
            lines = ["GET\t/health\t\t"]
        elif what == "get":
            lines = [f"GET\t/api/todos/{todo}\t{user}\t" for todo, user in self.sample]
        elif what == "list-20":
            lines = [f"GET\t/api/todos\t{user}\t" for user in self.users]
        elif what == "list-1000":
            lines = [f"GET\t/api/todos?limit=1000\t{self.big_user}\t"]
        elif what == "create":
            body = json.dumps({"title": "Measured", "description": "A description of some forty characters or so"})
            lines = [f"POST\t/api/todos\t{user}\t{body}" for user in self.users]
        else:
            lines = [f'PATCH\t/api/todos/{todo}\t{user}\t{{"completed":{flag}}}'
                     for flag in ("true", "false") for todo, user in self.sample]
        path = os.path.join(self.folder, f"{row}.requests")
        pathlib.Path(path).write_text("\n".join(lines) + "\n")
        return path

    def wrk(self, address, row, connections, seconds):
        done = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(WRK_SCRIPT),
             f"http://{address}"],
            env={**os.environ, "BENCH_REQUESTS": self.requests[row], "EDGE_SECRET": SECRET}, check=True, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        found = re.search(r"^figures (\d+) (\d+) (\d+) (\d+) (\d+)$", done.stdout, re.MULTILINE)
        requests, duration, p50, p99, errors = map(int, found.groups())
        return {"requests": requests, "rate": requests * 1e6 / duration, "p50": p50 / 1000, "p99": p99 / 1000,
                "errors": errors}

    def measure(self, implementation, row, connections):
        cached = ROWS[row][1]
        before, postgres_before = implementation.cpu(cached), self.postgres.cpu_seconds()
        figures = self.wrk(implementation.addresses[cached], row, connections, self.options.seconds)
        thousands = max(figures["requests"], 1) / 1000
        if before is not None:
            figures["cpu"] = (implementation.cpu(cached) - before) / thousands
            figures["postgres_cpu"] = (self.postgres.cpu_seconds() - postgres_before) / thousands
        return figures

    def run_row(self, row, connections):
        """The median figures of each implementation, measured in alternating order."""
        rounds = {implementation.name: [] for implementation in self.implementations}
        for implementation in self.implementations:  # warm: caches, prepared statements, connections
            self.wrk(implementation.addresses[ROWS[row][1]], row, connections, 1)
        for turn in range(self.options.rounds):
            order = self.implementations if turn % 2 == 0 else self.implementations[::-1]
            for implementation in order:
                rounds[implementation.name].append(self.measure(implementation, row, connections))
        return {name: {key: statistics.median(figures[key] for figures in taken) for key in taken[0]}
                for name, taken in rounds.items()}


def say(text):
    print(text, file=sys.stderr, flush=True)


# Limits: what the parts could do if the server cost nothing.

COLUMNS = "id, user_id, title, description, completed, created_at, updated_at, version"
STATEMENTS = {
    "get": f"select {COLUMNS} from todos where id = ID and user_id = OWNER;",
    "list-20": f"select {COLUMNS} from todos where user_id = OWNER order by created_at desc, id desc limit 101;",
    "create": "insert into todos (id, user_id, title, description, completed, created_at, updated_at) values "
              "(gen_random_uuid(), OWNER, 'Measured', 'A description of some forty characters or so', false, now(), now());",
    "patch": "update todos set completed = not completed, updated_at = now(), version = version + 1 "
             f"where id = ID and user_id = OWNER returning {COLUMNS};",
}


def pgbench(bench, row, connections, pipelined):
    """Statements per second, each for a random user and todo."""
    once = f"\\set n random(1, {load.USERS})\n\\set todo :n * 10000 + random(1, {load.TODOS_EACH})\n"
    once += STATEMENTS[row].replace("ID", load.NUMBERED.format(":todo::integer")).replace(
        "OWNER", load.NUMBERED.format(":n::integer")) + "\n"
    path = os.path.join(bench.folder, "limit.sql")
    pathlib.Path(path).write_text("\\startpipeline\n" + once * 16 + "\\endpipeline\n" if pipelined else once)
    done = subprocess.run(["pgbench", "-n", "-M", "prepared", "-c", str(connections), "-j", "1", "-T",
                           str(bench.options.seconds), "-f", path, bench.postgres.url("limits")], check=True, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return float(re.search(r"tps = ([\d.]+)", done.stdout).group(1)) * (16 if pipelined else 1)


def redis_benchmark(bench, connections, pipeline):
    done = subprocess.run(["redis-benchmark", "-h", "127.0.0.1", "-p", str(bench.redis.port), "-t", "get", "-d", "256",
                           "-n", str(40000 * pipeline), "-c", str(connections), "-P", str(pipeline), "--csv"],
                          check=True, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    return float(re.search(r'^"GET","([\d.]+)"', done.stdout, re.MULTILINE).group(1))


def bare_civetweb(bench, connections):
    address = f"127.0.0.1:{services.free_port()}"
    bare = services.Process([os.path.join(bench.options.build, "tests/bench/bench-bare-civetweb"), address, "80"])
    try:
        services.wait_for(lambda: services.answers(address), 10, "bench-bare-civetweb")
        return bench.wrk(address, "health", connections, bench.options.seconds)["rate"]
    finally:
        bare.stop()


def limits_of(bench, row, connections):
    """The limits that stand beside a row, as (name, rate)."""
    if row == "health":
        return [("bare civetweb", bare_civetweb(bench, connections))]
    if row == "get-cached":
        return [("redis-benchmark GET", redis_benchmark(bench, connections, 1)),
                ("redis-benchmark GET, by 16", redis_benchmark(bench, connections, 16))]
    if row not in STATEMENTS:
        return []
    limits = [("pgbench", pgbench(bench, row, connections, False))]
    if row != "patch":  # sixteen random rows locked in one transaction: deadlocks
        limits.append(("pgbench, pipelined by 16", pgbench(bench, row, connections, True)))
    return limits


# The report

HEADER = ("row", "conns", "who", "req/s", "ratio", "p50 ms", "p99 ms", "cpu s/1000", "pg cpu s/1000", "errors")
LINE = "{:<24} {:>5}  {:<28} {:>9} {:>6} {:>8} {:>8} {:>10} {:>13} {:>6}"


def show(row, connections, who, rate, ratio="", figures=None):
    figures = figures or {}
    texts = [f"{figures[key]:.{digits}f}" if key in figures else ""
             for key, digits in (("p50", 2), ("p99", 2), ("cpu", 3), ("postgres_cpu", 3), ("errors", 0))]
    print(LINE.format(ROWS[row][0], connections, who, f"{rate:,.0f}", ratio, *texts), flush=True)


def show_row(row, connections, medians, limits):
    core = medians["core"]["rate"]
    for name, figures in medians.items():
        ratio = "" if name == "core" or not figures["rate"] else f"{core / figures['rate']:.2f}"
        show(row, connections, name, figures["rate"], ratio, figures)
    for name, rate in limits:
        show(row, connections, f"limit: {name}", rate, f"{core / rate:.2f}")


def parse(arguments):
    parser = argparse.ArgumentParser(prog="script/bench core", description=__doc__.split("\n\n", 1)[1],
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PROGRAM|NAME=URL")
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement (3)")
    parser.add_argument("--rounds", type=int, default=3, help="of which the median is taken (3)")
    parser.add_argument("--row", action="append", choices=ROWS, help="only this row (repeatable)")
    parser.add_argument("--connections", default="16,64", help="keep-alive connections (16,64)")
    parser.add_argument("--no-limits", action="store_true", help="only the servers")
    parser.add_argument("--json", metavar="FILE", help="all figures, for programs")
    parser.add_argument("--print-load", action="store_true", help="print the SQL of the data and end")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    if options.print_load:
        print(load.LOAD)
        return 0
    results = {"rows": [], "processes": {}}
    with services.workplace() as (folder, stack):
        bench = Bench(options, folder, stack)
        idle = {implementation.name: implementation.memory() for implementation in bench.implementations}
        print(LINE.format(*HEADER))
        for row in options.row or ROWS:
            for connections in map(int, options.connections.split(",")):
                medians = bench.run_row(row, connections)
                limits = [] if options.no_limits else limits_of(bench, row, connections)
                show_row(row, connections, medians, limits)
                results["rows"].append({"row": row, "connections": connections, "servers": medians,
                                        "limits": dict(limits)})
        for implementation in bench.implementations:
            if not implementation.servers:
                continue
            now, peak = implementation.memory()
            process = {"startup_ms": min(server.startup_ms for server in implementation.servers.values()),
                       "idle_mib": idle[implementation.name][0], "after_mib": now, "peak_mib": peak}
            results["processes"][implementation.name] = process
            print("{}: ready {startup_ms:.0f} ms after its start; resident {idle_mib:.1f} MiB idle, {after_mib:.1f} "
                  "MiB after, {peak_mib:.1f} MiB at its peak".format(implementation.name, **process))
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
