"""The completion scripts, each run in its shell."""

import os
import re
import subprocess

import cli

COMMANDS = re.compile(r"^  ([a-z]+(?: [a-z]+)?) {2,}\S", re.M)


def script(world, shell):
    return world.file("completion." + shell, world.ok("completion", shell).out)


def shell_says(world, *command):
    done = subprocess.run(command, env=world.env, cwd=world.folder, encoding="utf-8", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60, check=False)
    assert done.returncode == 0, done
    return done.stdout.split("\n")


def bash(world, *words):
    code = f'source "{script(world, "bash")}"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _todoctl; ' \
        'printf "%s\\n" "${COMPREPLY[@]}"'
    return set(shell_says(world, "bash", "-c", code, "bash", "todoctl", *words)) - {""}


def zsh(world, *words):
    # What the script asks of zsh's completion system is answered with what it would offer.
    code = '_describe() { print -rl -- ${(P)@[-1]} }; compadd() { print -rl -- $@ }; _files() { print files }; ' \
        f'words=("$@"); CURRENT=$#; source "{script(world, "zsh")}"'
    return {line.split(":")[0] for line in shell_says(world, "zsh", "-f", "-c", code, "zsh", "todoctl", *words)} - {""}


def fish(world, *words):
    code = f'source "{script(world, "fish")}"; complete -C "todoctl {" ".join(words)}"'
    return {line.split("\t")[0] for line in shell_says(world, "fish", "--no-config", "-c", code)} - {""}


SHELLS = (bash, zsh, fish)


def test_the_commands_are_offered(world):
    text = world.ok("--help").out
    groups = {}
    for words in COMMANDS.findall(text[: text.index("\nOptions")]):
        groups.setdefault(words.split()[0], set()).update(words.split()[1:])
    for shell in SHELLS:
        assert set(groups) <= shell(world, ""), shell
        for group, commands in groups.items():
            if commands:
                assert shell(world, group, "") == commands, (shell, group)


def test_words_that_begin_so_are_offered(world):
    assert bash(world, "us") == {"user"}
    assert bash(world, "user", "p") == {"passwd"}
    assert fish(world, "user", "p") == {"passwd"}


def test_the_options_of_the_command_are_offered(world):
    for shell in SHELLS:
        offered = shell(world, "todo", "list", "--")
        assert {"--user", "--done", "--limit", "--store", "--json"} <= offered, (shell, offered)
        assert "--password-file" not in offered and "--title" not in offered, (shell, offered)


def test_an_option_and_its_argument_are_no_words_of_the_command(world):
    for shell in SHELLS:
        assert shell(world, "--store", "sqlite:x.db", "--json", "user", "") == {"add", "list", "passwd", "delete"}, shell


def test_the_argument_of_an_option_is_offered_where_it_is_known(world):
    for shell in SHELLS:
        for command in ("export", "import"):
            assert shell(world, command, "--format", "") == {"jsonl", "csv", "icalendar"}, (shell, command)
        for words in (("todo", "list"), ("cache", "stats"), ("doctor",)):
            assert shell(world, *words, "--format", "") == {"table", "json", "jsonl", "csv", "ids"}, (shell, words)
        assert {"EdDSA", "ES256", "RS256", "HS256"} <= shell(world, "token", "keygen", "--alg", ""), shell
    world.file("secret.txt", "")
    assert "secret.txt" in bash(world, "token", "mint", "--secret-file", "sec")
    assert "secret.txt" in fish(world, "token", "mint", "--secret-file", "sec")
    assert zsh(world, "token", "mint", "--secret-file", "") == {"files"}
    assert bash(world, "token", "mint", "--ttl", "") == set()


def test_profiles_sort_keys_and_users_are_offered(world):
    keys = {"created_at", "-created_at", "updated_at", "-updated_at"}
    world.env["PATH"] = os.path.dirname(cli.TODOCTL) + ":" + world.env["PATH"]
    for shell in SHELLS:
        assert shell(world, "todo", "list", "--user", "") - {"--"} == set(), shell  # and none is made
    assert not os.path.exists(world.path("todo.db"))
    os.makedirs(world.path(".config/todoctl"))
    world.file(".config/todoctl/config.ini", "[default]\nuser = x\n\n [work]\nstore = [no]\n")
    emails = {world.user()["email"], world.user()["email"]}
    for shell in SHELLS:
        for option in ("-S", "--sort"):
            assert shell(world, "todo", "list", option, "") - {"--"} == keys, (shell, option)
        for option in ("-p", "--profile"):
            assert shell(world, option, "") - {"--"} == {"default", "work"}, (shell, option)
        for command in (("todo", "list", "-u"), ("export", "--user"), ("db", "purge", "--user")):
            assert shell(world, *command, "") - {"--"} == emails, (shell, command)


def test_the_words_behind_help_are_commands(world):
    for shell in SHELLS:
        assert {"todo", "user", "completion"} <= shell(world, "help", ""), shell
        assert shell(world, "help", "user", "") == {"add", "list", "passwd", "delete"}, shell


cli.main()
