"""The page that both peers serve from one folder, and the certificate both show."""

import random
import subprocess
from dataclasses import dataclass
from pathlib import Path

from machine import require

INDEX_BYTES = 581
SCRIPT_BYTES = 100_000


@dataclass(frozen=True)
class Site:
    """A folder with `index.html` and `assets/app.js`, and an ECDSA P-256 certificate for localhost."""

    folder: Path
    chain: Path
    key: Path


def make(folder: Path) -> Site:
    """Writes the site; its script does not compress, so that size on the wire is size on disk."""
    site = Site(folder / "site", folder / "chain.pem", folder / "key.pem")
    (site.folder / "assets").mkdir(parents=True)
    head = "<!doctype html><html lang=en><title>Items</title><script type=module src=/assets/app.js></script><p>"
    (site.folder / "index.html").write_text(head.ljust(INDEX_BYTES, "."))
    noise = random.Random(1).randbytes(SCRIPT_BYTES // 2 - 1).hex()
    (site.folder / "assets/app.js").write_text(f"//{noise}")
    subprocess.run(
        [
            require("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout", site.key, "-out", site.chain,
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return site
