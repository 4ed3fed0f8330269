"""One WSGI application: a journal of every request, then our own services by the name in the signature, then moto."""

import collections
import io
import json
import os
import re
import threading
import traceback
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.wrappers import Request, Response

from . import cloudfront, imagebuilder, patches
from .calls import Calls

SCOPE = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/aws4_request")


class Journal:
    """Appends one line per request to a file; without a file it keeps nothing."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.file = open(path, "a", buffering=1) if path else None

    def write(self, **entry):
        if self.file:
            with self.lock:
                self.file.write(json.dumps(entry) + "\n")


def operation(request, service):
    """The operation as the wire says it: a header (JSON), a form field (query), or method and path (REST)."""
    target = request.headers.get("X-Amz-Target")
    if target:
        return target.split(".")[-1]
    if request.mimetype == "application/x-www-form-urlencoded" and service not in ("s3",):
        action = parse_qs(request.get_data(cache=True, as_text=True)).get("Action")
        if action:
            return action[0]
    return f"{request.method} {request.path}"


def application():
    patches.install()
    moto = DomainDispatcherApplication(create_backend_app)
    journal = Journal(os.environ.get("MOTO_PLUS_JOURNAL"))
    locks = collections.defaultdict(threading.Lock)
    ours = {"cloudfront": cloudfront.CloudFront(), "imagebuilder": imagebuilder.ImageBuilder()}
    calls = Calls(os.environ.get("MOTO_PLUS_CALLS"), ours["cloudfront"])

    def gap(error, service, region, name, request):
        """What moto cannot do: noted as a 501, and answered with an error that clients do not repeat for minutes."""
        traceback.print_exception(error)
        journal.write(service=service, region=region, operation=name, host=request.host, status=501)
        text = f"moto cannot do {service} {name}: {error}"
        if "json" in request.mimetype:
            return Response(json.dumps({"__type": "MotoGap", "message": text}), status=400, mimetype="application/json")
        inner = f"<Code>MotoGap</Code><Message>{escape(text)}</Message>"
        return Response(f"<ErrorResponse><Error>{inner}</Error></ErrorResponse>", status=400, mimetype="text/xml")

    def app(environ, start_response):
        request = Request(environ)
        scope = SCOPE.search(request.headers.get("Authorization", ""))
        region, service = scope.groups() if scope else ("us-east-1", "unsigned")
        name = operation(request, service)
        length = environ.get("CONTENT_LENGTH")
        if length and request.mimetype == "application/x-www-form-urlencoded" and service != "s3":
            environ["wsgi.input"] = io.BytesIO(request.get_data())
        if calls.file and length and (service != "s3" or request.args.get("delete") is not None):
            environ["wsgi.input"] = io.BytesIO(request.get_data())
        calls.note(request, service, region)

        def started(status, headers, *rest):
            journal.write(service=service, region=region, operation=name, host=request.host, status=int(status[:3]))
            return start_response(status, headers, *rest)

        handler = ours.get(service)
        if handler is None:
            try:
                with locks[
                    service
                ]:  # moto's models are not made for threads: without, a rule is seen twice (Duplicate)
                    return moto(environ, started)
            except Exception as e:
                return gap(e, service, region, name, request)(environ, start_response)
        status, headers, body = handler.answer(request, region)
        return Response(body, status=status, headers=headers)(environ, started)

    return app
