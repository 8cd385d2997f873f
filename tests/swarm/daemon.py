"""A Docker daemon in namespaces of its own, which ends with the process that started it."""

import fcntl
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.pace import until

LAST = 1500
"""Characters at the end of a log that are worth showing."""

CGROUPS = Path("/sys/fs/cgroup")


ATTEMPTS = 10


class OutOfSequenceError(RuntimeError):
    """A swarm has changed what it was asked to update."""


def call(*argv: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; RuntimeError with what it wrote when it fails."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        kind = OutOfSequenceError if "update out of sequence" in done.stderr else RuntimeError
        raise kind(f"{' '.join(argv)}: {done.stderr.strip() or done.stdout.strip()}")
    return done


@dataclass(frozen=True)
class Daemon:
    """A Docker daemon that is reached through the socket in its folder."""

    folder: Path

    @property
    def docker_host(self) -> str:
        return f"unix://{self.folder}/docker.sock"

    def docker(self, *args: str, **options: object) -> str:
        """What a docker command prints on this daemon; RuntimeError with its message otherwise.

        A swarm refuses to update what it has changed itself meanwhile, and then wants to be asked
        again.
        """
        command = ("docker", "--host", self.docker_host, *args)
        for _ in range(ATTEMPTS):
            with suppress(OutOfSequenceError):
                return call(*command, **options).stdout.strip()
        return call(*command, **options).stdout.strip()

    def logs(self, container: str) -> str:
        """All that a container has written."""
        command = ["docker", "--host", self.docker_host, "logs", container]
        return subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True
        ).stdout

    def state(self) -> str:
        """The containers, the last that each has written, and the last of the daemon's own log."""
        try:
            shown = [self.docker("ps", "--all", "--format", "{{.ID}} {{.Image}} {{.Status}}")]
            shown += [self.logs(line.split()[0])[-LAST:] for line in shown[0].splitlines()]
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            shown = [str(error)]
        return "\n".join([*shown, (self.folder / "dockerd.log").read_text()[-LAST:]])

    def wait(self, process: subprocess.Popen[bytes]) -> None:
        """Return when the daemon answers; its log is in the error when it does not."""
        try:
            until(lambda: self._answers(process), f"dockerd in {self.folder}")
        except (RuntimeError, TimeoutError) as error:
            log = (self.folder / "dockerd.log").read_text()[-LAST:]
            raise RuntimeError(f"{error}\n{log}") from error

    def _answers(self, process: subprocess.Popen[bytes]) -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"dockerd in {self.folder} ended with code {process.returncode}")
        ping = ["docker", "--host", self.docker_host, "version"]
        return subprocess.run(ping, capture_output=True, check=False).returncode == 0


@contextmanager
def daemon(folder: Path, *options: str) -> Iterator[Daemon]:
    """A Docker daemon with its data in `folder`, on this machine's own network: it can build."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = start(
            folder, (), f"/{folder.name}", "--bridge=none", "--iptables=false", *options
        )
        try:
            host = Daemon(folder)
            host.wait(process)
            yield host
        finally:
            process.kill()
            process.wait()
            remove_cgroups(folder.name)


def start(
    folder: Path, enter: tuple[str, ...], cgroup: str, *options: str, before: str = ""
) -> subprocess.Popen[bytes]:
    """Start a daemon in pid, mount and uts namespaces that end with it, and it with us.

    The shell stays the first process of the namespace, to reap what others leave behind.
    """
    script = f"""{before} mount -t tmpfs run /run &&
        dockerd --data-root {folder}/data --host unix://{folder}/docker.sock \
        --cgroup-parent {cgroup} {" ".join(options)} >{folder}/dockerd.log 2>&1; exit $?"""
    alone = ("unshare", "--mount", "--uts", "--pid", "--fork", "--mount-proc", "--kill-child")
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", *enter, *alone, "sh", "-c", script]
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    until(lambda: process.poll() is not None or children.read_text(), f"a process in {folder}")
    (folder / "pid").write_text(children.read_text().split()[0])
    return process


def remove_cgroups(name: str) -> None:
    for top in [*CGROUPS.glob(f"*/{name}"), *CGROUPS.glob(name)]:
        for group, _, _ in os.walk(top, topdown=False):
            until(lambda group=group: not Path(group, "cgroup.procs").read_text(), f"{group} empty")
            Path(group).rmdir()
