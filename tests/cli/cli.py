"""What the tests of todoctl share: running it with and without a terminal, and saying the result as TAP."""

import fcntl
import inspect
import itertools
import json
import os
import pty
import re
import select
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import termios
import time
import traceback

TODOCTL = os.environ["TODOCTL"]
LOGIN = os.environ.get("TODO_LOGIN")
STORE = os.environ.get("TODO_TEST_STORE_URL")  # of tests/support/with-services; None: the embedded store
PASSWORD = "correct horse battery"
SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"

_numbers = itertools.count(1)


class Result:
    def __init__(self, code, out, err=""):
        self.code, self.out, self.err = code, out, err

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit code {self.code}\nstdout: {self.out!r}\nstderr: {self.err!r}"


class World:
    """A folder, an environment and a store for one test."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="todo-cli.")
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": self.folder,
            "TERM": "xterm",
            "TZ": "UTC",
            "DATABASE_WRITER_URL": STORE or "sqlite:" + self.path("todo.db"),
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_LIBRARY_PATH"):
            if name in os.environ:
                self.env[name] = os.environ[name]

    def path(self, name):
        return os.path.join(self.folder, name)

    def file(self, name, text, mode=0o600):
        with open(self.path(name), "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(self.path(name), mode)
        return self.path(name)

    def close(self):
        shutil.rmtree(self.folder)

    def run(self, *arguments, stdin="", env=None):
        """Runs todoctl in a session of its own: without any terminal."""
        done = subprocess.run(
            [TODOCTL, *arguments], input=stdin, env={**self.env, **(env or {})}, cwd=self.folder, timeout=60,
            capture_output=True, encoding="utf-8", start_new_session=True, check=False)
        return Result(done.returncode, done.stdout, done.stderr)

    def ok(self, *arguments, **keywords):
        result = self.run(*arguments, **keywords)
        assert result.code == 0, result
        assert result.err == "", result
        return result

    def json(self, *arguments, **keywords):
        return self.ok("--json", *arguments, **keywords).json()

    def fails(self, code, *arguments, says=None, **keywords):
        """Runs what has to fail: with this code, nothing on stdout and one line on stderr that names a next step."""
        result = self.run(*arguments, **keywords)
        assert result.code == code, result
        assert re.fullmatch(r"todoctl: [^\n]+\n", result.err), result
        assert says is None or says in result.err, result
        return result

    def on_terminal(self, *arguments, answers=(), env=None, columns=80):
        """
        Runs todoctl on a terminal of its own. Each answer is (what to wait for, what to type). Gives all that the
        terminal showed as `out`.
        """
        pid, fd = pty.fork()
        if pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            os.chdir(self.folder)
            os.execve(TODOCTL, [TODOCTL, *arguments], {**self.env, **(env or {})})
        shown, waiting, deadline = "", list(answers), time.monotonic() + 60
        while True:
            assert time.monotonic() < deadline, shown
            if not select.select([fd], [], [], 1)[0]:
                continue
            try:
                data = os.read(fd, 65536)
            except OSError:  # EIO: nobody has the terminal open any more
                data = b""
            if not data:
                break
            shown += data.decode("utf-8")
            if waiting and waiting[0][0] in shown[shown.rfind("\n") + 1:]:
                os.write(fd, waiting.pop(0)[1].encode("utf-8"))
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.close(fd)
        assert not waiting, (waiting, shown)
        return Result(code, shown.replace("\r\n", "\n"))

    # What many tests begin with.

    def user(self, **keywords):
        """Adds a user of a new e-mail and gives it as JSON. Makes the embedded store first if there is none."""
        if self.env["DATABASE_WRITER_URL"].startswith("sqlite:") and not os.path.exists(self.path("todo.db")):
            self.ok("migrate")
        email = f"user{next(_numbers)}-{os.getpid()}-{time.time_ns()}@example.org"
        return self.json("user", "add", email, "--password-file", "-", stdin=PASSWORD, **keywords)

    def todo(self, user, title, *arguments):
        return self.json("todo", "add", "--user", user["id"], *arguments, "--", title)

    def change(self, *statements):
        """Changes the store behind the library's back."""
        if STORE:
            psql = [os.path.join(os.environ["TODO_TEST_PG_BIN"], "psql"), STORE, "-q", "-v", "ON_ERROR_STOP=1"]
            subprocess.run(psql, input="".join(each + ";\n" for each in statements), encoding="utf-8", check=True)
            return
        database = sqlite3.connect(self.path("todo.db"))
        for statement in statements:
            database.execute(statement)
        database.commit()
        database.close()

    def login(self, email, password):
        """Whether the library lets this e-mail and password in."""
        done = subprocess.run([LOGIN, self.env["DATABASE_WRITER_URL"], email], input=password, cwd=self.folder,
                              env=self.env, encoding="utf-8", timeout=60, check=False)
        assert done.returncode in (0, 1), done
        return done.returncode == 0


def main(migrated=True):
    """Runs every test_… function of the calling file, each in a world of its own, and says so as TAP. A PostgreSQL
    database is migrated first if it is wanted so."""
    module = sys.modules["__main__"]
    tests = [(name, test) for name, test in vars(module).items() if name.startswith("test_") and callable(test)]
    failed = 0
    if STORE and migrated:
        subprocess.run([TODOCTL, "migrate"], env={**os.environ, "DATABASE_WRITER_URL": STORE}, check=True,
                       stdout=subprocess.DEVNULL)
    print(f"1..{len(tests)}", flush=True)
    for number, (name, test) in enumerate(tests, 1):
        world = World()
        try:
            if inspect.signature(test).parameters:
                test(world)
            else:
                test()
            print(f"ok {number} - {name[5:].replace('_', ' ')}", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print("".join("# " + line + "\n" for line in traceback.format_exc().splitlines()), end="")
            print(f"not ok {number} - {name[5:].replace('_', ' ')}", flush=True)
        finally:
            world.close()
    sys.exit(1 if failed else 0)
