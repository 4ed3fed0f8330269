"""A network of namespaces: one that everything around stands in, one a machine, a bridge between them."""

import os
import subprocess


def ip(*words, inside=None):
    netns = ["-n", inside] if inside else []
    subprocess.run(["ip", *netns, *words], check=True)


class Network:
    """10.0.0.0/16 on a bridge. The centre has every address that is asked for; nothing leads out."""

    def __init__(self):
        self.stem = f"terrace-{os.getpid()}"
        self.centre = f"{self.stem}-centre"
        self.names = []

    def __enter__(self):
        self._add(self.centre)
        ip("link", "add", "br0", "type", "bridge", inside=self.centre)
        ip("link", "set", "br0", "up", inside=self.centre)
        for address in ("10.0.0.2", "10.0.0.3", "10.0.0.10", "10.0.0.11", "169.254.169.253", "169.254.169.254"):
            ip("address", "add", f"{address}/16", "dev", "br0", inside=self.centre)
        return self

    def _add(self, name):
        ip("netns", "add", name)
        self.names.append(name)
        ip("link", "set", "lo", "up", inside=name)

    def machine(self, word, address):
        """A namespace with one address; gives its name."""
        name = f"{self.stem}-{word}"
        self._add(name)
        peer = f"v{len(self.names)}"
        ip("link", "add", peer, "type", "veth", "peer", "name", "eth0", "netns", name, inside=self.centre)
        ip("link", "set", peer, "master", "br0", inside=self.centre)
        ip("link", "set", peer, "up", inside=self.centre)
        ip("address", "add", f"{address}/16", "dev", "eth0", inside=name)
        ip("link", "set", "eth0", "up", inside=name)
        ip("route", "add", "169.254.0.0/16", "dev", "eth0", inside=name)
        return name

    def __exit__(self, *_):
        for name in reversed(self.names):
            subprocess.run(["ip", "netns", "del", name], check=False)
