"""A machine: layers of a Debian root in namespaces of its own, in which a step runs or systemd is process 1."""

import os
import shlex
import signal
import subprocess
import threading
import time
from pathlib import Path

# Inside the new namespaces: the layers, the usual mounts, then the command in the root.
ENTER = r"""
set -eu
root=$1 layers=$2 upper=$3 work=$4 console=$5
shift 5
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$layers,upperdir=$upper,workdir=$work" "$root"
cd "$root"
mount -t proc proc proc
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
  touch dev/$device
  mount --bind /dev/$device dev/$device
done
[ -z "$console" ] || { touch dev/console; mount --bind "$console" dev/console; }
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
for n in 0:stdin 1:stdout 2:stderr; do ln -s /proc/self/fd/${n%:*} dev/${n#*:}; done
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mkdir -p .old
pivot_root . .old
umount -l /.old
rmdir /.old
exec env -i container=terrace-image LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
"""


def hierarchy():
    """Where control groups of the second version are."""
    mounts = (line.split() for line in Path("/proc/mounts").read_text().splitlines())
    return next(Path(fields[1]) for fields in mounts if fields[2] == "cgroup2")


class Machine:
    """Layers below (the last one deepest), what it writes itself above; one network of its own."""

    def __init__(self, name, folder, below, network):
        self.name, self.network, self.below = name, network, [str(layer) for layer in below]
        self.folder = Path(folder) / name
        for part in ("upper", "work", "root"):
            (self.folder / part).mkdir(parents=True)
        self.upper = self.folder / "upper"
        self.group = hierarchy() / f"terrace-image-{os.getpid()}-{name}"
        self.process = None
        (self.folder / "console.txt").touch()

    def write(self, path, text, mode=0o644):
        """A file of the machine's, before it runs."""
        file = self.upper / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    def _enter(self, argv, console="", **options):
        self.group.mkdir(exist_ok=True)
        parts = [str(self.folder / "root"), ":".join(self.below), str(self.upper), str(self.folder / "work"), console]
        inside = ["unshare", "-m", "-p", "-f", "-u", "-i", "-C", "--kill-child=SIGKILL", "bash", "-c", ENTER, "enter", *parts, *argv]
        join = f"echo $BASHPID > {self.group}/cgroup.procs; exec ip netns exec {self.network} {shlex.join(inside)}"
        return subprocess.Popen(["bash", "-c", join], stdin=subprocess.DEVNULL, start_new_session=True, **options)

    def run(self, script, **env):
        """Runs a script as Image Builder runs a step: bash, as root. Gives its output; raises if it fails."""
        given = [f"{name}={value}" for name, value in env.items()]
        process = self._enter(["env", *given, "bash", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            output, _ = process.communicate(timeout=400)
        except subprocess.TimeoutExpired:
            inside = [(Path("/proc") / number / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:200] for number in self._below()]
            # The namespace's first process takes every other with it.
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            raise RuntimeError(f"{self.name}: not done after 400 s, with {inside}\n{output}") from None
        if process.returncode:
            raise RuntimeError(f"{self.name}: exit {process.returncode}\n{output}")
        return output

    def boot(self):
        """Starts systemd, and waits until it takes orders."""
        log = open(self.folder / "console.log", "w")
        self.console, console = os.openpty()
        threading.Thread(target=self._keep_console, daemon=True).start()
        self.process = self._enter(["/lib/systemd/systemd", "--log-target=console", "--show-status=0"], os.ttyname(console), stdout=log, stderr=log)
        self.terminal = console
        log.close()
        self.init = wait(self._find_init, 30, f"{self.name}: systemd did not start")
        wait(lambda: self.tell("systemctl is-system-running", check=False) in ("running", "degraded"), 180, f"{self.name} did not come up")

    def _keep_console(self):
        """What is written to its console, as EC2 keeps it: `console.txt`. The terminal's other end stays open until it is ended."""
        with open(self.folder / "console.txt", "wb", buffering=0) as text:
            try:
                while data := os.read(self.console, 65536):
                    text.write(data.replace(b"\r\n", b"\n"))
            except OSError:
                pass

    def _find_init(self):
        """The number of its process 1, seen from here."""
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name}: systemd ended\n{(self.folder / 'console.log').read_text()[-2000:]}")
        for line in Path(self.group / "cgroup.procs").read_text().split() + self._below():
            try:
                if Path(f"/proc/{line}/comm").read_text().strip() == "systemd" and Path(f"/proc/{line}/status").read_text().split("NSpid:")[1].split("\n")[0].split()[-1] == "1":
                    return int(line)
            except (OSError, IndexError):
                continue
        return None

    def _below(self):
        return [pid for file in self.group.rglob("cgroup.procs") for pid in file.read_text().split()]

    def tell(self, command, check=True):
        """Runs a command in the machine that runs."""
        argv = ["nsenter", "-t", str(self.init), "-m", "-p", "-n", "-u", "-i", "-C", "--", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "sh", "-c", command]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        if check and done.returncode:
            raise RuntimeError(f"{self.name}: `{command}`: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout.strip()

    def end(self):
        """Ends it by the first process of its namespace, which takes every other with it."""
        if self.process:
            for number in (getattr(self, "init", None), self.process.pid):
                try:
                    if number:
                        os.kill(number, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            self.process.wait()
            os.close(self.terminal)
        for folder, _, _ in os.walk(self.group, topdown=False):
            wait(lambda folder=folder: removed(folder), 10, f"{folder} is still in use")


def removed(group):
    """Whether a control group is gone; its processes take a moment."""
    try:
        os.rmdir(group)
    except FileNotFoundError:
        pass
    return True


def wait(what, seconds, complaint):
    """What `what` gives once it is something; the complaint if it never is."""
    end, last = time.monotonic() + seconds, None
    while time.monotonic() < end:
        try:
            if found := what():
                return found
        except (OSError, subprocess.SubprocessError) as error:
            last = error
        time.sleep(0.1)
    raise RuntimeError(f"{complaint} within {seconds} s{f': {last}' if last else ''}")
