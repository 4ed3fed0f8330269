"""Stands between the AWS command line and the endpoint, hands everything on unchanged, and remembers what was asked.

It is how the tests know that a session was resumed and ended on the server's side, and which tokens must be nowhere.
"""

import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Relay:
    def __init__(self, url):
        self.asked = []  # names of actions, in order
        self.tokens = []
        relay, beyond = self, urlsplit(url).netloc

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                connection = http.client.HTTPConnection(beyond, timeout=60)
                try:
                    connection.request("POST", self.path, body, dict(self.headers))
                    answer = connection.getresponse()
                    text = answer.read()
                    relay.note(self.headers, body, text)
                    self.send_response(answer.status)
                    for name, value in answer.getheaders():
                        if name.lower() not in HOP:
                            self.send_header(name, value)
                    self.send_header("content-length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text)
                finally:
                    connection.close()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def note(self, headers, body, answer):
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        action = action or parse_qs(body.decode("utf-8", "replace")).get("Action", ["?"])[0]
        self.asked.append(action)
        if action in ("StartSession", "ResumeSession"):
            try:
                token = json.loads(answer).get("TokenValue")
            except ValueError:
                token = None
            if token:
                self.tokens.append(token)

    def count(self, action):
        return self.asked.count(action)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
