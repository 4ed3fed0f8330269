"""Asks the emulator through the AWS command line's own code, many commands in one process.

`python -m harness.ask URL` reads a JSON list of argument lists and writes a JSON list of {code, out, err}. Starting the
command line takes a second of CPU; one process for all questions of a scenario takes it once. Each question gets
--endpoint-url: without it `aws rds` ignores AWS_ENDPOINT_URL and would call AWS.
"""

import contextlib
import io
import json
import subprocess
import sys
import threading

from .runner import Failed


def main():
    from awscli.clidriver import create_clidriver

    url = sys.argv[1]
    answers = []
    for args in json.load(sys.stdin):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = create_clidriver().main([*args, "--endpoint-url", url, "--region", "us-east-1", "--output", "json"])
            except SystemExit as e:
                code = e.code
        answers.append({"code": code, "out": out.getvalue(), "err": err.getvalue()})
    json.dump(answers, sys.stdout)


class Asked:
    """Answers by question; a question is a command line without `aws`. Asks each once."""

    def __init__(self, url, env):
        self.url, self.env, self.held = url, env, {}
        self.lock = threading.Lock()

    def all(self, questions):
        """Asks these questions in one go."""
        fresh = [q for q in dict.fromkeys(questions) if q not in self.held]
        if not fresh:
            return
        command = [sys.executable, "-m", "harness.ask", self.url]
        done = subprocess.run(command, input=json.dumps([q.split() for q in fresh]), env=self.env, capture_output=True, text=True)
        if done.returncode:
            raise Failed(f"the AWS command line: {done.stderr[-3000:]}")
        for question, answer in zip(fresh, json.loads(done.stdout), strict=True):
            self.held[question] = answer

    def one(self, question):
        self.all([question])
        answer = self.held[question]
        if answer["code"]:
            raise Failed(f"aws {question}: exit {answer['code']}: {answer['err'].strip()[-500:]}")
        return json.loads(answer["out"] or "{}")


if __name__ == "__main__":
    main()
