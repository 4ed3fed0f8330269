"""Asks the emulator through the AWS command line's own code, one process for all questions of a scenario.

`python -m harness.ask URL` reads one JSON list of arguments a line and answers with one JSON object {code, out, err} a
line; starting the command line anew takes a second of CPU each time. Every question gets --endpoint-url: without it
`aws rds` ignores AWS_ENDPOINT_URL and would call AWS.
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

    answers = sys.stdout
    driver = create_clidriver()  # one: it keeps the services' models, and EC2's takes a second to read
    for line in sys.stdin:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = driver.main(
                    [*json.loads(line), "--endpoint-url", sys.argv[1], "--region", "us-east-1", "--output", "json"]
                )
            except SystemExit as e:
                code = e.code
        print(json.dumps({"code": code, "out": out.getvalue(), "err": err.getvalue()}), file=answers, flush=True)


class Asked:
    """Answers by question; a question is a command line without `aws`. Each is asked once."""

    def __init__(self, url, env):
        self.held, self.lock = {}, threading.Lock()
        command = [sys.executable, "-m", "harness.ask", url]
        self.process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def one(self, question):
        """The answer as JSON. Failed where the command line fails."""
        with self.lock:
            if question not in self.held:
                self.process.stdin.write(json.dumps(question.split()) + "\n")
                self.process.stdin.flush()
                line = self.process.stdout.readline()
                if not line:
                    raise Failed(f"the AWS command line ended at: aws {question}")
                self.held[question] = json.loads(line)
            answer = self.held[question]
        if answer["code"]:
            raise Failed(f"aws {question}: exit {answer['code']}: {answer['err'].strip()[-500:]}")
        return json.loads(answer["out"] or "{}")


if __name__ == "__main__":
    main()
