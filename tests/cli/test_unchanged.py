"""Commands that promise to change nothing change nothing, and the file of another program is refused by all."""

import ctypes
import hashlib
import os
import signal
import sqlite3
import subprocess

import cli

SERVER = os.environ["TODO_SERVER"]
SECRETS = {"JWT_SECRET": cli.SECRET, "EDGE_SECRET": cli.SECRET[::-1]}
APPLICATION_ID = int.from_bytes(b"todo", "big")
USER = "ann@example.org"
READING = (
    ("db", "check"), ("user", "list"), ("export", "-u", USER), ("import", "-n", "-u", USER, "new.jsonl"),
    ("db", "purge", "-n"), ("todo", "list", "-u", USER), ("migrate", "status"), ("migrate", "-n"),
    ("migrate", "down", "-n"), ("user", "delete", "-n", USER), ("token", "mint", USER, "--secret-file", "secret"),
    ("doctor",),
)
WRITING = (("user", "add", "b@example.org", "--password-file", "secret"), ("todo", "add", "-u", USER, "T"),
           ("migrate",), ("migrate", "down", "-y"), ("db", "vacuum"), ("db", "purge", "-y"), ("bench", "-c", "1"),
           ("import", "-u", USER, "new.jsonl"), ("user", "delete", "-y", USER))


def state(world, *but):
    """Each file of the folder with what is in it."""
    found = {}
    for name in os.listdir(world.folder):
        if name not in but and os.path.isfile(world.path(name)):
            with open(world.path(name), "rb") as file:
                found[name] = hashlib.sha256(file.read()).hexdigest()
    return found


def check(world):
    return subprocess.run([SERVER, "--check"], encoding="utf-8", capture_output=True, env={**world.env, **SECRETS},
                          cwd=world.folder, check=False)


def prepare(world):
    world.file("secret", cli.SECRET)
    world.file("new.jsonl", '{"id":"3a1f6f00-0000-4000-8000-000000000001","title":"New"}\n')


def fill(world):
    prepare(world)
    world.ok("migrate")
    world.ok("user", "add", USER, "--password-file", "secret")
    world.ok("todo", "add", "-u", USER, "Kept")


def without_rights():
    """Makes of root a user whom the modes of files bind."""
    if os.geteuid() == 0:
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            assert ctypes.CDLL(None).prctl(24, capability, 0, 0, 0) == 0  # PR_CAPBSET_DROP


def test_no_command_but_migrate_makes_a_store(world):
    prepare(world)
    before = state(world)
    for command in (*READING, *WRITING):
        if command == ("migrate",):
            continue
        result = world.run(*command)
        assert state(world) == before, (command, result)
        if command == ("migrate", "-n"):
            assert result.code == 0 and result.out.startswith("Would apply "), result
        elif command != ("doctor",):
            assert result.code == 4 and "there is no store at" in result.err and "try: todoctl migrate" in result.err, \
                (command, result)
    checked = check(world)
    assert checked.returncode == 0 and "there is no store yet" in checked.stdout, checked
    assert state(world) == before


def test_reading_commands_change_nothing_and_leave_nothing_behind(world):
    fill(world)
    before = state(world)
    for command in READING:
        result = world.run(*command)
        assert result.code == 0 or command == ("doctor",), (command, result)
        assert state(world) == before, command
    assert check(world).returncode == 0
    assert state(world) == before


def test_an_empty_file_is_no_store_and_stays_empty(world):
    prepare(world)
    world.file("todo.db", "")
    before = state(world)
    for command in (*READING, ("user", "add", "b@example.org", "--password-file", "secret")):
        result = world.run(*command)
        assert result.code == 4 or command in (("migrate", "-n"), ("doctor",)), (command, result)
        assert state(world) == before, command
    assert check(world).returncode == 0 and state(world) == before
    world.ok("migrate")
    assert world.json("user", "list") == []


def foreign(path, kind):
    database = sqlite3.connect(path)
    if kind == "log":
        database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE TABLE other (x)")
    database.execute("INSERT INTO other VALUES (1)")
    database.execute({"application": "PRAGMA application_id = 252006674", "version": "PRAGMA user_version = 7",
                      "rails": "CREATE TABLE schema_migrations (version TEXT PRIMARY KEY)"}.get(kind, "SELECT 1"))
    if kind == "version":
        database.execute("DROP TABLE other")
    database.commit()
    database.close()


def test_the_file_of_another_program_is_refused_by_everything_and_stays_as_it_is(world):
    prepare(world)
    for kind in ("tables", "application", "version", "rails", "log"):
        foreign(world.path("todo.db"), kind)
        before = state(world)
        for command in (*READING, *WRITING):
            result = world.run(*command)
            said = result.out if command == ("doctor",) else result.err
            assert result.code in (1, 2) and "belongs to another program" in said, (kind, command, result)
            assert state(world) == before, (kind, command)
        for arguments in (["--check"], ["--addr", "127.0.0.1:0"]):
            done = subprocess.run([SERVER, *arguments], encoding="utf-8", stderr=subprocess.PIPE, timeout=20,
                                  env={**world.env, **SECRETS}, cwd=world.folder, check=False)
            assert done.returncode == 1 and "belongs to another program" in done.stderr, (kind, done)
            assert state(world) == before, (kind, arguments)
        os.remove(world.path("todo.db"))


def test_a_device_or_a_pipe_is_no_store(world):
    prepare(world)
    os.mkfifo(world.path("todo.db"))
    before = sorted(os.listdir(world.folder))
    for command in (("user", "list"), ("migrate",), ("db", "check")):
        world.fails(4, *command, says="not a regular file")
    assert sorted(os.listdir(world.folder)) == before


def test_a_store_without_marks_is_known_and_migrate_gives_them(world):
    fill(world)
    database = sqlite3.connect(world.path("todo.db"))
    count = database.execute("SELECT count(*) FROM schema_migrations").fetchone()[0]
    assert database.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    assert database.execute("PRAGMA user_version").fetchone()[0] == count
    database.execute("PRAGMA application_id = 0")
    database.execute("PRAGMA user_version = 0")
    database.close()
    before = state(world)
    assert [user["email"] for user in world.json("user", "list")] == [USER]
    assert state(world) == before
    assert world.json("migrate") == {"applied": 0}
    database = sqlite3.connect(world.path("todo.db"))
    assert database.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    assert database.execute("PRAGMA user_version").fetchone()[0] == count
    database.close()
    world.ok("migrate", "down", "--to", "0", "--lose-data", "-y")
    database = sqlite3.connect(world.path("todo.db"))
    assert database.execute("PRAGMA user_version").fetchone()[0] == 0
    database.close()
    world.ok("migrate")


def test_reading_commands_work_on_a_read_only_file_and_folder(world):
    fill(world)
    before = state(world)
    os.chmod(world.path("todo.db"), 0o444)
    os.chmod(world.folder, 0o555)
    try:
        for command in READING:
            done = subprocess.run([cli.TODOCTL, *command], env=world.env, cwd=world.folder, capture_output=True,
                                  encoding="utf-8", preexec_fn=without_rights, check=False)
            assert done.returncode == 0 or command == ("doctor",), (command, done)
        done = subprocess.run([cli.TODOCTL, "todo", "add", "-u", USER, "T"], env=world.env, cwd=world.folder,
                              capture_output=True, encoding="utf-8", preexec_fn=without_rights, check=False)
        assert done.returncode == 4 and "check its rights" in done.stderr, done
    finally:
        os.chmod(world.folder, 0o700)
    assert state(world) == before


def start(world):
    server = subprocess.Popen([SERVER, "--addr", "127.0.0.1:0"], env={**world.env, **SECRETS}, cwd=world.folder,
                              stderr=subprocess.PIPE, encoding="utf-8")
    for line in server.stderr:
        if "listening" in line:
            break
    return server


def test_beside_a_server_and_after_its_crash_the_log_is_read_and_stays(world):
    fill(world)
    server = start(world)
    world.ok("todo", "add", "-u", USER, "In the log")
    expected = ["In the log", "Kept"]
    assert [item["title"] for item in world.json("todo", "list", "-u", USER)] == expected
    server.send_signal(signal.SIGKILL)
    server.wait()
    server.stderr.close()
    assert os.stat(world.path("todo.db-wal")).st_size > 0
    before = state(world, "todo.db-shm")  # readers mark there what they look at
    for command in READING:
        result = world.run(*command)
        assert result.code == 0 or command == ("doctor",), (command, result)
        assert state(world, "todo.db-shm") == before, command
    assert [item["title"] for item in world.json("todo", "list", "-u", USER)] == expected
    world.ok("todo", "add", "-u", USER, "Afterwards")
    assert len(world.json("todo", "list", "-u", USER)) == 3


def test_a_path_with_anything_in_it_is_read(world):
    for name in ("a b", "q?mode=x", "h#x", "p%41", "ü"):
        url = "sqlite:" + world.path(name)
        world.ok("migrate", "-s", url)
        assert world.json("user", "list", "-s", url) == []
        assert world.json("user", "list", "-s", "sqlite:" + name) == []


cli.main()
