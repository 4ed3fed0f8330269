"""The AWS command line, as it comes from PyPI, with made-up keys and a way out that ends in a trap."""

import json
import re
import secrets
import sys
from pathlib import Path

from .around import Running, environment, run

AWS = Path(sys.executable).parent / "aws"
DOCUMENT = "AWS-StartPortForwardingSessionToRemoteHost"
OPENED = re.compile(r"^Port (\d+) opened for sessionId (\S+?)\.$", re.MULTILINE)
WAITING = re.compile(r"^Waiting for connections", re.MULTILINE)
SECRET_KEY = secrets.token_hex(20)


class Aws:
    """Commands against one endpoint. `plugins` is the folder that comes first on the path."""

    def __init__(self, relay, trap, home, plugins, region):
        self.relay = relay
        path = environment()["PATH"]
        self.env = environment(
            PATH=f"{plugins}:{path}",
            HOME=str(home),
            AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE",
            AWS_SECRET_ACCESS_KEY=SECRET_KEY,
            AWS_DEFAULT_REGION=region,
            AWS_CONFIG_FILE=str(home / "config"),
            AWS_SHARED_CREDENTIALS_FILE=str(home / "credentials"),
            AWS_EC2_METADATA_DISABLED="true",
            AWS_PAGER="",
            **trap.env(),
        )

    def words(self, *arguments):
        return [AWS, "--endpoint-url", self.relay.url, "--output", "json", *arguments]

    def ask(self, command, *arguments):
        """The answer of one command."""
        return json.loads(run(self.words(*command.split(), *arguments), env=self.env).stdout)

    def refused(self, *arguments):
        """What a command that must fail says."""
        return run(self.words(*arguments), ok=range(1, 256), env=self.env).stderr

    def start_session(self, target, host, port, faults=None):
        parameters = {"host": [host], "portNumber": [str(port)], "localPortNumber": ["0"]}
        if faults:
            parameters["terraceFaults"] = [faults]
        return [
            "ssm",
            "start-session",
            "--target",
            target,
            "--document-name",
            DOCUMENT,
            "--parameters",
            json.dumps(parameters),
        ]


class Session:
    """`aws ssm start-session` from its start to Ctrl-C."""

    def __init__(self, aws, log, *where, faults=None):
        self.aws, self.log = aws, log
        self.running = Running(aws.words(*aws.start_session(*where, faults)), log, aws.env)
        try:
            opened = self.running.line(OPENED)
            self.running.line(WAITING)
        except BaseException:
            self.running.end()
            raise
        self.port, self.id = int(opened[1]), opened[2]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.running.end()
