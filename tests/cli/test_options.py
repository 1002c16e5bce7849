"""What todoctl makes of its command line, before any store is opened."""

import os
import re
import subprocess

import cli

COMMANDS = re.compile(r"^  ([a-z]+(?: [a-z]+)?) {2,}\S", re.M)


def commands(world):
    text = world.ok("--help").out
    return [words.split() for words in COMMANDS.findall(text[: text.index("Options")])]


def test_help_lists_every_command_and_option(world):
    text = world.ok("--help").out
    for word in ("migrate up", "user passwd", "token mint", "todo rm", "doctor", "--store", "--json"):
        assert word in text, word
    assert len(commands(world)) >= 13


def test_every_command_has_a_help_of_its_own_that_needs_no_store(world):
    for words in commands(world):
        text = world.ok(*words, "--help", env={"DATABASE_WRITER_URL": "nonsense:"}).out
        assert text.startswith("Usage: todoctl " + " ".join(words) + " [OPTION]..."), text


def test_help_fits_a_terminal_of_80_columns(world):
    for words in ([], *commands(world)):
        text = world.ok(*words, "--help").out
        assert max(map(len, text.splitlines())) <= 80, text


def test_a_group_has_a_help_that_lists_its_commands(world):
    text = world.ok("user", "--help").out
    for word in ("user add", "user list", "user passwd", "user delete"):
        assert word in text


def test_help_shows_what_the_help_of_the_command_shows(world):
    world.env["TODOCTL_PROFILE"] = "nowhere"  # settings are not read
    assert world.ok("help").out == world.ok("--help").out
    for words in commands(world):
        assert world.ok("help", *words).out == world.ok(*words, "--help").out, words
    assert world.ok("help", "user").out == world.ok("user", "--help").out
    world.fails(2, "help", "usr", says="unknown command: usr; try: todoctl user")
    world.fails(2, "help", "user", "addd", says="unknown command: user addd; try: todoctl user add")
    world.ok("completion", "bash")


def test_every_number_of_the_server_has_bounds(world):
    text = subprocess.run([os.environ["TODO_SERVER"], "--help"], encoding="utf-8", stdout=subprocess.PIPE,
                          env=world.env, check=True).stdout
    numbers = re.findall(r"^  (--[\w-]+) N\n +[^\n]*\[([A-Z_]+)", text, re.M)
    assert len(numbers) >= 11, numbers
    for option, name in numbers:
        for bad in ("-1", "1.5", "0x10", "7 ", "4294967296", "1" + "0" * 30):
            for arguments, env in (([option + "=" + bad], {}), ([], {name: bad})):
                done = subprocess.run([os.environ["TODO_SERVER"], "--check", *arguments], env={**world.env, **env},
                                      encoding="utf-8", capture_output=True, cwd=world.folder, check=False)
                assert done.returncode != 0 and f"{name} must be a number from " in done.stderr, (name, bad, done)


def test_every_number_of_the_command_has_bounds(world):
    world.env["TODO_USER"] = world.user()["id"]
    for words in commands(world):
        text = world.ok(*words, "--help").out
        if words != ["doctor"]:
            text = text[: text.index("\nOptions of every command")]
        for option in re.findall(r"--([\w-]+) (?:COUNT|SECONDS|VERSION|NUMBER|AGE|DURATION)\b", text):
            for bad in ("-1", "1.5", "0x10", "7 ", "1" + "0" * 30):
                given = [world.env["TODO_USER"], "--title=x"] if words == ["todo", "edit"] else []
                result = world.run(*words, f"--{option}={bad}", *given)
                assert result.code == 2 and bad.strip() in result.err, (words, option, bad, result)


def test_version_names_todoctl_and_the_library(world):
    assert re.fullmatch(r"todoctl \d+\.\d+\.\d+ \(libtodo \d+\.\d+\.\d+\)\n", world.ok("--version").out)


def test_without_a_command_the_help_goes_to_stderr_with_code_2(world):
    result = world.run()
    assert (result.code, result.out) == (2, "") and result.err.startswith("Usage: todoctl"), result


def test_an_unknown_command_is_a_usage_error(world):
    world.fails(2, "frobnicate", says="unknown command: frobnicate; try: todoctl --help")
    world.fails(2, "user", "frobnicate", says="unknown command: user frobnicate; try: todoctl user --help")
    world.fails(2, "user", says="user needs a command; try: todoctl user --help")


def test_what_may_have_been_meant_is_suggested(world):
    for words, meant in ((("usre",), "todoctl user"), (("todos",), "todoctl todo"), (("exprot",), "todoctl export"),
                         (("done",), "todoctl todo done"), (("keygen",), "todoctl token keygen"),
                         (("todo", "lst"), "todoctl todo list"), (("user", "pasword"), "todoctl user passwd"),
                         (("cache", "state"), "todoctl cache stats"), (("todo", "move"), "todoctl todo --help"), (("zzzz",), "todoctl --help"),
                         (("todo", "frobnicate-a-great-many-things-at-once"), "todoctl todo --help")):
        world.fails(2, *words, says=f"unknown command: {' '.join(words)}; try: {meant}\n")


def test_an_unknown_option_is_a_usage_error_that_names_it(world):
    world.fails(2, "--frobnicate", says="unknown option --frobnicate")
    world.fails(2, "user", "list", "--frobnicate", says="unknown option --frobnicate; try: todoctl user list --help")
    world.fails(2, "user", "list", "-Q", says="unknown option -Q")
    world.fails(2, "user", "list", "--json=yes", says="takes no argument")


def test_an_option_without_its_argument_is_a_usage_error(world):
    world.fails(2, "user", "list", "--store", says="option --store needs an argument")
    world.fails(2, "user", "list", "-s", says="option -s needs an argument")


def test_too_few_and_too_many_arguments_are_usage_errors(world):
    world.fails(2, "user", "add", says="EMAIL is missing; try: todoctl user add --help")
    world.fails(2, "user", "delete", "a", "b", says="too many arguments: b")


def test_options_may_stand_before_and_after_the_command(world):
    world.ok("migrate")
    assert world.ok("--json", "migrate", "status").json() == world.ok("migrate", "status", "--json").json()


def test_a_bad_timeout_is_a_usage_error(world):
    for value in ("0", "-1", "abc", "", "99999999"):
        world.fails(2, "migrate", "--timeout", value, says="seconds")


def test_no_option_takes_a_secret_itself(world):
    for words in commands(world):
        text = world.ok(*words, "--help").out
        for line in text.splitlines():
            if re.search(r"--\S*(password|secret)", line):
                assert re.search(r"--(password|secret)-file FILE", line), line


def test_a_password_in_a_url_on_the_command_line_is_refused_and_not_repeated(world):
    for url in ("postgres://me:hunter2@localhost/todo", "postgres://localhost/todo?user=me&password=hunter2"):
        result = world.fails(2, "user", "list", "--store", url, says="can be read by every user of this machine")
        assert "hunter2" not in result.err, result
    result = world.fails(2, "user", "list", "--cache", "redis://:hunter2@localhost", says="--cache")
    assert "hunter2" not in result.err, result


def test_a_store_of_an_unknown_kind_is_a_usage_error(world):
    world.fails(2, "user", "list", "--store", "mysql://localhost/todo", says="try: --store sqlite:PATH")


def test_a_file_that_cannot_be_read_is_told_with_the_reason(world):
    env = {"DATABASE_WRITER_URL": "", "DATABASE_WRITER_URL_FILE": world.path("nowhere")}
    world.fails(2, "user", "list", env=env, says="No such file or directory")


def test_name_and_name_file_together_are_refused(world):
    env = {"DATABASE_WRITER_URL_FILE": world.file("url", "sqlite:x.db")}
    world.fails(2, "user", "list", env=env, says="both DATABASE_WRITER_URL and DATABASE_WRITER_URL_FILE are set")


def test_the_store_may_be_named_in_a_file(world):
    env = {"DATABASE_WRITER_URL": "", "DATABASE_WRITER_URL_FILE": world.file("url", "sqlite:named.db\n")}
    world.ok("migrate", env=env)
    world.ok("user", "list", "--store", "sqlite:named.db")


def test_a_full_disk_is_not_taken_for_success(world):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = cli.subprocess.run([cli.TODOCTL, "--help"], stdout=full, stderr=cli.subprocess.PIPE, env=world.env,
                                  encoding="utf-8", check=False)
    assert done.returncode == 1 and "No space left on device" in done.stderr, done


def test_stderr_has_no_colour_without_a_terminal(world):
    assert "\033" not in world.run("frobnicate").err


def test_errors_are_coloured_on_a_terminal_unless_NO_COLOR_is_set(world):
    assert "\033[" in world.on_terminal("frobnicate").out
    assert "\033[" not in world.on_terminal("frobnicate", env={"NO_COLOR": "1"}).out
    assert "\033[" not in world.on_terminal("frobnicate", env={"TERM": "dumb"}).out


cli.main()
