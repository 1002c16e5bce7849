"""todoctl token with keys of every algorithm: keygen, jwks, mint, verify and inspect, beside PyJWT."""

import json
import os
import re
import subprocess
import time

import cli

NOBODY = "00000000-0000-7000-8000-000000000000"
PAIRS = ("EdDSA", "ES256", "RS256")
ALL = PAIRS + ("HS256",)
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "k"}


def keygen(world, algorithm, name, *arguments):
    """Makes a key and gives its file and what that says."""
    path = world.path(name)
    assert world.ok("token", "keygen", "--alg", algorithm, "--output", path, *arguments).out == ""
    assert os.stat(path).st_mode & 0o777 == 0o600
    with open(path, encoding="ascii") as file:
        return path, json.load(file)


def pyjwt(**asked):
    """Asks PyJWT, which Debian's own Python has."""
    done = subprocess.run(["/usr/bin/python3", os.path.join(os.path.dirname(os.path.abspath(__file__)), "pyjwt_peer.py")],
                          input=json.dumps(asked), capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert done.returncode == 0, done
    return json.loads(done.stdout)


def verify(world, token, **keywords):
    return world.json("token", "verify", stdin=token, **keywords)


def test_what_keygen_makes_signs_and_what_jwks_prints_verifies(world):
    for algorithm in PAIRS:
        path, key = keygen(world, algorithm, algorithm, "--kid", "key-of-" + algorithm)
        assert key["alg"] == algorithm and key["use"] == "sig" and key["kid"] == "key-of-" + algorithm, key
        public = world.file(algorithm + ".jwks", world.ok("token", "jwks", path).out)
        token = world.ok("token", "mint", NOBODY, "--key-file", path).out
        said = world.json("token", "inspect", stdin=token)["header"]
        assert said == {"alg": algorithm, "typ": "JWT", "kid": key["kid"]}, said
        assert algorithm in world.ok("token", "inspect", stdin=token).out
        for arguments, env in ((("--key-file", public), {}), ((), {"JWKS_FILE": public}), (("--key-file", path), {}),
                               ((), {"JWT_SIGNING_KEY_FILE": path})):
            said = world.json("token", "verify", *arguments, stdin=token, env=env)
            assert said["valid"] is True and said["subject"] == NOBODY, said
        assert world.ok("token", "mint", NOBODY, env={"JWT_SIGNING_KEY_FILE": path}).out.split(".")[0] == token.split(".")[0]


def test_jwks_prints_no_private_half(world):
    paths = [keygen(world, algorithm, algorithm)[0] for algorithm in PAIRS]
    keys = world.json("token", "jwks", *paths)["keys"]
    assert [key["alg"] for key in keys] == list(PAIRS), keys
    assert not any(PRIVATE & set(key) for key in keys), keys
    assert len({key["kid"] for key in keys}) == 3 and all(re.fullmatch(r"[\w-]{43}", key["kid"]) for key in keys), keys
    # What was printed can be joined with more, as when a key is replaced.
    again = world.json("token", "jwks", world.file("jwks", json.dumps({"keys": keys[:2]})), paths[2])["keys"]
    assert again == keys, again


def test_jwks_publishes_what_the_edge_takes(world):
    """The list that libtodo and the edge are judged by; a secret has no public half."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../cases/keys.json"), encoding="ascii") as file:
        cases = [each for each in json.load(file) if each["jwk"].get("kty") != "oct"]
    assert len(cases) > 50
    wrong = []
    for each in cases:
        result = world.run("token", "jwks", world.file("case", json.dumps(each["jwk"])))
        if (result.code == 0) != (each["verdict"] == "taken"):
            wrong.append((each["name"], result.code, result.err))
    assert wrong == []


def test_secrets_are_never_published(world):
    path, key = keygen(world, "HS256", "secret")
    assert key["kty"] == "oct" and "kid" not in key, key
    result = world.fails(2, "token", "jwks", path, says="a secret has no public half")
    assert key["k"] not in result.err, result
    token = world.ok("token", "mint", NOBODY, "--key-file", path).out
    assert verify(world, token, env={"JWT_SIGNING_KEY_FILE": path})["valid"] is True
    assert pyjwt(do="verify", jwk={**key, "kid": ""}, token=token.strip())["payload"]["sub"] == NOBODY


def test_pyjwt_and_todoctl_accept_each_others_tokens(world):
    for algorithm in ALL:
        path, key = keygen(world, algorithm, algorithm, "--kid", "a.b-c")
        token = world.ok("token", "mint", NOBODY, "--key-file", path, "--expires", "90s").out.strip()
        answer = pyjwt(do="verify", jwk={name: value for name, value in key.items() if algorithm == "HS256" or name not in PRIVATE},
                       token=token)
        assert answer["payload"]["sub"] == NOBODY and answer["header"]["kid"] == "a.b-c", answer
        assert answer["payload"]["exp"] - answer["payload"]["iat"] == 90, answer
        theirs = pyjwt(do="sign", jwk=key, payload={"sub": NOBODY, "exp": int(time.time()) + 60})["token"]
        assert world.json("token", "verify", "--key-file", path, stdin=theirs)["subject"] == NOBODY
        head, body, signature = theirs.split(".")
        forged = f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
        world.fails(6, "token", "verify", "--key-file", path, stdin=forged, says="not valid: Invalid signature")


def test_openssl_keys_in_pem_are_taken(world):
    for name, command in (("ed", ("genpkey", "-algorithm", "ed25519")),
                          ("ec", ("ecparam", "-name", "prime256v1", "-genkey")),
                          ("rsa", ("genrsa", "2048"))):
        path = world.path(name)
        subprocess.run(["openssl", command[0], "-out", path, *command[1:]], check=True, capture_output=True)
        subprocess.run(["openssl", "pkey", "-in", path, "-pubout", "-out", path + ".pub"], check=True, capture_output=True)
        token = world.ok("token", "mint", NOBODY, "--key-file", path).out
        assert world.json("token", "verify", "--key-file", path + ".pub", stdin=token)["valid"] is True
        world.fails(2, "token", "mint", NOBODY, "--key-file", path + ".pub", says="is a public one")


def test_while_keys_change_the_old_tokens_are_valid(world):
    """From HS256 to EdDSA to another EdDSA, as docs/security.md has it."""
    secret = {"JWT_SECRET": cli.SECRET}
    first, _ = keygen(world, "EdDSA", "first")
    second, _ = keygen(world, "EdDSA", "second")
    oldest = world.ok("token", "mint", NOBODY, env=secret).out
    old = world.ok("token", "mint", NOBODY, env={**secret, "JWT_SIGNING_KEY_FILE": first}).out
    new = world.ok("token", "mint", NOBODY, env={"JWT_SIGNING_KEY_FILE": second}).out
    one = world.file("one.jwks", world.ok("token", "jwks", first).out)
    both = world.file("both.jwks", world.ok("token", "jwks", second, first).out)
    for token in (oldest, old):
        verify(world, token, env={**secret, "JWKS_FILE": one})
    for token in (old, new):
        verify(world, token, env={"JWKS_FILE": both})
    world.fails(6, "token", "verify", stdin=oldest, env={"JWKS_FILE": both}, says="Unsupported algorithm: HS256")
    world.fails(6, "token", "verify", stdin=new, env={"JWKS_FILE": one}, says="Invalid signature")


def test_keygen_refuses_what_makes_no_sense(world):
    world.fails(2, "token", "keygen", "--alg", "none", says="there is no algorithm none")
    world.fails(2, "token", "keygen", "--alg", "eddsa", says="try: EdDSA")
    world.fails(2, "token", "keygen", "--alg", "HS512", says="no algorithm")
    world.fails(2, "token", "keygen", "--kid", "x", says="--kid needs --alg")
    for bad in ("", "a b", 'a"b', "x" * 65):
        world.fails(2, "token", "keygen", "--alg", "EdDSA", "--kid", bad, says="a key id is")
    path, key = keygen(world, "EdDSA", "key")
    world.fails(1, "token", "keygen", "--alg", "EdDSA", "--output", path, says="never overwritten")
    with open(path, encoding="ascii") as file:
        assert json.load(file) == key


def test_bad_keys_are_refused_and_not_repeated(world):
    _, key = keygen(world, "EdDSA", "key")
    other = {**key, "d": keygen(world, "EdDSA", "other")[1]["d"]}
    cases = {
        json.dumps(other): "do not belong together",
        json.dumps({**key, "crv": "X25519"}): "for something else",
        json.dumps({**key, "use": "enc"}): "for something else",
        json.dumps({"kty": "oct", "k": "c2hvcnQ"}): "a secret needs 32 bytes or more",
        key["d"]: "neither a JWK nor PEM",
    }
    for text, words in cases.items():
        result = world.fails(2, "token", "mint", NOBODY, "--key-file", world.file("bad", text), says=words)
        assert key["d"] not in result.err and other["d"] not in result.err, result
    world.fails(2, "token", "mint", NOBODY, env={"JWT_SIGNING_KEY": "x"}, says="cannot use the key of JWT_SIGNING_KEY")
    world.fails(2, "token", "mint", NOBODY, env={"JWT_SECRET": json.dumps(key)}, says="try: --key-file")
    world.fails(2, "token", "mint", NOBODY, "--key-file", world.path("nowhere"), says="No such file")
    world.fails(2, "token", "mint", NOBODY, "--key-file", "x", "--secret-file", "y", says="name different keys")
    world.fails(2, "token", "jwks", says="try: ")


def test_a_key_is_not_shown_on_a_terminal_unasked(world):
    for arguments in ((), ("--alg", "EdDSA"), ("--json",)):
        shown = world.on_terminal("token", "keygen", *arguments)
        assert shown.code == 2 and "not shown unasked" in shown.out and '"d"' not in shown.out, shown
        assert not re.search("[0-9a-f]{64}", shown.out), shown
    shown = world.on_terminal("token", "keygen", "--alg", "EdDSA", "--output", "-")
    assert shown.code == 0 and json.loads(shown.out)["alg"] == "EdDSA", shown
    assert json.loads(world.ok("token", "keygen", "--alg", "ES256").out)["crv"] == "P-256"
    assert not os.path.exists(world.path("-"))


def test_doctor_looks_at_the_signing_key(world):
    path, key = keygen(world, "EdDSA", "key")
    public = world.file("public", json.dumps({name: value for name, value in key.items() if name != "d"}))
    env = {"EDGE_SECRET": cli.SECRET}

    def said(**more):
        checks = world.run("--json", "doctor", env={**env, **more}).json()["checks"]
        return [(each["finding"], each["message"]) for each in checks if each["check"] == "secrets"]

    assert ("ok", f"JWT_SIGNING_KEY (EdDSA, kid {key['kid']}) comes from JWT_SIGNING_KEY_FILE ({path})") in \
        said(JWT_SIGNING_KEY_FILE=path)
    assert not any("JWT_SECRET" in message for _, message in said(JWT_SIGNING_KEY_FILE=path))
    assert ("broken", "JWT_SIGNING_KEY is a public key, which can't sign") in said(JWT_SIGNING_KEY_FILE=public)
    assert any(finding == "broken" and key["d"] not in message for finding, message in said(JWT_SIGNING_KEY=key["d"]))


cli.main(migrated=False)
