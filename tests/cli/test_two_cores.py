"""Two cores on one SQLite file: each serves what the other wrote, and no version is given twice."""

import concurrent.futures
import http.client
import itertools
import json
import os
import signal
import subprocess
import time

import cli

SECRETS = {"JWT_SECRET": cli.SECRET, "EDGE_SECRET": cli.SECRET[::-1]}


class Core:
    numbers = itertools.count()

    def __init__(self, world):
        path = world.path(f"log{next(Core.numbers)}")
        with open(path, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([os.environ["TODO_SERVER"], "--addr", "127.0.0.1:0"],
                                            cwd=world.folder, env={**world.env, **SECRETS}, stderr=log)
        deadline = time.monotonic() + 30
        self.port = None
        while self.port is None:
            assert time.monotonic() < deadline and self.process.poll() is None
            time.sleep(0.01)
            with open(path, encoding="utf-8") as log:
                for line in log:
                    if "listening" in line:
                        self.port = int(json.loads(line)["port"])

    def ask(self, user, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, None if body is None else json.dumps(body),
                           {"X-Edge-Verified": SECRETS["EDGE_SECRET"], "X-User-Id": user["id"],
                            "Content-Type": "application/json", **headers})
        response = connection.getresponse()
        data = response.read()
        connection.close()
        return response.status, json.loads(data) if data else None, response.headers

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait()


def test_each_sees_at_once_what_the_other_wrote(world):
    user = world.user()
    cores = Core(world), Core(world)
    for turn in range(20):
        writer, reader = cores[turn % 2], cores[1 - turn % 2]
        status, item, _ = writer.ask(user, "POST", "/api/todos", {"title": f"Turn {turn}"})
        assert status == 201
        assert reader.ask(user, "GET", "/api/todos/" + item["id"])[1] == item
        assert reader.ask(user, "GET", "/api/todos")[1][0] == item
        changed = reader.ask(user, "PATCH", "/api/todos/" + item["id"], {"completed": True})[1]
        assert writer.ask(user, "GET", "/api/todos/" + item["id"])[1] == changed and changed["completed"]
    for core in cores:
        core.end()


def test_a_version_is_given_once_and_no_change_is_lost(world):
    user = world.user()
    cores = Core(world), Core(world)
    item = cores[0].ask(user, "POST", "/api/todos", {"title": "Contended"})[1]
    path = "/api/todos/" + item["id"]

    def change(number):
        core = cores[number % 2]
        for _ in range(1000):
            tag = core.ask(user, "GET", path)[2]["ETag"]
            status, after, _ = core.ask(user, "PATCH", path, {"description": str(number)}, **{"If-Match": tag})
            assert status in (200, 412), (status, after)
            if status == 200:
                return core.ask(user, "POST", "/api/todos", {"title": f"Of {number}"})[0]
        return 412

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert set(pool.map(change, range(60))) == {201}
    shown = world.json("todo", "show", "-u", user["id"], item["id"])
    assert shown["version"] == 61, shown
    assert len(world.json("todo", "list", "--all", "-u", user["id"])) == 61
    for core in cores:
        core.end()


def test_when_one_dies_the_other_goes_on_with_all_that_was_acknowledged(world):
    user = world.user()
    dying, staying = Core(world), Core(world)
    ids = [dying.ask(user, "POST", "/api/todos", {"title": f"Todo {number}"})[1]["id"] for number in range(30)]
    dying.end(signal.SIGKILL)
    assert staying.ask(user, "POST", "/api/todos", {"title": "Later"})[0] == 201
    listed = staying.ask(user, "GET", "/api/todos?limit=1000")[1]
    assert [item["id"] for item in listed][1:] == ids[::-1], listed
    staying.end()
    assert world.ok("db", "check").out == "The store is whole.\n"


cli.main()
