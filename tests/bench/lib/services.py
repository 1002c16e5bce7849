"""The servers of a benchmark: PostgreSQL, Redis and whatever answers HTTP. All on loopback and free ports."""
import contextlib
import http.client
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

TICKS = os.sysconf("SC_CLK_TCK")
POSTGRES_SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "256MB",
    "synchronous_commit": "on",
    "fsync": "on",
    "autovacuum": "off",  # it would land in one measurement and not in another
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid, with_children=False):
    """The CPU time a process has used, with that of children it has waited for if asked."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(field) for field in fields[11:15 if with_children else 13]) / TICKS


def memory_kib(pid, key):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1])
    return 0


def wait_for(condition, seconds, what, pause=0.001):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"bench: {what} did not come up within {seconds} s")
        time.sleep(pause)


def answers(address):
    host, port = address.rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=2)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


class Process:
    """A child that is ended, politely first, when its owner is done."""

    def __init__(self, command, environment=None, log=None, stop_signal=signal.SIGTERM):
        self.stop_signal = stop_signal
        with open(log or os.devnull, "ab") as output:
            self.child = subprocess.Popen(command, env={**os.environ, **(environment or {})}, stdin=subprocess.PIPE,
                                          stdout=output, stderr=output)

    @property
    def pid(self):
        return self.child.pid

    def stop(self):
        if self.child.poll() is None:
            self.child.stdin.close()
            self.child.send_signal(self.stop_signal)
            try:
                self.child.wait(15)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()


class Server(Process):
    """An implementation of the HTTP contract, started with the contract's environment."""

    def __init__(self, command, environment, log):
        self.address = f"127.0.0.1:{free_port()}"
        begin = time.monotonic()
        super().__init__(command, {**environment, "APP_ADDR": self.address}, log)
        wait_for(lambda: self.child.poll() is not None or answers(self.address), 20, command[0], pause=0)
        if self.child.poll() is not None:
            raise SystemExit(f"bench: {command[0]} ended: {pathlib.Path(log).read_text().strip()[-300:]}")
        self.startup_ms = (time.monotonic() - begin) * 1000


class Redis:
    """The one that tests/support/with-services started."""

    def __init__(self):
        self.port = int(os.environ["TODO_TEST_REDIS_PORT"])

    def url(self, database):
        return f"redis://127.0.0.1:{self.port}/{database}"


class Postgres:
    """The one that tests/support/with-services started, with settings fit for measuring."""

    def __init__(self):
        self.port = os.environ["TODO_TEST_PG_PORT"]
        self.socket = os.environ["TODO_TEST_PG_SOCKET"]
        for key, value in POSTGRES_SETTINGS.items():
            self.sql("postgres", f"alter system set {key} = '{value}';")
        subprocess.run([os.environ["TODO_TEST_PG_CTL"], "restart"], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.pid = int(pathlib.Path(os.environ["TODO_TEST_PG_DATA"], "postmaster.pid").read_text().split()[0])

    def url(self, database):
        return os.environ["TODO_TEST_STORE_URL"].rsplit("/", 1)[0] + "/" + database

    def sql(self, database, text, owner=False):
        """Runs statements, as the superuser or the owner of the databases, and returns rows as lists of text."""
        where = [self.url(database)] if owner else ["-h", self.socket, "-p", self.port, "-U", "postgres", database]
        done = subprocess.run(["psql", "-qXAtF", "\t", "-v", "ON_ERROR_STOP=1", *where], input=text, check=True,
                              text=True, stdout=subprocess.PIPE)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def create(self, database, template="template1"):
        self.sql("postgres", f'create database "{database}" template "{template}" owner todo;')

    def cpu_seconds(self):
        """Of the postmaster, its children, and the children that are gone."""
        total = cpu_seconds(self.pid, with_children=True)
        for child in pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                total += cpu_seconds(child)
        return total


@contextlib.contextmanager
def workplace():
    """A temporary folder, and a stack on which started things are put to be stopped in reverse."""
    folder = tempfile.mkdtemp(prefix="libtodo-bench-")
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield folder, stack
