"""Every command on a store: the embedded one, or the one of TODO_TEST_STORE_URL."""

import base64
import os
import re
import time
import uuid

import cli

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"
NOBODY = "00000000-0000-7000-8000-000000000000"


def is_todo(value):
    assert re.fullmatch(UUID, value["id"]) and re.fullmatch(UUID, value["user_id"]), value
    assert isinstance(value["title"], str) and isinstance(value["completed"], bool), value
    assert value["description"] is None or isinstance(value["description"], str), value
    assert re.fullmatch(TIME, value["created_at"]) and re.fullmatch(TIME, value["updated_at"]), value
    return True


def is_user(value):
    assert re.fullmatch(UUID, value["id"]) and "@" in value["email"], value
    assert re.fullmatch(TIME, value["created_at"]), value
    assert set(value) <= {"id", "email", "display_name", "created_at"}, value
    return True


def base64url(text):
    return base64.urlsafe_b64encode(text.encode("utf-8")).decode("ascii").rstrip("=")


# migrate


def test_a_store_without_its_schema_is_refused_until_migrate(world):
    add = ("user", "add", "first@example.org", "--password-file", "-")
    if cli.STORE:
        world.fails(1, *add, stdin=cli.PASSWORD, says="migrations; try: todoctl migrate")
        known = world.json("migrate", "status")
        assert world.json("migrate", "--dry-run") == {"pending": len(known)}
        assert not any(each["applied"] for each in world.json("migrate", "status"))
    else:
        world.fails(4, *add, stdin=cli.PASSWORD, says="there is no store at")
        assert os.listdir(world.folder) == []
        world.ok("migrate")
        world.ok(*add, stdin=cli.PASSWORD)
        world.ok("migrate", "down", "-y")
        world.fails(1, "user", "list", says="1 migration; try: todoctl migrate")
        world.fails(1, *add, stdin=cli.PASSWORD, says="1 migration; try: todoctl migrate")
        world.ok("migrate")


def test_migrate_brings_the_schema_up_to_date_and_a_second_time_does_nothing(world):
    world.ok("migrate", "up")
    assert world.ok("migrate").out == "The schema is up to date.\n"
    assert world.json("migrate", "up") == {"applied": 0}


def test_migrate_status_lists_every_migration(world):
    world.ok("migrate")
    listed = world.json("migrate", "status")
    assert [each["number"] for each in listed] == list(range(1, len(listed) + 1)), listed
    assert all(each["applied"] is True and re.fullmatch(TIME, each["applied_at"]) for each in listed), listed
    assert re.match(r"NUMBER  APPLIED +NAME +LOST WHEN TAKEN BACK\n1 +\d{4}-\d\d-\d\d \d\d:\d\d  \w", world.ok("migrate", "status").out)


# user


def test_user_add_opens_an_account_that_can_log_in(world):
    world.ok("migrate")
    user = world.json("user", "add", " Ann.%d@Example.ORG " % time.time_ns(), "--name", "Ann Ölçer",
                      "--password-file", "-", stdin=cli.PASSWORD + "\n")
    assert is_user(user) and user["display_name"] == "Ann Ölçer", user
    assert user["email"] == user["email"].strip().lower(), user
    assert world.login(user["email"], cli.PASSWORD)
    assert not world.login(user["email"], cli.PASSWORD + "x")


def test_user_add_reads_the_password_from_a_file(world):
    world.ok("migrate")
    path = world.file("password", "from a file\r\n")
    email = f"file{time.time_ns()}@example.org"
    assert re.fullmatch(f"Added {email}, id {UUID}\\.\n",
                        world.ok("user", "add", email, "--password-file", path).out)
    assert world.login(email, "from a file")


def test_user_add_of_an_email_that_is_taken_is_a_conflict(world):
    user = world.user()
    world.fails(5, "user", "add", user["email"].upper(), "--password-file", "-", stdin=cli.PASSWORD,
                says="email already exists; try: todoctl user list")


def test_user_add_of_bad_values_is_a_usage_error(world):
    world.ok("migrate")
    world.fails(2, "user", "add", "nonsense", "--password-file", "-", stdin=cli.PASSWORD,
                says="invalid email format")
    world.fails(2, "user", "add", "ann@example.org", "--password-file", "-", stdin="short",
                says="password must be at least 8 characters")
    world.fails(2, "user", "add", "ann@example.org", "--password-file", "-", stdin="\n", says="empty")
    world.fails(2, "user", "add", "ann@example.org", "--password-file", "-", stdin="nul\0inside", says="NUL")
    world.fails(2, "user", "add", "ann@example.org", "--password-file", "/nowhere/at/all", says="No such file")


def test_user_add_without_a_terminal_and_without_a_file_says_how(world):
    world.ok("migrate")
    world.fails(2, "user", "add", "ann@example.org", stdin=cli.PASSWORD, says="try: --password-file FILE")


def test_user_list_shows_every_account_oldest_first(world):
    users = [world.user(), world.user()]
    listed = world.json("user", "list")
    assert all(is_user(user) for user in listed)
    ids = [user["id"] for user in listed]
    assert ids.index(users[0]["id"]) < ids.index(users[1]["id"])
    table = world.ok("user", "list").out
    assert re.match(r"ID +CREATED +E-MAIL +NAME\n", table) and users[0]["email"] in table, table


def test_user_passwd_changes_the_password(world):
    user = world.user()
    for who in (user["email"], user["id"]):
        new = "another password " + who[:8]
        assert world.ok("user", "passwd", who, "--password-file", "-", stdin=new).out == \
            f"Changed the password of {user['email']}.\n"
        assert world.login(user["email"], new)
        assert not world.login(user["email"], cli.PASSWORD)
    assert world.json("user", "passwd", user["id"], "--password-file", "-", stdin=cli.PASSWORD) == user


def test_user_passwd_and_delete_of_nobody_are_not_found(world):
    world.user()
    for command in ("passwd", "delete"):
        world.fails(3, "user", command, "nobody@example.org",
                    says="there is no user nobody@example.org; try: todoctl user list")
        world.fails(3, "user", command, NOBODY)


def test_user_delete_takes_the_todos_along(world):
    user = world.user()
    world.todo(user, "Gone with its owner")
    assert world.json("user", "delete", user["email"], "--yes") == user
    assert user["id"] not in [each["id"] for each in world.json("user", "list")]
    world.fails(3, "todo", "list", "--user", user["id"])


def test_user_delete_without_a_terminal_needs_yes(world):
    user = world.user()
    world.fails(2, "user", "delete", user["email"], stdin="y\n", says="try: --yes")
    assert world.ok("user", "delete", "-y", user["email"]).out == f"Deleted {user['email']}.\n"


def test_a_dry_run_destroys_nothing(world):
    user = world.user()
    item = world.todo(user, "Survivor")
    assert world.ok("user", "delete", "--dry-run", user["email"]).out == \
        f"Would delete {user['email']} and everything that is theirs.\n"
    assert world.json("user", "delete", "-n", user["id"]) == user
    text = world.ok("todo", "rm", "-n", "-u", user["id"], item["id"]).out
    assert "Survivor" in text and text.endswith("Nothing was removed.\n"), text
    assert world.json("todo", "rm", "-n", "-u", user["id"], item["id"]) == [item]
    assert world.json("todo", "list", "-u", user["id"]) == [item]
    world.fails(3, "user", "delete", "-n", "nobody@example.org")
    assert world.json("migrate", "up", "--dry-run") == {"pending": 0}


# token


def test_token_mint_makes_a_token_that_token_verify_accepts(world):
    env = {"JWT_SECRET": cli.SECRET}
    user = world.user()
    for who in (user["email"], user["id"]):
        token = world.ok("token", "mint", who, env=env).out
        assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+\n", token), token
        said = world.json("token", "verify", stdin=token, env=env)
        assert said["valid"] is True and said["subject"] == user["id"], said
        assert re.fullmatch(TIME, said["issued_at"]) and re.fullmatch(TIME, said["expires_at"]), said
        text = world.ok("token", "verify", world.file("token", token), env=env).out
        assert text.startswith("Valid.\n") and user["id"] in text, text


def seconds(text):
    return time.mktime(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))


def test_token_mint_says_how_long_it_is_valid(world):
    env = {"JWT_SECRET": cli.SECRET}

    def lifetime(*arguments, **more):
        made = world.json("token", "mint", NOBODY, *arguments, env={**env, **more})
        assert made["token_type"] == "Bearer" and made["token"].count(".") == 2, made
        return seconds(made["expires_at"]) - seconds(made["issued_at"])

    assert lifetime() == 24 * 3600
    assert lifetime(JWT_EXPIRY_HOURS="2") == 2 * 3600
    assert lifetime("--expires", "90") == 90
    assert lifetime("--expires", "90s") == 90
    assert lifetime("--expires", "30m") == 1800
    assert lifetime("--expires", "36h") == 36 * 3600
    assert lifetime("--expires", "7d") == 7 * 86400
    for bad in ("", "0", "-5", "1w", "h", "99999d", "1.5h"):
        world.fails(2, "token", "mint", NOBODY, "--expires", bad, env=env, says="no duration")
    for hours in ("soon", "0", "-1", "8785", "1" + "0" * 30, "0" * 23 + "1 and more"):
        world.fails(2, "token", "mint", NOBODY, env={**env, "JWT_EXPIRY_HOURS": hours}, says="JWT_EXPIRY_HOURS must be")


def test_token_mint_for_an_id_needs_no_store(world):
    env = {"JWT_SECRET": cli.SECRET, "DATABASE_WRITER_URL": "postgres://127.0.0.1:1/none"}
    world.ok("token", "mint", NOBODY, env=env)


def test_token_secrets_come_from_files_too(world):
    secret = world.file("secret", cli.SECRET + "\n")
    token = world.ok("token", "mint", NOBODY, "--secret-file", secret).out
    world.ok("token", "verify", stdin=token, env={"JWT_SECRET_FILE": secret})
    world.ok("token", "verify", world.file("token", token), "--secret-file", "-", stdin=cli.SECRET)
    world.fails(2, "token", "verify", "--secret-file", "-", stdin=token, says="can't both be standard input")
    world.fails(2, "token", "mint", NOBODY, says="try: --secret-file FILE")


def test_token_verify_of_a_bad_token_is_denied_and_does_not_repeat_it(world):
    env = {"JWT_SECRET": cli.SECRET}
    token = world.ok("token", "mint", NOBODY, env=env).out.strip()
    head, body, signature = token.split(".")
    for bad in (f"{head}.{body}.{signature[::-1]}", "nonsense", f"{head}.{body}."):
        result = world.fails(6, "token", "verify", stdin=bad, env=env, says="not valid: ")
        assert bad not in result.err and cli.SECRET not in result.err, result
    world.fails(6, "token", "verify", stdin=token, env={"JWT_SECRET": cli.SECRET[::-1]}, says="Invalid signature")


def test_token_verify_of_an_expired_token_is_denied(world):
    env = {"JWT_SECRET": cli.SECRET}
    token = world.ok("token", "mint", NOBODY, "--expires", "1s", env=env).out
    time.sleep(2.1)
    world.fails(6, "token", "verify", stdin=token, env=env, says="Token expired")


def test_token_mint_refuses_a_secret_that_the_server_would_refuse(world):
    world.fails(2, "token", "mint", NOBODY, env={"JWT_SECRET": "x" * 31}, says="has 31 bytes: at least 32 are needed")
    world.fails(2, "token", "mint", NOBODY, "--secret-file", "-", stdin="short", says="at least 32 are needed")
    world.ok("token", "mint", NOBODY, env={"JWT_SECRET": cli.SECRET[:32]})


def test_token_inspect_shows_what_a_token_says_without_the_secret(world):
    token = world.ok("token", "mint", NOBODY, env={"JWT_SECRET": cli.SECRET}).out
    said = world.json("token", "inspect", stdin=token)
    assert said["verified"] is False and said["header"]["alg"] == "HS256", said
    assert said["payload"]["sub"] == NOBODY and said["payload"]["exp"] - said["payload"]["iat"] == 86400, said
    text = world.ok("token", "inspect", world.file("token", token)).out
    assert NOBODY in text and "Not verified" in text, text


def test_token_inspect_of_nonsense_is_denied(world):
    for bad in ("nonsense", "a.b", "a.b.c", "e30.e3.x", "e30.!!!!.x", "W10.W10.x", "e30.eyJhIjo.x"):
        world.fails(6, "token", "inspect", stdin=bad, says="this is no JSON Web Token")


def test_token_inspect_cannot_be_made_to_drive_the_terminal(world):
    text = world.ok("token", "inspect", stdin="e30." + base64url('{"a\\u001b[31m":"\\u009b2J"}') + ".x").out
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text), text


def test_token_keygen_makes_a_new_secret_each_time(world):
    keys = {world.ok("token", "keygen").out for _ in range(3)}
    assert len(keys) == 3 and all(re.fullmatch(r"[0-9a-f]{64}\n", key) for key in keys), keys
    assert world.json("token", "keygen")["algorithm"] == "HS256"


def test_token_keygen_writes_a_file_for_its_owner_alone_and_never_over_another(world):
    path = world.path("secret")
    assert world.ok("token", "keygen", "--output", path).out == ""
    assert os.stat(path).st_mode & 0o777 == 0o600
    with open(path, encoding="ascii") as file:
        before = file.read()
    world.fails(1, "token", "keygen", "--output", path, says="never overwritten")
    with open(path, encoding="ascii") as file:
        assert file.read() == before
    token = world.ok("token", "mint", NOBODY, env={"JWT_SECRET_FILE": path}).out
    world.ok("token", "verify", stdin=token, env={"JWT_SECRET_FILE": path})


# todo


def test_todo_add_shows_what_was_added(world):
    user = world.user()
    item = world.json("todo", "add", "--user", user["email"], "-D", "two litres", "  Buy milk  ")
    assert is_todo(item) and item["title"] == "Buy milk" and item["description"] == "two litres", item
    assert item["user_id"] == user["id"] and item["completed"] is False, item
    assert world.json("todo", "add", "-u", user["id"], "-P", "2", "Pay")["priority"] == 2
    assert re.fullmatch(f"Added {UUID}\\.\n", world.ok("todo", "add", "-u", user["id"], "Buy bread").out)


def test_todo_add_takes_an_id_once(world):
    user, chosen = world.user(), str(uuid.uuid4())
    assert world.todo(user, "Mine", "--id", chosen)["id"] == chosen
    world.fails(5, "todo", "add", "-u", user["id"], "--id", chosen, "Mine again", says="try: without --id")
    world.fails(2, "todo", "add", "-u", user["id"], "--id", "17", "Mine again", says="cannot use 17")


def test_todo_add_of_a_bad_title_is_a_usage_error(world):
    user = world.user()
    world.fails(2, "todo", "add", "-u", user["id"], "   ", says="title cannot be empty")
    world.fails(2, "todo", "add", "-u", user["id"], "x" * 201)


def test_todo_commands_need_to_know_whose(world):
    user = world.user()
    world.fails(2, "todo", "list", says="try: --user EMAIL")
    world.fails(3, "todo", "add", "-u", "nobody@example.org", "Lost", says="there is no user nobody@example.org")
    assert world.ok("todo", "list", env={"TODO_USER": user["email"]}).out == ""


def test_todo_list_is_newest_first_and_can_be_filtered(world):
    user = world.user()
    first, second, third = (world.todo(user, title) for title in ("First", "Second", "Third"))
    world.ok("todo", "done", "-u", user["id"], second["id"])

    def titles(*arguments):
        listed = world.json("todo", "list", "-u", user["email"], *arguments)
        assert all(is_todo(item) for item in listed)
        return [item["title"] for item in listed]

    assert titles() == ["Third", "Second", "First"]
    assert titles("--done") == ["Second"]
    assert titles("--open") == ["Third", "First"]
    assert titles("--limit", "2") == ["Third", "Second"]
    assert titles("--all") == ["Third", "Second", "First"]
    assert titles("--sort", "created_at") == ["First", "Second", "Third"]
    assert titles("--sort=-created_at", "-l", "1") == ["Third"]
    assert titles("--sort", "updated_at") == ["First", "Third", "Second"]
    assert titles("--sort", "-updated_at") == ["Second", "Third", "First"]
    world.fails(2, "todo", "list", "-u", user["id"], "--sort", "title", says="there is no order title")
    world.fails(2, "todo", "list", "-u", user["id"], "--done", "--open", says="exclude each other")
    world.fails(2, "todo", "list", "-u", user["id"], "--limit", "many", says="--limit must be")
    assert first["id"] in world.ok("todo", "list", "-u", user["id"]).out
    assert third["id"] in world.ok("todo", "list", "-u", user["id"]).out


def test_todo_list_of_nothing_is_an_empty_array_or_no_output(world):
    user = world.user()
    assert world.json("todo", "list", "-u", user["id"]) == []
    assert world.ok("todo", "list", "-u", user["id"]).out == ""


def test_the_table_is_aligned_by_the_width_of_the_text(world):
    world.ok("migrate")
    stamp = time.time_ns()
    for number, name in enumerate(("Ann", "日本語", "Ölçer", "e\u0301toile")):
        world.ok("user", "add", f"{stamp}-{'w' * number}@example.org", "--name", name, "--password-file", "-",
                 stdin=cli.PASSWORD)
    lines = [line for line in world.ok("user", "list").out.splitlines() if str(stamp) in line]
    names = [line.split("@example.org")[1] for line in lines]
    assert [name.strip() for name in names] == ["Ann", "日本語", "Ölçer", "e\u0301toile"], names
    assert len({line.index(line.split("@example.org")[1].strip()) for line in lines}) == 1, lines


def test_a_title_cannot_drive_the_terminal_or_break_the_table(world):
    user = world.user()
    nasty = "red \033[31m bell \a line\nnext \u009b2J end"
    item = world.todo(user, nasty)
    assert item["title"] == nasty
    text = world.ok("todo", "list", "-u", user["id"]).out
    assert len(text.splitlines()) == 2 and not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text), text


def test_todo_show_shows_all_of_a_todo(world):
    user = world.user()
    item = world.todo(user, "Show me", "-D", "first line\nsecond \033[31mline")
    assert world.json("todo", "show", "-u", user["id"], item["id"]) == item
    text = world.ok("todo", "show", "-u", user["id"], item["id"]).out
    assert re.search(r"^title +Show me$", text, re.M) and item["id"] in text, text
    assert re.search(r"^description  first line\n {13}second  \[31mline$", text, re.M), text
    world.fails(3, "todo", "show", "-u", user["id"], NOBODY, says="try: todoctl todo list")


def test_todo_edit_changes_what_is_named_and_nothing_else(world):
    user = world.user()
    item = world.todo(user, "Old", "-D", "stays")

    def edit(*arguments):
        return world.json("todo", "edit", "-u", user["id"], item["id"], *arguments)

    changed = edit("--title", "New")
    assert (changed["title"], changed["description"], changed["completed"]) == ("New", "stays", False), changed
    assert edit("--done")["completed"] is True
    assert edit("--open")["completed"] is False
    assert edit("--priority", "3")["priority"] == 3
    assert "priority" not in edit("-P", "0")
    assert edit("-D", "other")["description"] == "other"
    assert edit("--no-description")["description"] is None
    last = edit("-t", "Last")
    assert world.json("todo", "show", "-u", user["id"], item["id"]) == last
    assert last["created_at"] == item["created_at"] and last["updated_at"] > item["updated_at"], last


def test_todo_edit_of_another_version_is_a_conflict(world):
    user = world.user()
    item = world.todo(user, "Contended")
    edit = ("todo", "edit", "-u", user["id"], item["id"], "--if-version", "1", "--title")
    world.ok(*edit, "First")
    world.fails(5, *edit, "Second")
    assert world.json("todo", "show", "-u", user["id"], item["id"])["title"] == "First"


def test_todo_edit_of_bad_values_is_a_usage_error(world):
    user = world.user()
    item = world.todo(user, "Fixed")
    edit = ("todo", "edit", "-u", user["id"], item["id"])
    world.fails(2, *edit, says="nothing to change")
    world.fails(2, *edit, "--title", "  ", says="title cannot be empty")
    world.fails(2, *edit, "--priority", "4", says="between 0 (none) and 3 (high)")
    world.fails(2, *edit, "--done", "--open", says="exclude each other")
    world.fails(2, *edit, "-D", "x", "--no-description", says="exclude each other")
    for version in ("0", "-1", "9007199254740992", "1" + "0" * 30):
        world.fails(2, *edit, "--done", "--if-version=" + version, says="--if-version must be")


def test_todo_done_marks_several_and_shows_them(world):
    user = world.user()
    items = [world.todo(user, title) for title in ("One", "Two")]
    done = world.json("todo", "done", "-u", user["id"], *(item["id"] for item in items))
    assert [item["completed"] for item in done] == [True, True], done
    assert [item["id"] for item in done] == [item["id"] for item in items]


def test_todo_done_stops_at_the_first_that_is_not_there(world):
    user = world.user()
    item = world.todo(user, "Here")
    result = world.run("--json", "todo", "done", "-u", user["id"], item["id"], NOBODY, item["id"])
    assert result.code == 3 and NOBODY in result.err, result
    assert [each["id"] for each in result.json()] == [item["id"]], result
    world.fails(2, "todo", "done", "-u", user["id"], "17", says="cannot use 17")


def test_todo_rm_removes_and_needs_yes_without_a_terminal(world):
    user = world.user()
    item = world.todo(user, "Remove me")
    refused = world.run("todo", "rm", "-u", user["id"], item["id"], stdin="y\n")
    assert refused.code == 2 and "try: --yes" in refused.err, refused
    assert [each["id"] for each in world.json("todo", "rm", "--yes", "-u", user["id"], item["id"])] == [item["id"]]
    missing = world.run("todo", "rm", "--yes", "-u", user["id"], item["id"])
    assert missing.code == 3 and "try: todoctl todo list" in missing.err, missing


def test_what_was_removed_is_listed_shown_and_restored(world):
    user = world.user()
    kept, lost = world.todo(user, "Kept"), world.todo(user, "Lost", "-D", "text")
    world.ok("todo", "rm", "-y", "-u", user["id"], lost["id"])
    assert world.json("todo", "list", "-u", user["id"]) == [kept]
    trashed = world.json("todo", "list", "--deleted", "-u", user["id"])
    assert [item["id"] for item in trashed] == [lost["id"]] and "deleted_at" in trashed[0], trashed
    assert world.json("todo", "show", "-u", user["id"], lost["id"]) == trashed[0]
    text = world.ok("todo", "list", "--deleted", "-u", user["id"]).out
    assert "REMOVED" in text and "Lost" in text and "Kept" not in text, text
    assert "\nremoved " in world.ok("todo", "show", "-u", user["id"], lost["id"]).out
    assert "\nremoved " not in world.ok("todo", "show", "-u", user["id"], kept["id"]).out
    restored = world.json("todo", "restore", "-u", user["id"], lost["id"])
    assert len(restored) == 1 and "deleted_at" not in restored[0] and restored[0]["version"] == 3, restored
    assert restored[0]["modseq"] > lost["modseq"]
    assert {**restored[0], "updated_at": lost["updated_at"], "version": 1, "modseq": lost["modseq"]} == lost
    missing = world.run("todo", "restore", "-u", user["id"], lost["id"])
    assert missing.code == 3 and "try: todoctl todo list --deleted" in missing.err, missing
    world.fails(3, "todo", "restore", "-u", world.user()["id"], lost["id"])


def test_rm_purge_removes_for_good(world):
    user = world.user()
    live, trashed = world.todo(user, "Live"), world.todo(user, "In the trash")
    world.ok("todo", "rm", "-y", "-u", user["id"], trashed["id"])
    shown = world.ok("todo", "rm", "-n", "--purge", "-u", user["id"], live["id"], trashed["id"]).out
    assert "Live" in shown and "In the trash" in shown and shown.endswith("Nothing was removed.\n"), shown
    gone = world.json("todo", "rm", "-y", "--purge", "-u", user["id"], live["id"], trashed["id"])
    assert [item["id"] for item in gone] == [live["id"], trashed["id"]], gone
    assert world.json("todo", "list", "-u", user["id"]) == []
    assert world.json("todo", "list", "--deleted", "-u", user["id"]) == []
    world.fails(3, "todo", "rm", "-y", "--purge", "-u", user["id"], trashed["id"])


def test_the_todos_of_another_user_are_not_found(world):
    owner, other = world.user(), world.user()
    item = world.todo(owner, "Private")
    for command in (("done",), ("rm", "--yes")):
        result = world.run("todo", *command, "-u", other["id"], item["id"])
        assert result.code == 3, result
    assert world.json("todo", "list", "-u", owner["id"]) == [item]


def test_more_than_a_page_is_listed_whole_with_all(world):
    user = world.user()
    for number in range(12):
        world.todo(user, f"Todo {number}")
    assert len(world.json("todo", "list", "-u", user["id"], "--limit", "5")) == 5
    assert len(world.json("todo", "list", "-u", user["id"], "--all")) == 12


cli.main(migrated=False)
