"""The disk image that every user-mode Linux host boots from, and the packages it may install.

Built once and kept outside the repository under a key of everything that goes into it:
this file, the release, and the version of the user-mode kernel. A host of this image is bare:
systemd, sshd, one account with sudo, no Docker, no NFS. What the cluster installs is downloaded
while building into a small package mirror that the lab serves; what that depends on is on the image
already, since each package takes these hosts many seconds.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

RELEASE = "bookworm"
ACCOUNT = "ops"
SIZE = "10G"
NETWORK = "10.78.0"
GATEWAY = f"{NETWORK}.1"
MIRROR_PORT = 8000
KERNEL = Path("/usr/bin/linux.uml")
MODULES = Path("/usr/lib/uml/modules")

ON_THE_IMAGE = (
    "systemd-sysv,dbus,libpam-systemd,kmod,udev,openssh-server,sudo,iproute2,ca-certificates,"
    # What Debian and Ubuntu have on every server, and nfs-common asks for.
    "python3,"
    # The user-mode kernel has no nf_tables NAT, so Docker's rules need the legacy back end.
    "iptables,"
    # The main job runs on the manager, whose project folder and interpreter are mounted there.
    "libexpat1,libffi8,libssl3,libsqlite3-0,zlib1g,liblzma5,libbz2-1.0"
)
IN_THE_MIRROR = ("docker.io", "nfs-kernel-server", "nfs-common", "ufw")

# A new SSH connection takes seconds on these hosts, so commands share one.
SSH_CONFIG = """\
Host *
    ControlMaster auto
    ControlPath ~/.ssh/control-%C
    ControlPersist 30s
    ServerAliveInterval 5
    ServerAliveCountMax 3
"""

HOST_UNIT = """\
[Unit]
Description=Name and address of this host, from the kernel command line
DefaultDependencies=no
After=systemd-remount-fs.service systemd-udevd.service
Before=network-pre.target network.target sshd.service basic.target
Wants=network-pre.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/lab-host

[Install]
WantedBy=sysinit.target
"""

HOST_SCRIPT = """\
#!/bin/sh
set -e
for word in $(cat /proc/cmdline); do
    case $word in
        lab.name=*) name=${word#*=} ;;
        lab.address=*) address=${word#*=} ;;
        lab.gateway=*) gateway=${word#*=} ;;
    esac
done
hostname "$name"
echo "$name" > /etc/hostname
printf '127.0.0.1 localhost\\n%s %s\\n' "${address%/*}" "$name" > /etc/hosts
ip link set lo up
ip address replace "$address" dev eth0
ip link set eth0 up
ip route replace default via "$gateway"
"""

FILES = {
    "etc/systemd/system/lab-host.service": HOST_UNIT,
    "etc/fstab": "/dev/ubda / ext4 defaults,noatime 0 1\n",
    # The name server is the host itself, where none listens: a look-up fails at once.
    "etc/resolv.conf": "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
    "etc/sudoers.d/lab": f"{ACCOUNT} ALL=(ALL) NOPASSWD: ALL\n",
    "etc/apt/apt.conf.d/lab": 'APT::Install-Recommends "false";\nAcquire::Languages "none";\n',
    # A crash of these hosts loses nothing, and their fsync is slow.
    "etc/dpkg/dpkg.cfg.d/lab": "force-unsafe-io\npath-exclude=/usr/share/doc/*\n"
    "path-exclude=/usr/share/man/*\npath-exclude=/usr/share/locale/*\n",
    # With PAM, systemd starts a manager of user services at each log-in.
    "etc/ssh/sshd_config.d/lab.conf": "UseDNS no\nPasswordAuthentication no\nUsePAM no\n",
    "etc/systemd/journald.conf.d/lab.conf": "[Journal]\nStorage=volatile\nRuntimeMaxUse=32M\n",
}
MASKED = (
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "fstrim.timer",
    "systemd-timesyncd.service",
    "getty@tty1.service",
    "console-getty.service",
)
# Each of these is a process, started whenever systemd reads its units again, and has nothing to do.
IDLE_GENERATORS = (
    "bless-boot",
    "cryptsetup",
    "debug",
    "getty",
    "gpt-auto",
    "hibernate-resume",
    "integritysetup",
    "rc-local",
    "run",
    "system-update",
    "sysv",
    "veritysetup",
)


@dataclass(frozen=True)
class Image:
    """A built image: the disk that hosts copy on write, the packages, the operator's SSH files."""

    disk: Path
    mirror: Path
    keys: Path


def cache_folder() -> Path:
    """Where images are kept between runs: outside the repository, on a disk with room."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "dask-swarm" / "hosts"


def content_key() -> str:
    """Name of the image that this file and this machine's user-mode kernel produce."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    digest.update(",".join(sorted(p.name for p in MODULES.iterdir())).encode())
    return digest.hexdigest()[:16]


def image() -> Image:
    """Return the image for this content, building it when it is not in the cache."""
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = cache / content_key()
        if not done.exists():
            building = cache / f"{done.name}.building"
            shutil.rmtree(building, ignore_errors=True)
            building.mkdir()
            build(building)
            building.rename(done)
        return Image(disk=done / "disk.img", mirror=done / "mirror", keys=done / "ssh")


def build(folder: Path) -> None:
    """Fill ``folder`` with disk.img, mirror/ and ssh/."""
    tree = folder / "tree"
    run("debootstrap", "--variant=minbase", f"--include={ON_THE_IMAGE}", RELEASE, str(tree))
    configure(tree)
    admit(tree, folder / "ssh")
    download(tree, folder / "mirror")
    disk = folder / "disk.img"
    run("truncate", "-s", SIZE, str(disk))
    run("mkfs.ext4", "-q", "-m", "0", "-d", str(tree), str(disk))
    shutil.rmtree(tree)


def configure(tree: Path) -> None:
    """Make the tree a host: kernel modules, account, SSH, and its name from the command line."""
    shutil.copytree(MODULES, tree / "lib/modules", dirs_exist_ok=True)
    for name, text in FILES.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(text)
    script = tree / "usr/local/sbin/lab-host"
    script.write_text(HOST_SCRIPT)
    script.chmod(0o755)
    masks = tree / "etc/systemd/system-generators"
    masks.mkdir(parents=True)
    for generator in IDLE_GENERATORS:
        (masks / f"systemd-{generator}-generator").symlink_to("/dev/null")
    # A password that nothing matches: without PAM, sshd lets nobody in whose account has none.
    chroot(tree, "useradd", "--create-home", "--shell", "/bin/bash", "--password", "*", ACCOUNT)
    chroot(tree, "update-alternatives", "--set", "iptables", "/usr/sbin/iptables-legacy")
    chroot(tree, "update-alternatives", "--set", "ip6tables", "/usr/sbin/ip6tables-legacy")
    chroot(tree, "systemctl", "enable", "lab-host.service", "ssh.service")
    chroot(tree, "systemctl", "mask", *MASKED)


def admit(tree: Path, keys: Path) -> None:
    """Make the operator's key pair, let it in, and tell the operator the hosts' own key."""
    keys.mkdir(mode=0o700)
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", str(keys / "id_ed25519"))
    (keys / "config").write_text(SSH_CONFIG)
    admitted = tree / "home" / ACCOUNT / ".ssh"
    admitted.mkdir(mode=0o700)
    shutil.copy(keys / "id_ed25519.pub", admitted / "authorized_keys")
    chroot(tree, "chown", "-R", f"{ACCOUNT}:", f"/home/{ACCOUNT}/.ssh")
    host_key = (tree / "etc/ssh/ssh_host_ed25519_key.pub").read_text()
    (keys / "known_hosts").write_text(f"{NETWORK}.* {host_key}")


def download(tree: Path, mirror: Path) -> None:
    """Put the packages that hosts may install into an indexed mirror, and what they need here."""
    shutil.copy("/etc/resolv.conf", tree / "etc/resolv.conf")
    chroot(tree, "apt-get", "update", "-q")
    chroot(tree, "apt-get", "install", "-q", "-y", "--download-only", *IN_THE_MIRROR)
    mirror.mkdir()
    packages = list((tree / "var/cache/apt/archives").glob("*.deb"))
    names = [package.name.partition("_")[0] for package in packages]
    for package in packages:
        shutil.copy(package, mirror)
    needed = sorted(set(names) - set(IN_THE_MIRROR))
    chroot(tree, "apt-get", "install", "-q", "-y", *needed)
    chroot(tree, "apt-get", "clean")
    index = run("dpkg-scanpackages", "--multiversion", ".", cwd=mirror)
    (mirror / "Packages").write_text(index)
    shutil.rmtree(tree / "var/lib/apt/lists")
    (tree / "etc/apt/sources.list").write_text(
        f"deb [trusted=yes] http://{GATEWAY}:{MIRROR_PORT} ./\n"
    )
    (tree / "etc/resolv.conf").write_text(FILES["etc/resolv.conf"])


def chroot(tree: Path, *command: str) -> None:
    """Run a command inside the tree."""
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive"}
    run("chroot", str(tree), *command, env=environment)


def run(*command: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """Run a command that must succeed; return what it printed."""
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        message = f"{' '.join(command)} exited {done.returncode}:\n{done.stdout}{done.stderr}"
        raise RuntimeError(message)
    return done.stdout
