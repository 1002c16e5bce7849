"""Where settings come from: options, profiles of the configuration file, the environment."""

import os

import cli


def configure(world, text, name=".config/todoctl/config.ini", mode=0o600):
    os.makedirs(os.path.dirname(world.path(name)), exist_ok=True)
    return world.file(name, text, mode)


def stores(world, *names):
    """Makes embedded stores, each with one user of its own name."""
    for name in names:
        world.ok("migrate", "--store", url(world, name))
        world.ok("user", "add", f"{name}@example.org", "--password-file", "-", "--store", url(world, name),
                 stdin=cli.PASSWORD)


def url(world, name):
    return "sqlite:" + world.path(name + ".db")


def found(world, *arguments, **env):
    """Whose store the settings lead to: the name of its user."""
    listed = world.json("user", "list", *arguments, env={"DATABASE_WRITER_URL": "", **env})
    return [user["email"].split("@")[0] for user in listed]


def test_the_default_profile_is_used_without_being_asked_for(world):
    stores(world, "home")
    configure(world, f"; a comment\n[default]\nstore = {url(world, 'home')}\n")
    assert found(world) == ["home"]


def test_the_environment_wins_over_the_default_profile_and_an_option_over_both(world):
    stores(world, "home", "env", "option")
    configure(world, f"[default]\nstore={url(world, 'home')}\n")
    assert found(world, DATABASE_WRITER_URL=url(world, "env")) == ["env"]
    assert found(world, "-s", url(world, "option"), DATABASE_WRITER_URL=url(world, "env")) == ["option"]


def test_a_chosen_profile_wins_over_the_environment(world):
    stores(world, "home", "work", "env", "option")
    configure(world, f"[default]\nstore={url(world, 'home')}\n[work]\nstore={url(world, 'work')}\n")
    assert found(world, "--profile", "work", DATABASE_WRITER_URL=url(world, "env")) == ["work"]
    assert found(world, "-p", "default", DATABASE_WRITER_URL=url(world, "env")) == ["home"]
    assert found(world, TODOCTL_PROFILE="work") == ["work"]
    assert found(world, "-p", "default", TODOCTL_PROFILE="work") == ["home"]
    assert found(world, "-p", "work", "-s", url(world, "option")) == ["option"]


def test_a_chosen_profile_stands_alone(world):
    stores(world, "work")
    configure(world, f"[default]\nuser=work@example.org\n[work]\nstore={url(world, 'work')}\n")
    world.fails(2, "todo", "list", "-p", "work", env={"TODO_USER": "work@example.org"}, says="no user given; use --user or TODO_USER")
    world.fails(2, "token", "mint", "-p", "work", "work@example.org", env={"JWT_SECRET": cli.SECRET},
                says="--secret-file")


def test_reader_and_cache_stay_with_their_store(world):
    stores(world, "option", "home")
    configure(world, f"[default]\nstore={url(world, 'home')}\ncache=nonsense\n")
    env = {"REDIS_URL": "nonsense"}
    assert found(world, "-s", url(world, "option"), **env) == ["option"]
    assert found(world, DATABASE_WRITER_URL=url(world, "option")) == ["option"]
    world.fails(2, "user", "list", env={"DATABASE_WRITER_URL": ""})
    world.fails(2, "user", "list", "-s", url(world, "option"), "--cache", "nonsense")


def test_every_setting_may_stand_in_a_file_of_its_own(world):
    stores(world, "work")
    secret = world.file("secret", cli.SECRET + "\n")
    store = world.file("url", url(world, "work") + "\n")
    configure(world, f"[work]\nstore_file = {store}\njwt_secret_file = {secret}\njwt_expiry_hours = 2\n"
                     "user = work@example.org\n")
    assert found(world, "-p", "work") == ["work"]
    token = world.json("token", "mint", "-p", "work", "work@example.org")
    assert token["token"].count(".") == 2
    world.ok("token", "verify", stdin=token["token"], env={"JWT_SECRET": cli.SECRET})
    world.ok("todo", "add", "-p", "work", "Mine")
    assert [item["title"] for item in world.json("todo", "list", "-p", "work")] == ["Mine"]
    os.remove(secret)
    world.fails(2, "token", "mint", "-p", "work", "work@example.org", says="jwt_secret_file names")


def test_the_file_is_where_xdg_says_or_config_names(world):
    stores(world, "xdg", "named")
    configure(world, f"[default]\nstore={url(world, 'xdg')}\n", "elsewhere/todoctl/config.ini")
    named = configure(world, f"[default]\nstore={url(world, 'named')}\n", "named/x.ini")
    assert found(world, XDG_CONFIG_HOME=world.path("elsewhere")) == ["xdg"]
    assert found(world, "--config", named, XDG_CONFIG_HOME=world.path("elsewhere")) == ["named"]


def test_what_is_wrong_with_the_file_is_told_with_its_line(world):
    path = configure(world, "[default]\nstore = sqlite:x.db\nfrobnicate = 1\n")
    world.fails(2, "user", "list", says=f"{path}, line 3: there is no setting frobnicate")
    configure(world, "[default]\nnonsense\n")
    world.fails(2, "user", "list", says="line 2: ")
    world.fails(2, "user", "list", "--config", world.path("nowhere"), says="nowhere: No such file")


def test_a_typo_in_a_profile_harms_those_who_use_it_only(world):
    stores(world, "home")
    configure(world, f"[default]\nstore={url(world, 'home')}\n[work]\nfrobnicate = 1\n")
    assert found(world) == ["home"]
    world.ok("completion", "bash")
    world.fails(2, "user", "list", "-p", "work", says="line 4: there is no setting frobnicate")
    configure(world, f"[work]\nno setting\nstore=x\n[default]\nstore={url(world, 'home')}\n[more]\n no\nnothing\n")
    assert found(world) == ["home"]
    world.fails(2, "user", "list", "-p", "work", says="line 2: this is no setting")
    world.fails(2, "user", "list", "-p", "more", says="line 7: this is no setting")


def test_a_profile_that_is_not_there_is_a_usage_error(world):
    configure(world, "[default]\nuser = x\n")
    world.fails(2, "user", "list", "-p", "work", says="there is no profile work in ")
    os.remove(world.path(".config/todoctl/config.ini"))
    world.fails(2, "user", "list", "-p", "work", says="cannot read the configuration file")


def test_both_a_value_and_its_file_are_refused(world):
    configure(world, "[default]\nstore = sqlite:x.db\nstore_file = y\n")
    world.fails(2, "user", "list", env={"DATABASE_WRITER_URL": ""}, says="both store and store_file are set; try: setting either")


def test_doctor_warns_of_a_file_with_a_secret_that_others_can_read(world):
    stores(world, "home")
    path = configure(world, f"[default]\nstore={url(world, 'home')}\njwt_secret={cli.SECRET}\n", mode=0o644)

    def warnings():
        result = world.run("doctor", "--json", env={"DATABASE_WRITER_URL": ""})
        assert cli.SECRET not in result.out, result
        return [each["message"] for each in result.json()["checks"] if each["finding"] == "warning"]

    assert any(path in text for text in warnings())
    os.chmod(path, 0o600)
    assert not any(path in text for text in warnings())


cli.main()
