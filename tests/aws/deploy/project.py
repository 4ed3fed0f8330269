"""A small project of the harness's own: a page without a build, an app that is one static program, made in no time."""

import os
import platform
import shutil
import subprocess
import threading
from pathlib import Path

from harness.runner import Failed

ARCHITECTURE = {"aarch64": ("arm64", "linux-arm64")}.get(platform.machine(), ("x86_64", "linux-amd64"))
MANIFEST = """\
name         = "{name}"
shape        = "{shape}"
region       = "us-east-1"
architecture = "{architecture}"
{account}
{edge}
[web]
root = "page"
dist = "dist"
{assets}

[app]
root   = "api"
build  = "mkdir -p bin && cat ../parts/terrace-boot code > bin/api && chmod 755 bin/api"
run    = "bin/api"
port   = 8000
paths  = ["/api/*"]
health = "/health"
count  = {{ min = 2, max = {most}, cpu = 60 }}

[app.variables]
LOG_LEVEL = "{level}"

[app.secrets]
SESSION_KEY = {{ generate = 32 }}
PAYMENT_KEY = {{ secret = "items/payment" }}

[data]
engine = "{engine}"
{migrate}
"""
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


ONE = threading.Lock()


def static_program(work):
    """A program that stands alone, in the place of Terrace's own parts: nothing here runs on AWS."""
    source, program = Path(work) / "alone.rs", Path(work) / "alone"
    with ONE:
        if program.exists():
            return program
        Path(work).mkdir(parents=True, exist_ok=True)
        source.write_text('fn main() { println!("here"); }\n')
        triple = f"{platform.machine()}-unknown-linux-gnu"
        command = ["rustc", "--edition", "2024", "-C", "strip=symbols", "-C", "target-feature=+crt-static"]
        done = subprocess.run([*command, "--target", triple, source, "-o", program], capture_output=True, text=True)
        if done.returncode:
            raise Failed(f"no static program can be made here: {done.stderr[-2000:]}")
    return program


class Project:
    """Its folder, and what may be changed in it."""

    def __init__(self, folder, program, **settings):
        self.folder = Path(folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.settings = {
            "name": "items",
            "shape": "fargate",
            "architecture": ARCHITECTURE[0],
            "account": "",
            "edge": "",
            "assets": "",
            "level": "info",
            "most": 4,
            "engine": "postgres",
            "migrate": "",
        } | settings
        self.manifest()
        self.page("index.html", '<!doctype html><script src="assets/app-0123abcd.js"></script>\n')
        self.page("assets/app-0123abcd.js", "console.log(1)\n")
        self.page("robots.txt", "User-agent: *\n")
        self.page("picture.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>\n" + "<!-- -->\n" * 2000)
        self.code("1")
        self.write("rds-ca.pem", PEM)
        for name in ("terrace-boot", "terrace-edge"):
            (self.folder / "parts").mkdir(exist_ok=True)
            shutil.copy(program, self.folder / "parts" / name)

    def write(self, path, text):
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def manifest(self, **settings):
        self.settings |= settings
        self.write("terrace.toml", MANIFEST.format(**self.settings))

    def page(self, path, text):
        self.write(f"page/dist/{path}", text)

    def code(self, text):
        """Another code is another program: what is told after the end of one changes nothing of what it does."""
        self.write("api/code", f"{text}\n")

    def env(self):
        return {
            "TERRACE_PARTS": str(self.folder / "parts"),
            "TERRACE_RDS_CA": str(self.folder / "rds-ca.pem"),
            "PATH": os.environ["PATH"],
        }
