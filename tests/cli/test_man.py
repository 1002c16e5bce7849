"""The manual pages say what --help says, and the other way round."""

import os
import re
import subprocess

import cli

MAN = os.environ["TODO_MAN"]
COMMANDS = re.compile(r"^  ([a-z]+(?: [a-z]+)?) {2,}\S", re.M)
HELP_OPTION = re.compile(r"^ +(?:-(\w), )?--([\w-]+)(?: ([A-Z_]+))?  ", re.M)
MAN_OPTION = re.compile(r"^\.It (?:Fl (\w) , )?Fl -([\w-]+)(?: Ar ([A-Z_]+))?$", re.M)


def page(name):
    with open(os.path.join(MAN, name), encoding="utf-8") as file:
        return file.read()


def help_of(world, *words):
    return world.ok(*words, "--help").out


def own_options(text):
    """The options that a command's --help lists as its own."""
    return set(HELP_OPTION.findall(text[: text.index("\nOptions of every command")]))


def man_sections():
    """The options that todoctl(1) lists under each command, by the command's words."""
    text = page("todoctl.1")
    commands = text[text.index("\n.Sh COMMANDS") : text.index("\n.Sh ENVIRONMENT")]
    sections = {}
    for section in re.split(r"^\.Ss ", commands, flags=re.M)[1:]:
        words = re.match(r"[a-z ]+?(?= [A-Z]|$)", section, re.M).group()
        sections[words] = set(MAN_OPTION.findall(section))
    return sections


def lint(name):
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", os.path.join(MAN, name)], encoding="utf-8",
                          stdout=subprocess.PIPE, check=False)
    assert done.returncode == 0 and done.stdout == "", done.stdout


def test_the_page_of_todoctl_is_clean_mdoc():
    lint("todoctl.1")


def test_the_page_of_todo_server_is_clean_mdoc():
    lint("todo-server.8")


def test_the_page_of_todo_edge_is_clean_mdoc():
    lint("todo-edge.8")


def test_the_page_has_every_command_and_no_other(world):
    text = help_of(world)
    assert set(COMMANDS.findall(text[: text.index("\nOptions")])) == set(man_sections())


def test_the_page_has_the_options_of_each_command_and_no_others(world):
    for words, options in man_sections().items():
        listed = own_options(help_of(world, *words.split()))
        assert options == listed, (words, options ^ listed)


def test_the_page_has_the_options_of_every_command_and_no_others(world):
    text = page("todoctl.1")
    section = text[text.index("\n.Ss Options") : text.index("\n.Sh COMMANDS")]
    assert set(MAN_OPTION.findall(section)) == set(HELP_OPTION.findall(help_of(world)))


def test_the_page_has_the_exit_codes_of_the_help(world):
    text = page("todoctl.1")
    section = text[text.index("\n.Sh EXIT STATUS") : text.index("\n.Sh EXAMPLES")]
    codes = re.search(r"Exit codes: (.*?)\.", help_of(world), re.S).group(1)
    assert re.findall(r"^\.It (\d)$", section, re.M) == re.findall(r"\d", codes)


def test_the_page_of_todo_server_has_the_options_and_variables_of_its_help(world):
    text = page("todo-server.8")
    done = subprocess.run([os.environ["TODO_SERVER"], "--help"], encoding="utf-8", stdout=subprocess.PIPE,
                          env=world.env, check=True)
    assert set(re.findall(r"^\.It Fl -([\w-]+)", text, re.M)) == set(re.findall(r"^  --([\w-]+)", done.stdout, re.M))
    variables = set(re.findall(r"\[([A-Z_]+)(?:,|\](?!:))", done.stdout))
    section = text[text.index("\n.Sh ENVIRONMENT") :]
    assert variables and variables == set(re.findall(r"^\.It Ev ([A-Z_]+)$", section, re.M)), variables


cli.main()
