"""Three bare hosts on one machine: user-mode Linux kernels on a bridge without uplink.

Everything lives in namespaces of one holder process: network, mounts, processes. When the holder
ends, for whatever reason, the kernel ends the hosts and removes bridge and taps with it; only the
folder with the hosts' disks is left to delete, and the next lab deletes the folders of dead ones.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGCONT

from tests.hosts.image import (
    ACCOUNT,
    GATEWAY,
    KERNEL,
    MIRROR_PORT,
    NETWORK,
    Image,
    cache_folder,
    image,
)
from tests.pace import limit, until

MEMORY = "2G"
NAMES = ("manager", "worker1", "worker2")

LAST = 1500
STATE = """
sudo journalctl --no-pager --priority warning --lines 15 2>&1
sudo docker ps --all 2>&1
for one in $(sudo docker ps --all --quiet --last 4); do sudo docker logs --tail 15 $one 2>&1; done
"""

# The operator's SSH files are laid over the user's own, for processes of this lab only.
HOLDER = """\
set -e
mount --bind "$KEYS" ~/.ssh
ip link set lo up
ip link add name lab type bridge
ip address add "$GATEWAY/24" dev lab
ip link set lab up
for tap in $TAPS; do
    ip tuntap add dev "$tap" mode tap
    ip link set "$tap" master lab up
done
cd "$MIRROR"
"$PYTHON" -m http.server --bind "$GATEWAY" "$PORT" >/dev/null 2>&1 &
echo ready
exec sleep infinity
"""


@dataclass
class Host:
    """One user-mode Linux machine: a kernel process, a disk, an address."""

    name: str
    address: str
    lab: "Lab"
    kernel: subprocess.Popen[bytes] | None = None

    @property
    def folder(self) -> Path:
        """Where this host keeps its disk and console."""
        return self.lab.folder / self.name

    @property
    def processor(self) -> int:
        """The processor of all of the host's processes, which take turns at each system call.

        Such a turn takes several times as long from one processor to another.
        """
        shared = sorted(os.sched_getaffinity(0))
        return shared[list(self.lab.hosts).index(self.name) % len(shared)]

    @property
    def leader(self) -> str:
        """The kernel's process, by the number it has in the lab."""
        return (self.lab.folder / "uml" / self.name / "pid").read_text().strip()

    def power_on(self) -> None:
        """Boot, without waiting for the host to answer."""
        self.folder.mkdir(exist_ok=True)
        words = [
            "taskset", "--cpu-list", str(self.processor),
            str(KERNEL), f"umid={self.name}", f"uml_dir={self.lab.folder}/uml/", f"mem={MEMORY}",
            f"ubd0={self.folder}/disk.cow,{self.lab.image.disk}", "root=/dev/ubda", "rw", "quiet",
            f"eth0=tuntap,{self.name}", "con=null", "con0=null,fd:1", "ssl=null",
            f"lab.name={self.name}", f"lab.address={self.address}/24", f"lab.gateway={GATEWAY}",
        ]  # fmt: skip
        with (self.folder / "console.log").open("ab") as console:
            self.kernel = subprocess.Popen(
                [*self.lab.inside, *words],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                env={
                    **os.environ,
                    "TMPDIR": "/dev/shm",  # noqa: S108 - the kernel's memory file
                    "LD_PRELOAD": str(self.lab.preloaded or ""),
                },
            )

    def power_off(self) -> None:
        """Cut the power: what was not synced is lost, nobody is told."""
        if self.kernel:
            # The kernel leads a group of its own.
            self.lab.try_run("kill", "-KILL", "--", f"-{self.leader}")
            self.kernel.wait(timeout=limit())
            self.kernel = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let the host stand still, deaf to everything, for as long as the block takes."""
        assert self.kernel
        self.lab.try_run("kill", "-STOP", self.leader)
        try:
            yield
        finally:
            # nsenter stops with the kernel that it started, and continues both.
            self.kernel.send_signal(SIGCONT)

    def wait_until_up(self) -> None:
        """Return once the host answers over SSH and systemd has finished starting."""
        until(lambda: self.try_run("true").returncode == 0, f"{self.name} answers SSH")
        self.try_run("systemctl is-system-running --wait", timeout=limit())

    def reboot(self) -> None:
        """Restart in good order and wait until the host is up again."""
        before = self.run("cat /proc/sys/kernel/random/boot_id")
        self.try_run("sudo systemctl reboot")

        def is_another_boot() -> bool:
            now = self.try_run("cat /proc/sys/kernel/random/boot_id")
            return now.returncode == 0 and now.stdout != before

        until(is_another_boot, f"{self.name} boots again")
        self.wait_until_up()

    def try_run(self, script: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a shell script as the account with sudo; 255 when the host does not answer."""
        target = ("ssh", "-o", "ConnectTimeout=30", f"{ACCOUNT}@{self.address}")
        try:
            return self.lab.try_run(*target, script, timeout=timeout)
        except subprocess.TimeoutExpired as late:
            return subprocess.CompletedProcess(late.cmd, 255, "", str(late))

    def state(self) -> str:
        """What the host says of itself: warnings, containers, and the last of their logs."""
        return f"{(self.folder / 'console.log').read_text()[-LAST:]}\n{self.try_run(STATE).stdout}"

    def run(self, script: str, timeout: float = 60) -> str:
        """Run a shell script that must succeed; return what it printed."""
        done = self.try_run(script, timeout)
        assert done.returncode == 0, f"{self.name}: {script}\n{done.stdout}{done.stderr}"
        return done.stdout


@dataclass
class Lab:
    """The hosts, and the machine in the middle that plays the operator's laptop."""

    image: Image
    folder: Path
    holder: subprocess.Popen[str]
    hosts: dict[str, Host] = field(default_factory=dict)
    preloaded: Path | None = None

    @property
    def inside(self) -> tuple[str, ...]:
        """Prefix of a command that runs in the lab's namespaces."""
        spaces = f"/proc/{self.holder.pid}/ns"
        return (
            "nsenter",
            f"--net={spaces}/net",
            f"--mount={spaces}/mnt",
            f"--pid={spaces}/pid_for_children",
            f"--wdns={Path.cwd()}",
        )

    def try_run(
        self, *command: str, timeout: float = 60, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command on the operator's laptop."""
        return subprocess.run(
            [*self.inside, *command],
            capture_output=True,
            text=True,
            timeout=limit(timeout),
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(env or {})},
        )

    def python(
        self, *words: str, timeout: float, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run this interpreter on the operator's laptop."""
        return self.try_run(sys.executable, *words, timeout=timeout, env=env)


def why_not() -> str | None:
    """Say what this machine lacks for the lab, or nothing."""
    if os.geteuid() != 0:
        return "needs root"
    needed = [str(KERNEL), "debootstrap", "dpkg-scanpackages", "nsenter", "ssh", "mkfs.ext4", "gcc"]
    missing = [name for name in needed if not shutil.which(name)]
    return f"needs {', '.join(missing)}" if missing else None


@contextmanager
def lab(names: tuple[str, ...] = NAMES) -> Iterator[Lab]:
    """Boot bare hosts; end them and delete their disks on leaving, however that happens."""
    built = image()
    runs = cache_folder() / "runs"
    runs.mkdir(exist_ok=True)
    forget_the_dead(runs)
    folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=runs))
    holder = hold(built, folder, names)
    made = Lab(built, folder, holder, preloaded=shim(folder))
    try:
        for number, name in enumerate(names):
            made.hosts[name] = Host(name, f"{NETWORK}.{10 + number}", made)
            made.hosts[name].power_on()
        for host in made.hosts.values():
            host.wait_until_up()
        yield made
    finally:
        holder.kill()
        holder.wait(timeout=limit())
        for host in made.hosts.values():
            if host.kernel:
                host.kernel.wait(timeout=limit())
        shutil.rmtree(folder)


def shim(folder: Path) -> Path | None:
    """Return what linux.uml needs preloaded on this machine's processor: see xstate.c."""
    if "amx_tile" not in Path("/proc/cpuinfo").read_text():
        return None
    library = folder / "xstate.so"
    source = str(Path(__file__).with_name("xstate.c"))
    subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", str(library), source], check=True)
    return library


def hold(built: Image, folder: Path, names: tuple[str, ...]) -> subprocess.Popen[str]:
    """Start the process whose namespaces the lab lives in; it dies with this one."""
    (Path.home() / ".ssh").mkdir(mode=0o700, exist_ok=True)
    shutil.copytree(built.keys, folder / "ssh")
    holder = subprocess.Popen(
        [
            *("setpriv", "--pdeathsig", "KILL"),
            *("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
            *("sh", "-c", HOLDER),
        ],
        env={
            **os.environ,
            "KEYS": str(folder / "ssh"),
            "MIRROR": str(built.mirror),
            "PYTHON": sys.executable,
            "GATEWAY": GATEWAY,
            "PORT": str(MIRROR_PORT),
            "TAPS": " ".join(names),
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    if holder.stdout.readline() != "ready\n":
        holder.kill()
        message = "the lab's network could not be made"
        raise RuntimeError(message)
    return holder


def forget_the_dead(runs: Path) -> None:
    """Delete the folders of labs whose process is gone."""
    for folder in runs.glob("*"):
        if not Path("/proc", folder.name.split("-")[0]).exists():
            shutil.rmtree(folder)
