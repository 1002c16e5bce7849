"""todoctl cache, on a Redis of the test's own."""

import os
import re
import subprocess
import uuid

import cli

CACHE = os.environ["TODO_TEST_CACHE_URL"]
HERE = {"REDIS_URL": CACHE}


def redis(*words):
    return subprocess.run(["redis-cli", "-p", os.environ["TODO_TEST_REDIS_PORT"], *words], check=True,
                          encoding="utf-8", stdout=subprocess.PIPE).stdout.strip()


def entries():
    """The ids of the todos that Redis has."""
    keys = [key for key in redis("--scan", "--pattern", "todo:{*}:*").split("\n") if key]
    return {key.rsplit(":", 1)[1] for key in keys}


def stats(world):
    return world.ok("cache", "stats", "--json", env=HERE).json()


def some_todos(world, count):
    user = world.user()
    return user, [world.todo(user, f"Todo {number}")["id"] for number in range(count)]


def test_stats_tells_what_it_holds_and_how_the_server_is(world):
    redis("FLUSHALL")
    user, ids = some_todos(world, 3)
    world.ok("cache", "warm", "-u", user["id"], env=HERE)
    world.ok("todo", "rm", "-y", "-u", user["id"], ids[0], env=HERE)
    redis("CONFIG", "SET", "maxmemory", "100mb")
    found = stats(world)
    redis("CONFIG", "SET", "maxmemory", "0")
    assert (found["todos"], found["users"], found["memory_limit"]) == (2, 1, 100 << 20), found
    assert 0 < found["bytes"] < found["memory_used"] and found["version"].startswith("Redis "), found
    assert found["hits"] > 0 and 0 < found["hit_rate"] <= 1 and found["latency_us"] > 0, found
    assert found["url"] == CACHE + "/0" and found["evicted"] == 0, found
    text = world.ok("cache", "stats", env=HERE).out
    assert "todos      2 in " in text and " used of no limit\n" in text, text
    assert stats(world)["memory_limit"] is None


def test_flush_takes_all_todos_out_and_nothing_else(world):
    redis("FLUSHALL")
    user, ids = some_todos(world, 4)
    world.ok("cache", "warm", "-u", user["id"], env=HERE)
    redis("SET", "todo:settings", "ours")
    redis("SET", "somebody:else", "theirs")
    assert entries() == set(ids)
    assert world.ok("cache", "flush", "--dry-run", env=HERE).out == "Would flush 4 todos.\n"
    assert world.ok("cache", "flush", "-n", "--json", env=HERE).json() == {"flushed": 4, "dry_run": True}
    assert len(entries()) == 4
    assert world.ok("cache", "flush", "-y", env=HERE).out == "Flushed 4 todos.\n"
    assert entries() == set()
    assert (redis("GET", "todo:settings"), redis("GET", "somebody:else")) == ("ours", "theirs")
    assert stats(world)["todos"] == 0
    world.ok("todo", "show", "-u", user["id"], ids[0], env=HERE)
    assert entries() == {ids[0]}


def test_flush_asks_first(world):
    world.ok("migrate")
    world.fails(2, "cache", "flush", env=HERE, says="there is no terminal to ask: Take all todos out of redis://")
    declined = world.on_terminal("cache", "flush", answers=[("[y/N]", "n\n")], env=HERE)
    assert declined.code == 1 and "nothing was changed" in declined.out, declined
    done = world.on_terminal("cache", "flush", answers=[("[y/N]", "y\n")], env=HERE)
    assert done.code == 0 and "Flushed " in done.out, done


def test_warm_takes_those_that_were_changed_last(world):
    redis("FLUSHALL")
    user, ids = some_todos(world, 5)
    world.ok("todo", "done", "-u", user["id"], ids[0])
    result = world.ok("cache", "warm", "-u", user["id"], "--per-user", "2", env=HERE)
    assert result.out == "Cached 2 todos of 1 user; 0 were cached already.\n"
    assert entries() == {ids[0], ids[4]}
    result = world.ok("cache", "warm", "--json", "-u", user["email"], "--limit", "3", env=HERE)
    assert result.json() == {"warmed": 1, "known": 2, "users": 1}


def test_warm_takes_some_of_every_user_up_to_the_limit(world):
    redis("FLUSHALL")
    for _ in range(3):
        some_todos(world, 3)
    world.ok("cache", "warm", "--per-user", "2", "--limit", "5", env=HERE)
    assert len(entries()) == 5
    world.ok("cache", "warm", env=HERE)
    assert len(entries()) >= 9


def test_warm_never_brings_an_older_state_back(world):
    redis("FLUSHALL")
    user, ids = some_todos(world, 1)
    world.ok("cache", "warm", "-u", user["id"], env=HERE)
    world.ok("todo", "edit", "-u", user["id"], ids[0], "-t", "Changed elsewhere", env=HERE)
    world.ok("cache", "warm", "-u", user["id"], env=HERE)
    assert world.ok("todo", "show", "-u", user["id"], ids[0], "--json", env=HERE).json()["title"] == "Changed elsewhere"
    world.ok("todo", "rm", "-y", "-u", user["id"], ids[0], env=HERE)
    world.ok("cache", "warm", "-u", user["id"], env=HERE)
    assert entries() == set()


def test_progress_is_shown_on_a_terminal_only(world):
    user = world.user()
    lines = "".join('{"id": "%s", "title": "Many"}\n' % uuid.uuid4() for _ in range(5000))
    world.ok("import", "-u", user["id"], stdin=lines)
    warm = ("cache", "warm", "-u", user["id"], "--per-user", "5000")
    shown = world.on_terminal(*warm, env=HERE)
    assert shown.code == 0 and re.search(r"\r\033\[K\d+ todos read, \d+/s", shown.out), shown
    assert shown.out.endswith("Cached 5000 todos of 1 user; 0 were cached already.\n"), shown
    assert world.ok(*warm, env=HERE).out == "Cached 0 todos of 1 user; 5000 were cached already.\n"


def test_without_a_cache_there_is_nothing_to_look_at(world):
    world.ok("migrate")
    for command in ("stats", "flush", "warm"):
        world.fails(2, "cache", command, says="the store has no cache; try: --cache redis://HOST, or REDIS_URL")


def test_a_cache_that_is_away_is_unavailable(world):
    world.ok("migrate")
    for command in ("stats", "flush", "warm"):
        world.fails(4, "cache", command, env={"REDIS_URL": "redis://127.0.0.1:1"}, says="the cache can't be reached")


def test_limits_are_numbers(world):
    world.fails(2, "cache", "warm", "--limit", "none", env=HERE, says="none is no number from 1 to ")
    world.fails(2, "cache", "warm", "--per-user", "0", env=HERE, says="0 is no number from 1 to ")


def test_a_user_of_the_access_list_who_may_only_do_what_the_manual_says(world):
    user, _ = some_todos(world, 2)
    redis("FLUSHALL")
    redis("ACL", "SETUSER", "admin", "on", ">secret", "~todo:*", "&__redis__:invalidate",
          *"+get +mget +set +del +pttl +pexpire +eval +evalsha +ping +info +select +client|id +client|tracking +subscribe +scan".split())
    here = {"REDIS_URL": CACHE.replace("redis://", "redis://admin:secret@")}
    world.ok("cache", "warm", "-u", user["id"], env=here)
    found = world.ok("cache", "stats", "--json", env=here)
    assert found.json()["todos"] == 2 and found.json()["bytes"] == 0 and "secret" not in found.out, found
    assert world.ok("cache", "flush", "-y", env=here).out == "Flushed 2 todos.\n"
    redis("ACL", "SETUSER", "admin", "-scan")
    world.fails(4, "cache", "stats", env=here, says="NOPERM")
    redis("ACL", "DELUSER", "admin")


cli.main()
