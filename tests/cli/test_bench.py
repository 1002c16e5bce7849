"""todoctl bench: what it says, and that it leaves nothing behind."""

import os
import signal
import subprocess
import time

import cli

OPERATIONS = ["create", "get", "list of 20", "update", "remove"]


def emails(world):
    return [user["email"] for user in world.json("user", "list")]


def emails_meanwhile(world):
    """The same beside a process that may open the file at this moment: then the command asks to be run again."""
    listed = world.run("--json", "user", "list")
    assert listed.code == 0 or (listed.code == 4 and "run the command again" in listed.err), listed
    return [user["email"] for user in listed.json()] if listed.code == 0 else []


def leftovers(world):
    return [email for email in emails(world) if email.startswith("bench-")]


def test_each_operation_is_measured(world):
    world.ok("migrate")
    measured = world.json("bench", "--count", "30", "--clients", "3")
    assert [each["operation"] for each in measured] == OPERATIONS
    for each in measured:
        assert each["count"] == 30 and each["clients"] == 3 and each["per_second"] > 0, each
        assert 0 <= each["p50_us"] <= each["p99_us"] <= each["max_us"], each
    table = world.ok("bench", "-c", "5").out
    assert [line.split("  ")[0] for line in table.splitlines()] == ["OPERATION", *OPERATIONS], table


def test_nothing_is_left_behind(world):
    user = world.user()
    world.todo(user, "Untouched")
    world.ok("bench", "-c", "5")
    assert leftovers(world) == [] and user["email"] in emails(world)
    assert len(world.json("todo", "list", "-u", user["id"])) == 1


def test_nothing_is_left_behind_by_an_interrupt(world):
    world.ok("migrate")
    for each, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)):
        # A shell says how it ended as an exit status; exec, so that it gets the signal itself.
        running = subprocess.Popen(["sh", "-c", '"$0" bench -c 1000000; exit $?', cli.TODOCTL], env=world.env,
                                   cwd=world.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        deadline = time.monotonic() + 60
        while not any(email.startswith("bench-") for email in emails_meanwhile(world)):
            assert running.poll() is None and time.monotonic() < deadline
        with open(f"/proc/{running.pid}/task/{running.pid}/children", encoding="ascii") as children:
            os.kill(int(children.read().split()[0]), each)
        assert running.wait(60) == code
        assert leftovers(world) == []


def test_bad_numbers_are_usage_errors(world):
    world.fails(2, "bench", "-c", "0", says="0 is no number")
    world.fails(2, "bench", "--clients", "65", says="65 is no number")


cli.main()
