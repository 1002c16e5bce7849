"""todoctl on a terminal: prompts without echo, questions before something is destroyed, colours, width."""

import os
import pty
import signal
import termios
import time

import cli


def email():
    return f"pty{time.time_ns()}@example.org"


def test_the_password_is_asked_for_twice_and_never_shown(world):
    world.ok("migrate")
    who = email()
    shown = world.on_terminal("user", "add", who, answers=[("Password: ", "typed unseen\n"),
                                                          ("Once more: ", "typed unseen\n")])
    assert shown.code == 0 and f"Added {who}" in shown.out, shown
    assert "typed unseen" not in shown.out, shown
    assert world.login(who, "typed unseen")


def test_two_different_passwords_change_nothing(world):
    world.ok("migrate")
    who = email()
    shown = world.on_terminal("user", "add", who, answers=[("Password: ", "typed unseen\n"),
                                                          ("Once more: ", "typed otherwise\n")])
    assert shown.code == 2 and "the two are not the same" in shown.out, shown
    assert who not in world.ok("user", "list").out


def test_passwd_asks_for_the_new_password(world):
    user = world.user()
    shown = world.on_terminal("user", "passwd", user["email"],
                              answers=[("New password for " + user["email"], "brand new one\n"),
                                       ("Once more: ", "brand new one\n")])
    assert shown.code == 0, shown
    assert world.login(user["email"], "brand new one")


def test_no_password_is_a_usage_error(world):
    world.ok("migrate")
    shown = world.on_terminal("user", "add", email(), answers=[("Password: ", "\n")])
    assert shown.code == 2 and "nothing was entered" in shown.out, shown


def test_the_secret_of_a_token_is_asked_for_once_and_never_shown(world):
    shown = world.on_terminal("token", "mint", "00000000-0000-7000-8000-000000000000",
                              answers=[("Secret (JWT_SECRET): ", cli.SECRET + "\n")])
    assert shown.code == 0 and cli.SECRET not in shown.out, shown
    token = shown.out.strip().splitlines()[-1]
    world.ok("token", "verify", stdin=token, env={"JWT_SECRET": cli.SECRET})


def test_delete_asks_and_does_nothing_without_a_yes(world):
    user = world.user()
    question = f"Delete {user['email']} and everything that is theirs? [y/N] "
    for answer in ("n\n", "\n", "yess\n", "\x04"):
        shown = world.on_terminal("user", "delete", user["email"], answers=[(question, answer)])
        assert shown.code == 1 and "nothing was changed" in shown.out, shown
    assert user in world.json("user", "list")
    shown = world.on_terminal("user", "delete", user["email"], answers=[(question, "y\n")])
    assert shown.code == 0 and user not in world.json("user", "list"), shown


def test_rm_asks_before_each_todo(world):
    user = world.user()
    keep, lose = world.todo(user, "Keep me"), world.todo(user, "Lose me")
    shown = world.on_terminal("todo", "rm", "-u", user["id"], lose["id"], keep["id"],
                              answers=[('Remove "Lose me"? [y/N] ', "y\n"), ('Remove "Keep me"? [y/N] ', "n\n")])
    assert shown.code == 1, shown
    assert world.json("todo", "list", "-u", user["id"]) == [keep]


def test_purge_asks_with_the_number_of_todos(world):
    user = world.user()
    items = [world.todo(user, title) for title in ("One", "Two")]
    world.ok("todo", "rm", "-y", "-u", user["id"], *(item["id"] for item in items))
    question = "Remove 2 todos in the trash for good? [y/N] "
    shown = world.on_terminal("db", "purge", "--older-than", "0", "-u", user["id"], answers=[(question, "n\n")])
    assert shown.code == 1 and "nothing was changed" in shown.out, shown
    assert len(world.json("todo", "list", "--deleted", "-u", user["id"])) == 2
    shown = world.on_terminal("db", "purge", "--older-than", "0", "-u", user["id"], answers=[(question, "y\n")])
    assert shown.code == 0 and "Purged 2 todos." in shown.out, shown
    item = world.todo(user, "For good")
    shown = world.on_terminal("todo", "rm", "--purge", "-u", user["id"], item["id"],
                              answers=[('Remove "For good" for good? [y/N] ', "y\n")])
    assert shown.code == 0 and world.json("todo", "list", "--deleted", "-u", user["id"]) == [], shown


def test_an_interrupt_at_the_prompt_ends_it_and_puts_the_echo_back(world):
    world.ok("migrate")
    pid, fd = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell without job control has it ignored
        os.execve(cli.TODOCTL, [cli.TODOCTL, "user", "add", email()], world.env)
    shown = b""
    while b"Password: " not in shown:
        shown += os.read(fd, 1024)
    assert not termios.tcgetattr(fd)[3] & termios.ECHO
    os.kill(pid, signal.SIGINT)
    status = os.waitpid(pid, 0)[1]
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT, status
    assert termios.tcgetattr(fd)[3] & termios.ECHO
    os.close(fd)


def test_a_long_title_is_cut_at_the_edge_of_the_terminal_only(world):
    user = world.user()
    item = world.todo(user, "A long title " * 12)
    row = world.on_terminal("todo", "list", "-u", user["id"], columns=80).out.splitlines()[1]
    assert row.endswith("…") and len(row) == 80, row
    assert item["title"] in world.on_terminal("todo", "list", "-u", user["id"], columns=300).out
    assert item["title"] in world.ok("todo", "list", "-u", user["id"]).out


def test_headers_are_bold_on_a_terminal_only(world):
    world.user()
    assert "\033[1mID" in world.on_terminal("user", "list").out
    assert "\033" not in world.on_terminal("user", "list", env={"NO_COLOR": "1"}).out
    assert "\033" not in world.ok("user", "list").out


cli.main()
