"""`terrace tunnel --local`, from its start to Ctrl-C."""

import re

from .around import Running, environment
from .system import PROGRAM

LOCAL = re.compile(r'"port":\s*(\d+)')


class Tunnel:
    def __init__(self, manifest, log, *options):
        words = [PROGRAM, "tunnel", manifest, "--local", "--json", *options]
        self.running = Running(words, log, environment())
        try:
            self.port = int(self.running.line(LOCAL)[1])
        except BaseException:
            self.running.end()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.running.end()
