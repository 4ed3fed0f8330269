"""Debian's docker-registry, as a process of one's own with a folder and a port of its own."""

import re
import shutil
import subprocess
import threading
from pathlib import Path

from harness.runner import Skipped


class Registry:
    def __init__(self, folder):
        self.folder = Path(folder)

    def __enter__(self):
        program = shutil.which("docker-registry")
        if not program:
            raise Skipped("docker-registry is not on the PATH (Debian: docker-registry)")
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "config.yml"
        config.write_text(
            f"version: 0.1\nlog: {{level: info}}\nstorage: {{filesystem: {{rootdirectory: {self.folder / 'data'}}}}}\n"
            "http: {addr: '127.0.0.1:0'}\n"
        )
        self.process = subprocess.Popen(
            [program, "serve", config], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        for line in self.process.stderr:
            if found := re.search(r"listening on (127\.0\.0\.1:\d+)", line):
                self.address = found[1]
                break
        else:
            raise Skipped(f"docker-registry ended with {self.process.wait()}")
        # It stops when nobody reads what it has to say.
        threading.Thread(target=lambda: [None for _ in self.process.stderr], daemon=True).start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
