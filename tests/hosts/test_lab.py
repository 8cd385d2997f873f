"""The lab itself: what the other tests of this folder stand on."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.hosts.image import cache_folder
from tests.hosts.lab import NAMES, Lab, lab
from tests.pace import limit, until

pytestmark = pytest.mark.hosts


def test_hosts_are_bare(hosts: Lab) -> None:
    """A host has systemd, SSH and sudo; neither Docker nor NFS."""
    for name, host in hosts.hosts.items():
        assert host.run("hostname").strip() == name
        assert host.run("sudo id -u").strip() == "0"
        assert host.run("systemctl is-system-running").strip() == "running"
        assert host.try_run("command -v docker || command -v exportfs").returncode != 0


def test_hosts_reach_each_other_and_nothing_else(hosts: Lab) -> None:
    """Hosts share a bridge that has no way out."""
    manager, worker = hosts.hosts["manager"], hosts.hosts["worker1"]
    ping = "exec 3<>/dev/tcp/{}/22"
    assert worker.try_run(f"bash -c '{ping.format(manager.address)}'").returncode == 0
    assert worker.try_run(f"timeout 5 bash -c '{ping.format('192.0.2.1')}'").returncode != 0


OTHER_LAB = """
import sys
from tests.hosts.lab import lab
with lab(("only",)) as made:
    print(made.hosts["only"].kernel.pid, flush=True)
    sys.stdin.read()
"""


def test_killed_lab_leaves_no_process_and_its_disks_go_with_the_next(hosts: Lab) -> None:
    """SIGKILL of the process that holds a lab ends its hosts at once."""
    assert set(hosts.hosts) == set(NAMES)
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER_LAB], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    kernel = Path("/proc", other.stdout.readline().strip())
    (disks,) = (cache_folder() / "runs").glob(f"{other.pid}-*")
    assert kernel.exists()
    other.kill()
    other.wait(timeout=limit())
    until(lambda: not kernel.exists(), "the kernel of the killed lab ends")
    with lab(()):
        assert not disks.exists()
