"""todoctl doctor: what it finds, what it says to try, and its exit code."""

import contextlib
import http.server
import os
import socket
import threading
from email.utils import formatdate

import cli

GOOD = {"JWT_SECRET": cli.SECRET, "EDGE_SECRET": cli.SECRET[::-1]}


def findings(result):
    return {(each["check"], each["finding"]) for each in result.json()["checks"]}


def messages(result, finding):
    return [each["message"] for each in result.json()["checks"] if each["finding"] == finding]


def doctor(world, *arguments, **env):
    return world.run("--json", "doctor", *arguments, env={**GOOD, **env})


@contextlib.contextmanager
def server(status=200, date=None):
    """A server whose /health answers so, at a port of its own."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):  # pylint: disable=invalid-name
            self.send_response_only(status if self.path == "/health" else 404)
            self.send_header("Server", "stand-in/1")
            self.send_header("Date", date or formatdate(usegmt=True))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):  # pylint: disable=arguments-differ
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()
        thread.join()


def closed_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def test_a_good_installation_is_healthy(world):
    world.ok("migrate")
    result = doctor(world)
    assert result.code == 0 and result.json()["healthy"] is True, result
    assert {("version", "ok"), ("writer", "ok"), ("schema", "ok"), ("secrets", "ok")} <= findings(result), result
    writer = next(each for each in result.json()["checks"] if each["check"] == "writer")
    assert writer["latency_us"] >= 0 and writer["version"] and writer["url"], writer
    text = world.run("doctor", env=GOOD)
    assert text.code == 0 and text.out.splitlines()[-1].endswith(" 0 broken"), text


def test_every_finding_that_is_not_ok_comes_with_a_next_step(world):
    result = world.run("--json", "doctor", "--core", f"http://127.0.0.1:{closed_port()}", env={"JWT_SECRET": "x"})
    assert result.code == 1, result
    for each in result.json()["checks"]:
        assert (each["try"] is None) == (each["finding"] == "ok"), each


def test_it_never_shows_a_secret(world):
    env = {"JWT_SECRET": "hunter2", "EDGE_SECRET": "hunter2", "REDIS_URL": "redis://:hunter2@127.0.0.1:1/0"}
    for arguments in (("doctor",), ("doctor", "--json")):
        result = world.run(*arguments, env=env)
        assert "hunter2" not in result.out + result.err, result


def test_missing_secrets_are_warned_of(world):
    world.ok("migrate")
    result = world.run("doctor", "--json")
    assert result.code == 0, result
    assert sum("is not set here" in text for text in messages(result, "warning")) == 2, result


def test_weak_secrets_are_broken(world):
    world.ok("migrate")
    for weak in ("short", "a" * 64, "abcabcabcabcabcabcabcabcabcabcabcabc"):
        result = doctor(world, JWT_SECRET=weak)
        assert result.code == 1 and ("secrets", "broken") in findings(result), result


def test_the_same_secret_twice_is_broken(world):
    result = doctor(world, EDGE_SECRET=cli.SECRET)
    assert any("are the same" in text for text in messages(result, "broken")), result


def test_a_secret_file_that_cannot_be_read_is_broken(world):
    result = doctor(world, JWT_SECRET="", JWT_SECRET_FILE=world.path("nowhere"))
    assert result.code == 1 and any("nowhere: No such file" in text for text in messages(result, "broken")), result


def test_a_secret_file_that_everyone_can_read_is_warned_of(world):
    path = world.file("jwt", cli.SECRET, mode=0o644)
    result = doctor(world, JWT_SECRET="", JWT_SECRET_FILE=path)
    assert any(path in text and "every user" in text for text in messages(result, "warning")), result
    os.chmod(path, 0o600)
    assert not any(path in text for text in messages(doctor(world, JWT_SECRET="", JWT_SECRET_FILE=path), "warning"))


def test_no_embedded_store_yet_is_a_warning_and_none_is_made(world):
    result = doctor(world, DATABASE_WRITER_URL="sqlite:" + world.path("new.db"))
    assert result.code == 0 and ("file", "warning") in findings(result), result
    assert not os.path.exists(world.path("new.db"))


def test_an_embedded_store_that_others_can_read_is_warned_of(world):
    env = {"DATABASE_WRITER_URL": "sqlite:" + world.path("open.db")}
    world.ok("migrate", env=env)
    os.chmod(world.path("open.db"), 0o644)
    assert ("file", "warning") in findings(doctor(world, **env))
    os.chmod(world.path("open.db"), 0o600)
    assert ("file", "ok") in findings(doctor(world, **env))


def test_a_file_that_is_no_database_is_broken(world):
    result = doctor(world, DATABASE_WRITER_URL="sqlite:" + world.file("bad.db", "this is no database " * 100))
    assert result.code == 1, result


def test_a_database_that_does_not_answer_is_broken(world):
    port = closed_port()
    result = doctor(world, DATABASE_WRITER_URL=f"postgres://todo:hunter2@127.0.0.1:{port}/todo")
    assert result.code == 1 and ("writer", "broken") in findings(result), result
    assert "hunter2" not in result.out, result


def test_a_cache_that_does_not_answer_is_broken_but_the_store_is_looked_at(world):
    world.ok("migrate")
    result = doctor(world, REDIS_URL=f"redis://127.0.0.1:{closed_port()}")
    assert result.code == 1, result
    assert {("writer", "ok"), ("cache", "broken")} <= findings(result), result


def test_pending_migrations_are_broken(world):
    path = world.path("empty.db")
    world.ok("migrate", "-s", "sqlite:" + path)
    world.ok("migrate", "down", "-y", "-s", "sqlite:" + path)
    result = doctor(world, DATABASE_WRITER_URL="sqlite:" + path)
    assert result.code == 1 and ("schema", "broken") in findings(result), result
    assert any(each["try"] == "todoctl migrate" for each in result.json()["checks"]), result


def test_a_core_and_an_edge_that_answer_are_ok(world):
    world.ok("migrate")
    with server() as url:
        result = doctor(world, "--edge", url + "/", CORE_URL=url)
    assert result.code == 0 and {("core", "ok"), ("edge", "ok")} <= findings(result), result


def test_a_running_todo_server_is_found(world):
    env = {**world.env, **GOOD}
    running = cli.subprocess.Popen([os.environ["TODO_SERVER"], "--addr", "127.0.0.1:0"], env=env, cwd=world.folder,
                                   stderr=cli.subprocess.PIPE, encoding="utf-8")
    try:
        for line in running.stderr:
            said = cli.json.loads(line)
            if said["message"] == "listening":
                break
        result = doctor(world, CORE_URL="http://127.0.0.1:" + said["port"])
    finally:
        running.terminate()
        running.communicate()
    assert running.returncode == 0
    assert result.code == 0 and ("core", "ok") in findings(result), result


def test_a_server_that_is_not_there_or_not_healthy_is_broken(world):
    world.ok("migrate")
    result = doctor(world, "--core", f"http://127.0.0.1:{closed_port()}")
    assert result.code == 1 and ("core", "broken") in findings(result), result
    with server(status=503) as url:
        result = doctor(world, "--edge", url)
    assert result.code == 1 and ("edge", "broken") in findings(result), result


def test_a_clock_that_is_minutes_off_is_broken(world):
    world.ok("migrate")
    with server(date=formatdate(1e9, usegmt=True)) as url:
        result = doctor(world, "--core", url)
    assert result.code == 1 and any("behind this one" in text for text in messages(result, "broken")), result


cli.main()
