"""Serves on 127.0.0.1 at a port the kernel gives, and says it in the first line of stdout: {"port": N}.

Environment: MOTO_PLUS_CANARY (a word that every password made here begins with, so that tests can look for it) and
MOTO_PLUS_JOURNAL (a file that gets one JSON line per request: service, operation, host, status).
"""

import json
import os
import signal
import sys

os.environ.setdefault(
    "MOTO_IAM_LOAD_MANAGED_POLICIES", "true"
)  # without: NoSuchEntity for every arn:aws:iam::aws:policy


def main() -> None:
    import logging

    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from werkzeug.serving import make_server

    from . import server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    http = make_server("127.0.0.1", 0, server.application(), threaded=True, request_handler=MotoRequestHandler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    os.environ["MOTO_PORT"] = str(http.port)
    print(json.dumps({"port": http.port}), flush=True)
    http.serve_forever()


main()
