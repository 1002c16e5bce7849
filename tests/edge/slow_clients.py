"""Clients that take their time, none of which has a token, and what another client notices of them.

usage: slow_clients.py TODO_EDGE COMPONENT [--count N] [--idle N] [--seconds S] [--kind KIND]...

Starts todo-edge in front of a core of its own. Without options it is a test with small counts, whose output is TAP: while each
kind, and then all at once, hold the edge, another client must get its answers. With counts it is a load program: it prints what
another client's rate and 99th percentile are beside those without the slow ones, and the memory and threads of todo-edge.
Each kind has an address of its own (127.0.1.N), as different clients have.
"""
import argparse
import collections
import contextlib
import http.client
import http.server
import multiprocessing
import re
import resource
import selectors
import socket
import struct
import subprocess
import sys
import threading
import time

LOGIN = b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
LARGE = b"x" * 60_000  # more than the core gives without a token


class Core(http.server.BaseHTTPRequestHandler):
    """/health is short, /openapi.json is long, and everything else is read and answered."""

    protocol_version = "HTTP/1.1"
    uploads = 0
    disable_nagle_algorithm = True

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = LARGE if self.path == "/openapi.json" else b"{}"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = answer

    def do_POST(self):
        Core.uploads += 1
        self.answer()

    def log_message(self, *arguments):
        pass


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 4096

    def handle_error(self, request, client_address):
        pass


def silent(client):
    """Says nothing at all."""
    del client


def idle(client):
    """Was answered, and keeps its connection."""
    client.send(HEALTH)


def slow_head(client):
    """Sends its head a byte at a time."""
    client.send(b"GET /health HTTP/1.1\r\nX-A: ")


def slow_body(client):
    """Sends a body of a known length a byte at a time."""
    client.send(LOGIN + b"Content-Length: 100000\r\n\r\n{")


def slow_chunks(client):
    """Sends a body in chunks of a byte, one at a time."""
    client.send(LOGIN + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n")


def expecting(client):
    """Waits for its 100, and then does not send what it announced."""
    client.send(LOGIN + b"Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n")


def trickling_reader(client):
    """Asks for much, and takes little of it."""
    client.send(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")


def half_closed(client):
    """Says that it will send nothing more, in the middle of its body."""
    client.send(LOGIN + b"Content-Length: 10\r\n\r\n{")
    client.shutdown(socket.SHUT_WR)


def resetting(client):
    """Asks, and resets the connection before it is answered."""
    client.send(HEALTH)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


MORE = {slow_head: b"a", slow_body: b" ", slow_chunks: b"1\r\n \r\n"}
KINDS = {
    kind.__name__: kind
    for kind in (silent, idle, slow_head, slow_body, slow_chunks, expecting, trickling_reader, half_closed, resetting)
}


PAUSE = 1  # seconds after which a client sends or takes a little more, or comes back when it was sent away


class Crowd:
    """Clients of some kinds, in a process of their own."""

    def __init__(self, port, counts):
        self.port = port
        self.selector = selectors.DefaultSelector()
        self.waiting = collections.deque(
            (0, kind, number) for number, (kind, count) in enumerate(counts.items(), 1) for _ in range(count))
        self.readers = []
        self.opened = multiprocessing.Value("L", 0)
        self.ready = multiprocessing.Event()
        self.process = multiprocessing.Process(target=self.run, daemon=True)
        self.process.start()

    def come_back(self, kind, number):
        self.waiting.append((time.monotonic() + PAUSE, kind, number))

    def open(self, kind, number):
        client = socket.socket()
        try:
            if kind is trickling_reader:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.bind((f"127.0.1.{number}", 0))
            client.settimeout(5)
            client.connect(("127.0.0.1", self.port))
            client.setblocking(False)
            self.opened.value += 1
            kind(client)
            if kind is trickling_reader:
                self.readers.append((client, kind, number))
            elif client.fileno() >= 0:
                self.selector.register(client, selectors.EVENT_READ, (kind, number))
            else:
                self.come_back(kind, number)
        except OSError:
            client.close()
            self.come_back(kind, number)

    def take(self, key):
        """Reads what came; a client that was sent away is to come back."""
        try:
            if key.fileobj.recv(65536):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self.selector.unregister(key.fileobj)
        key.fileobj.close()
        self.come_back(*key.data)

    def trickle(self):
        for key in list(self.selector.get_map().values()):
            more = MORE.get(key.data[0])
            if more:
                with contextlib.suppress(OSError):
                    key.fileobj.send(more)
        kept = []
        for reader in self.readers:
            try:
                gone = not reader[0].recv(16)
            except BlockingIOError:
                gone = False
            except OSError:
                gone = True
            if gone:
                reader[0].close()
                self.come_back(*reader[1:])
            else:
                kept.append(reader)
        self.readers = kept

    def run(self):
        last = time.monotonic()
        while True:
            for _ in range(200):
                if not self.waiting or self.waiting[0][0] > time.monotonic():
                    break
                self.open(*self.waiting.popleft()[1:])
            if not self.waiting or self.waiting[0][0] > 0:
                self.ready.set()
            for key, _ in self.selector.select(0.01):
                self.take(key)
            if time.monotonic() - last > PAUSE:
                last = time.monotonic()
                self.trickle()

    def stop(self):
        self.process.terminate()
        self.process.join()


def measure_with_wrk(port, seconds):
    """The same with sixteen connections that stay, from another process."""
    output = subprocess.run(
        ["wrk", "-t1", "-c16", f"-d{seconds:.0f}", "--latency", f"http://127.0.0.1:{port}/api/todos"],
        check=True, capture_output=True, text=True).stdout
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", output)
    return (float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1]),
            float(p99[1]) * {"us": 0.001, "ms": 1, "s": 1000}[p99[2]])


def ask(client):
    client.request("GET", "/api/todos")
    answer = client.getresponse()
    answer.read()
    return answer


def ask_patiently(port, kept):
    """An idle connection may be closed at any time (RFC 9112, 9.3.1), and a full edge says when to come back."""
    client = kept or http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        answer = ask(client)
    except (http.client.RemoteDisconnected, ConnectionError):
        if not kept:
            raise
        answer = ask(client)
    while answer.status == 503 and answer.headers["Retry-After"]:
        time.sleep(0.05)
        answer = ask(client)
    if answer.status != 401:
        raise RuntimeError(f"status {answer.status}")
    if not kept:
        client.close()


def measure(port, seconds):
    """Another client's answers per second and the 99th percentile of their time, in milliseconds."""
    times, end = [], time.monotonic() + seconds
    kept = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    while time.monotonic() < end:
        begun = time.monotonic()
        ask_patiently(port, kept if len(times) % 10 else None)
        times.append(time.monotonic() - begun)
    kept.close()
    times.sort()
    return len(times) / seconds, times[len(times) * 99 // 100] * 1000


def status_of(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        lines = dict(line.split(":", 1) for line in file)
    return int(lines["VmRSS"].split()[0]) / 1024, int(lines["Threads"])


def start_edge(program, component, core_port, limits):
    environment = {
        "CORE_URL": f"http://127.0.0.1:{core_port}",
        "JWT_SECRET": "s" * 64,
        "EDGE_SECRET": "e" * 64,
    }
    names = [word for name in environment for word in ("--env", name)]
    process = subprocess.Popen(
        [program, "--addr", "127.0.0.1:0", "--keep-alive", "3600", *limits, *names, component],
        env=environment, stderr=subprocess.PIPE, text=True)
    port = int(process.stderr.readline().rstrip("/\n").rsplit(":", 1)[1])
    threading.Thread(target=process.stderr.read, daemon=True).start()
    return process, port


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("edge")
    options.add_argument("component")
    options.add_argument("--count", type=int, default=0, help="of each kind but idle")
    options.add_argument("--idle", type=int, default=0, help="clients that are idle")
    options.add_argument("--seconds", type=float, default=10, help="that each kind is measured")
    options.add_argument("--kind", action="append", choices=[*KINDS, "all"], help="only this one")
    given = options.parse_args()
    is_test = not given.count and not given.idle
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    core = Quiet(("127.0.0.1", 0), Core)
    threading.Thread(target=core.serve_forever, daemon=True).start()
    process, port = start_edge(given.edge, given.component, core.server_address[1],
                               ["--max-connections", "512"] if is_test else [])
    count, idles, seconds = (40, 40, 1) if is_test else (given.count, given.idle, given.seconds)
    counts = {kind: idles if kind is idle else count for kind in KINDS.values()}
    rounds = {name: {kind: counts[kind]} for name, kind in KINDS.items()} | {"all": counts}
    if given.kind:
        rounds = {name: rounds[name] for name in given.kind}
    failed = 0
    print(f"1..{len(rounds)}" if is_test else "kind, clients: rate beside none, p99, resident, threads")
    for number, (name, crowd_counts) in enumerate(rounds.items(), 1):
        meter = measure if is_test else measure_with_wrk
        alone, _ = meter(port, seconds)
        crowd = Crowd(port, crowd_counts)
        crowd.ready.wait(60)
        rate, p99 = meter(port, seconds)
        memory, threads = status_of(process)
        crowd.stop()
        clients = sum(crowd_counts.values())
        figures = f"{clients}: {rate / alone:.2f}, {p99:.1f} ms, {memory:.1f} MiB, {threads}"
        if is_test:
            # Every answer came, or measure had failed; how fast depends on what else the machine does. No body was whole, so that
            # the core has heard of none.
            good = process.poll() is None and threads <= 32 and p99 < 5000 and Core.uploads == 0
            failed += not good
            print(f"{'' if good else 'not '}ok {number} - {name}, {figures}", flush=True)
        else:
            print(f"{name}, {figures}; {crowd.opened.value} opened", flush=True)
    process.terminate()
    if process.wait(15) != 0:
        failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
