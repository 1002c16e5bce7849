"""todoctl on a PostgreSQL with a replica and Redis, and when they go away one after the other."""

import os
import subprocess

import cli

READER = os.environ["TODO_TEST_READER_URL"]
CACHE = os.environ["TODO_TEST_CACHE_URL"]
ALL = {"DATABASE_READER_URL": READER, "REDIS_URL": CACHE, "JWT_SECRET": cli.SECRET, "EDGE_SECRET": cli.SECRET[::-1]}


def control(name, *words):
    subprocess.run([os.environ[name], *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def checks(result):
    return {each["check"]: each for each in result.json()["checks"]}


def test_doctor_finds_writer_reader_and_cache_with_versions_and_latencies(world):
    result = world.run("doctor", "--json", env=ALL)
    found = checks(result)
    assert result.code == 0, result
    for part, version in (("writer", "PostgreSQL"), ("reader", "PostgreSQL"), ("cache", "Redis")):
        assert found[part]["finding"] == "ok" and version in found[part]["version"], found[part]
        assert found[part]["latency_us"] > 0, found[part]
    assert "todo-secret" not in result.out, result


def psql(database, statement):
    subprocess.run([f"{os.environ['TODO_TEST_PG_BIN']}/psql", "-qX", "-h", os.environ["TODO_TEST_PG_SOCKET"], "-p",
                    os.environ["TODO_TEST_PG_PORT"], "-U", "postgres", "-d", database, "-c", statement], check=True)


def test_doctor_tells_a_wrong_setting_from_a_server_that_is_down(world):
    wrong = {**ALL, "DATABASE_READER_URL": READER.replace("todo-secret", "guess"), "REDIS_URL": CACHE.replace("//", "//:guess@")}
    result = world.run("doctor", "--json", env=wrong)
    found = checks(result)
    assert result.code == 1, result
    for part, word in (("reader", "28P01"), ("cache", "AUTH")):
        assert found[part]["finding"] == "broken" and word in found[part]["message"], found[part]
        assert "correcting" in found[part]["try"] and "starting" not in found[part]["try"], found[part]
    assert "guess" not in result.out + result.err, result


def test_a_database_in_another_encoding_is_refused_and_broken(world):
    psql("postgres", "CREATE DATABASE latin OWNER todo ENCODING LATIN1 LOCALE 'C' TEMPLATE template0")
    latin = {**ALL, "DATABASE_WRITER_URL": os.environ["TODO_TEST_STORE_URL"].replace("/todo", "/latin").replace("/latin:", "/todo:")}
    del latin["DATABASE_READER_URL"]
    world.fails(4, "migrate", env=latin, says="server_encoding is LATIN1")
    result = world.run("doctor", "--json", env=latin)
    found = checks(result)["writer"]
    assert result.code == 1 and found["finding"] == "broken" and "server_encoding is LATIN1" in found["message"], result


def test_a_change_is_told_to_the_cache(world):
    user = world.user()
    item = world.todo(user, "Before")
    show = ("--json", "todo", "show", "-u", user["id"], item["id"])
    assert world.ok(*show, env=ALL).json()["title"] == "Before"
    world.ok("todo", "edit", "-u", user["id"], item["id"], "--title", "After", env={"REDIS_URL": CACHE})
    assert world.ok(*show, env=ALL).json()["title"] == "After"
    world.ok("todo", "rm", "-y", "-u", user["id"], item["id"], env={"REDIS_URL": CACHE})
    assert "deleted_at" in world.ok(*show, env=ALL).json()  # not what the cache had
    world.ok("todo", "restore", "-u", user["id"], item["id"], env={"REDIS_URL": CACHE})
    assert "deleted_at" not in world.ok(*show, env=ALL).json()
    world.ok("todo", "rm", "-y", "--purge", "-u", user["id"], item["id"], env={"REDIS_URL": CACHE})
    world.fails(3, *show, env=ALL)


def test_without_the_cache_everything_goes_on_and_doctor_says_what_is_broken(world):
    user = world.user()
    control("TODO_TEST_REDIS_CTL", "stop")
    item = world.ok("--json", "todo", "add", "-u", user["id"], "Uncached", env=ALL).json()
    assert world.ok("--json", "todo", "list", "-u", user["id"], env=ALL).json()[0]["id"] == item["id"]
    result = world.run("doctor", "--json", env=ALL)
    control("TODO_TEST_REDIS_CTL", "start")
    assert result.code == 1 and checks(result)["cache"]["finding"] == "broken", result
    assert checks(result)["writer"]["finding"] == "ok", result


def test_without_the_replica_reads_go_to_the_writer_and_doctor_says_what_is_broken(world):
    user = world.user()
    control("TODO_TEST_REPLICA_CTL", "stop", "-m", "immediate")
    result = world.run("todo", "list", "-u", user["id"], env=ALL)
    found = world.run("doctor", "--json", env=ALL)
    control("TODO_TEST_REPLICA_CTL", "start")
    assert (result.code, result.out) == (0, ""), result
    assert found.code == 1 and checks(found)["reader"]["finding"] == "broken", found


def test_without_the_writer_a_change_is_unavailable_with_a_next_step(world):
    user = world.user()
    control("TODO_TEST_PG_CTL", "stop", "-m", "immediate")
    world.fails(4, "todo", "add", "-u", user["id"], "Lost", says="; try: todoctl doctor")
    result = world.run("doctor", "--json", env=ALL)
    control("TODO_TEST_PG_CTL", "start")
    assert result.code == 1 and checks(result)["writer"]["finding"] == "broken", result
    assert world.ok("todo", "list", "-u", user["id"]).out == ""


cli.main()
