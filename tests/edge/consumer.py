"""A consumer of the auth component that is no gateway: verifies tokens from Python, by wasmtime's C library.

usage: consumer.py AUTH_WASM; prints TAP.
"""
import base64
import hashlib
import hmac
import json
import sys
import time

from wasmtime import Config, Engine, Store, WasiConfig
from wasmtime.component import Component, Linker

SECRET = "a secret of the tests, thirty-two bytes or more"
USER = "0191a000-0000-7000-8000-00000000000a"


def token(expiry, secret=SECRET):
    def encode(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    text = encode(b'{"alg":"HS256"}') + b"." + encode(json.dumps({"sub": USER, "exp": int(expiry)}).encode())
    return (text + b"." + encode(hmac.new(secret.encode(), text, hashlib.sha256).digest())).decode()


class Authenticator:
    """demo:auth/authenticator of a component file."""

    def __init__(self, path):
        engine = Engine()
        linker = Linker(engine)
        linker.add_wasip2()
        self.store = Store(engine)
        wasi = WasiConfig()
        wasi.env = [("JWT_SECRET", SECRET)]
        self.store.set_wasi(wasi)
        instance = linker.instantiate(self.store, Component.from_file(engine, path))
        interface = instance.get_export_index(self.store, "demo:auth/authenticator")
        self.function = instance.get_func(self.store, instance.get_export_index(self.store, "verify-token", interface))

    def verify(self, text):
        result = self.function(self.store, text)
        self.function.post_return(self.store)
        return result


def main():
    authenticator = Authenticator(sys.argv[1])
    good = token(time.time() + 600)
    expected = [(good, True, USER, None), (good[:-3] + "AAA", False, None, "Invalid signature"),
                (token(time.time() - 1), False, None, "Token expired"), ("a.b", False, None, "Invalid token format"),
                (token(time.time() + 600, "another"), False, None, "Invalid signature")]
    failures = 0
    print(f"1..{len(expected) + 1}")
    for number, (text, *wanted) in enumerate(expected, 1):
        result = authenticator.verify(text)
        got = [result.authenticated, getattr(result, "user-id"), result.error]
        failures += got != wanted
        print("ok" if got == wanted else "not ok", number, "-", wanted[2] or "a good token", "" if got == wanted else got)
    count, begin = 5000, time.perf_counter()
    same = all(authenticator.verify(good).authenticated for _ in range(count))
    print("ok" if same else "not ok", len(expected) + 1, "- the same answer every time",
          f"({count / (time.perf_counter() - begin):,.0f} calls per second)")
    sys.exit(1 if failures or not same else 0)


main()
