"""What the tests of stores share: moto, and stand-ins of what moto does not have."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "the token",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def moto():
    server = pytest.importorskip("moto.server")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def aws(moto, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
    boto3.client("s3").create_bucket(Bucket="prompts")
    ssm = boto3.client("ssm")
    yield ssm
    for page in ssm.get_paginator("describe_parameters").paginate():
        if page["Parameters"]:
            ssm.delete_parameters(Names=[one["Name"] for one in page["Parameters"]][:10])


class StandIn:
    """A small HTTP server; `answer(method, path, query, headers, body)` gives status, headers and body."""

    def __init__(self, answer):
        seen = self.seen = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                url = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                query = {name: values[0] for name, values in parse_qs(url.query).items()}
                seen.append((self.command, url.path, query))
                status, headers, reply = answer(self.command, url.path, query, self.headers, body)
                self.send_response(status)
                for name, value in {**headers, "content-length": str(len(reply))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply)

            do_POST = do_GET

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def stand_in():
    started = []

    def start(answer):
        started.append(StandIn(answer))
        return started[-1]

    yield start
    for one in started:
        one.close()
