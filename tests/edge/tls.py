"""TLS of todo-edge: towards clients, with a certificate that is replaced, and towards the core, which wants to see one.

usage: tls.py TODO_EDGE COMPONENT
"""
import http.client
import http.server
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time


class Core(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"x" * 300_000
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Proto", self.headers.get("X-Forwarded-Proto", ""))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *arguments):
        pass


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def make(folder, name, subject, signer=None):
    """A key and its certificate, by itself or by `signer`."""
    path = os.path.join(folder, name)
    signed = ["-CA", f"{folder}/{signer}.pem", "-CAkey", f"{folder}/{signer}.key"] if signer else []
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-keyout", f"{path}.key", "-out", f"{path}.pem", "-subj", f"/CN={subject}", "-addext",
            f"subjectAltName=DNS:{subject},IP:127.0.0.1" if subject != "other" else "subjectAltName=DNS:other", *signed)


def start_core(folder, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/{name}.pem", f"{folder}/{name}.key")
    context.load_verify_locations(f"{folder}/authority.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    core = Quiet(("127.0.0.1", 0), Core)
    core.socket = context.wrap_socket(core.socket, server_side=True)
    threading.Thread(target=core.serve_forever, daemon=True).start()
    return core.server_address[1]


class Edge:
    def __init__(self, program, component, folder, core_port, *options):
        environment = {"CORE_URL": f"https://127.0.0.1:{core_port}", "JWT_SECRET": "s" * 64, "EDGE_SECRET": "e" * 64}
        names = [word for name in environment for word in ("--env", name)]
        self.process = subprocess.Popen(
            [program, "--addr", "127.0.0.1:0", "--tls-cert", f"{folder}/edge.pem", "--tls-key", f"{folder}/edge.key",
             *options, *names, component], env=environment, stderr=subprocess.PIPE, text=True)
        self.port = int(self.process.stderr.readline().rstrip("/\n").rsplit(":", 1)[1])
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def connect(self, context):
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=20)

    def ask(self, context, method="GET", path="/health", body=None):
        client = self.connect(context)
        client.request(method, path, body)
        answer = client.getresponse()
        content = answer.read()
        client.close()
        return answer.status, content, answer.headers

    def serial(self, context):
        with socket.create_connection(("127.0.0.1", self.port), 20) as plain:
            with context.wrap_socket(plain, server_hostname="127.0.0.1") as tls:
                return tls.getpeercert()["serialNumber"]

    def stop(self):
        self.process.terminate()
        return self.process.wait(15)


def main(program, component):
    failed = 0
    number = 0

    def check(good, name):
        nonlocal failed, number
        number += 1
        failed += not good
        print(f"{'' if good else 'not '}ok {number} - {name}", flush=True)

    print("1..12")
    with tempfile.TemporaryDirectory() as folder:
        make(folder, "authority", "authority")
        for name in ("edge", "core", "shown"):
            make(folder, name, name, "authority")
        make(folder, "misnamed", "other", "authority")
        context = ssl.create_default_context(cafile=f"{folder}/authority.pem")
        trusting = ["--core-ca", f"{folder}/authority.pem"]
        showing = ["--core-cert", f"{folder}/shown.pem", "--core-key", f"{folder}/shown.key"]
        core = start_core(folder, "core")

        edge = Edge(program, component, folder, core, *trusting, *showing)
        silent = [socket.create_connection(("127.0.0.1", edge.port)) for _ in range(50)]
        status, content, headers = edge.ask(context)
        check(status == 200 and len(content) == 300_000, "a long answer, while others do not even begin their handshakes")
        check(headers["X-Proto"] == "https", "the core is told how the client came")
        body = os.urandom(1_000_000)
        check(edge.ask(context, "POST", "/api/auth/login", body)[:2] == (200, body), "a long body, and back")
        client = edge.connect(context)
        statuses = []
        for _ in range(20):
            client.request("GET", "/api/todos")
            answer = client.getresponse()
            answer.read()
            statuses.append(answer.status)
        check(statuses == [401] * 20, "many requests over one connection")
        plain = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=20)
        plain.request("GET", "/health")
        try:
            plain.getresponse()
            check(False, "plain HTTP gets no answer")
        except (http.client.HTTPException, ConnectionError):
            check(True, "plain HTTP gets no answer")

        before = edge.serial(context)
        make(folder, "edge", "edge", "authority")
        edge.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 10
        while edge.serial(context) == before and time.monotonic() < end:
            time.sleep(0.05)
        after = edge.serial(context)
        check(after != before, "SIGHUP brings the new certificate")
        client.request("GET", "/api/todos")
        check(client.getresponse().status == 401, "a connection from before goes on")
        with open(f"{folder}/edge.pem", "w", encoding="ascii") as file:
            file.write("no certificate")
        edge.process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        check(edge.serial(context) == after, "what is no certificate changes nothing")
        for each in silent:
            each.close()
        client.close()
        make(folder, "edge", "edge", "authority")
        check(edge.stop() == 0, "it ends")

        misnamed = start_core(folder, "misnamed")
        for options, at, name in ((trusting + showing, misnamed, "a core with a certificate for another name is 503 on /health"),
                                  (showing, core, "a core that no authority of ours has signed, too"),
                                  (trusting, core, "nor is there an answer from a core that is shown no certificate")):
            edge = Edge(program, component, folder, at, *options)
            status, content, _ = edge.ask(context)
            check(status == 503 and b"core_unreachable" in content, name)
            edge.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
