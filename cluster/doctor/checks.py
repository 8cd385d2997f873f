"""The doctor's judgement: from what was observed to lines that say ok or what to do."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cluster.inventory import Inventory
from cluster.stack.facts import Facts, NodeFacts
from cluster.stack.stages.deployment import MEBIBYTE, in_bytes, worker_memory
from cluster.stack.stages.share import by_hand, refusals
from cluster.stack.stages.workers import explanations, labelled, other_versions, without_worker

OLDEST_DOCKER = (20, 10)
CLOCK_SECONDS = 2.0
FREE_DISK = 2048 * MEBIBYTE
FREE_MEMORY = 256 * MEBIBYTE
FILES_NAMED = 3


@dataclass(frozen=True)
class Check:
    """One line: where, what was looked at, and what to do, empty if it is as it must be."""

    host: str
    what: str
    advice: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is nothing to do."""
        return not self.advice


@dataclass(frozen=True)
class Look:
    """What the probe saw on a node, the local times just before and after; or why it could not."""

    seen: Mapping[str, Any]
    before: float
    after: float
    problem: str | None = None


@dataclass(frozen=True)
class Observations:
    """What the doctor observed: `looks` by address, `talks` by host name (a string: why not)."""

    looks: Mapping[str, Look]
    talks: Mapping[str, Mapping[str, Any] | str]


def checks(inventory: Inventory, facts: Facts, seen: Observations) -> list[Check]:
    """Judge everything that was observed."""
    return [
        *_docker(inventory, facts),
        *_swarm(inventory, facts),
        *_images(inventory, facts),
        *_share(inventory, facts),
        *_looks(seen),
        *_files(inventory, seen),
        *_ports(seen),
        *_overlay(facts, seen),
        *_clock(seen),
        *_memory(inventory, facts, seen),
        *_disk(seen),
        *_workers(facts),
        *_versions(facts),
    ]


def required_ports(inventory: Inventory, address: str) -> list[tuple[str, int]]:
    """Return the TCP ports that must be open from one node to the others.

    The swarm's UDP ports cannot be asked; the overlay's names and packets tell of them.
    """
    manager = inventory.manager.address
    gossip = [(node.address, 7946) for node in inventory.nodes if node.address != address]
    own = (2377, inventory.scheduler.port, inventory.dashboard.port)
    return [*((manager, port) for port in own), *gossip]


def version(text: str) -> tuple[int, ...]:
    """Return the first two numbers of a version, such as (20, 10) of 20.10.24+dfsg1."""
    return tuple(int(part) for part in text.split(".")[:2] if part.isdigit())


def _docker(inventory: Inventory, facts: Facts) -> Iterator[Check]:
    for node in inventory.nodes:
        found = facts.nodes.get(node.address)
        advice = facts.unreachable.get(node.address, "")
        if found and version(found.version) < OLDEST_DOCKER:
            oldest = ".".join(map(str, OLDEST_DOCKER))
            advice = f"Docker {found.version} is too old; install {oldest} or newer"
        yield Check(node.address, f"Docker {found.version if found else ''}".strip(), advice)


def _swarm(inventory: Inventory, facts: Facts) -> Iterator[Check]:
    members = {member.swarm_id: member for member in facts.swarm.members}
    for node in inventory.nodes:
        found = facts.nodes.get(node.address)
        member = members.get(found.swarm_id or "") if found else None
        if member is None:
            advice = "it is not in the manager's swarm; run `docker swarm join` there"
        elif not member.ready:
            advice = "the swarm calls it down; check its Docker and ports 2377, 7946, 4789"
        elif not member.active:
            advice = (
                f"it is drained; run `docker node update --availability active {member.hostname}`"
            )
        else:
            advice = ""
        yield Check(node.address, "member of the swarm", advice)


def _images(inventory: Inventory, facts: Facts) -> Iterator[Check]:
    for node in inventory.nodes:
        found = facts.nodes.get(node.address)
        if found is None:
            continue
        advice = ""
        if facts.built is None:
            advice = f"there is none at {inventory.builder}; run `python -m cluster up`"
        elif found.image != facts.built:
            what = f"{_short(found.image)}, not {_short(facts.built)}" if found.image else "missing"
            advice = f"it is {what}; run `python -m cluster up`, which sends the right one"
        elif others := [c.service for c in found.containers if c.image != facts.built]:
            advice = f"{', '.join(others)} runs another one; run `python -m cluster up`"
        yield Check(node.address, "image", advice)


def _share(inventory: Inventory, facts: Facts) -> Iterator[Check]:
    sentences = refusals(inventory, facts)
    for address, view in facts.share.items():
        prefix = f"{address}: "
        advice = "; ".join(s.removeprefix(prefix) for s in sentences if s.startswith(prefix))
        unmarked = [folder for folder, marker in view.markers.items() if marker is None]
        if unmarked and not advice:
            advice = f"no node has the sentinel file; {by_hand(unmarked[0])}"
        yield Check(address, "share", advice)


def _looks(seen: Observations) -> Iterator[Check]:
    for address, look in seen.looks.items():
        if look.problem:
            yield Check(address, "a look from inside", f"{look.problem}; run the doctor again")


def _files(inventory: Inventory, seen: Observations) -> Iterator[Check]:
    files = {address: look.seen["files"] for address, look in _looked(seen)}
    manager = inventory.manager.address
    if manager not in files:
        return
    for address, theirs in files.items():
        if address == manager:
            continue
        problems = list(_differences(files[manager], theirs))
        more = f" and {len(problems) - FILES_NAMED} more" if len(problems) > FILES_NAMED else ""
        advice = "; ".join(problems[:FILES_NAMED]) + more
        if advice:
            advice += f"; mount the share that {manager} has, or mount it anew"
        yield Check(address, f"the {len(files[manager])} files that {manager} sees", advice)


def _differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[str]:
    """Say what differs: a file's identity is its size, time and a digest of its first bytes."""
    for name in sorted(ours.keys() | theirs.keys()):
        if name not in theirs:
            yield f"{name} is not there"
        elif name not in ours:
            yield f"{name} is only there"
        elif ours[name][0] != theirs[name][0]:
            yield f"{name} has {theirs[name][0]} bytes instead of {ours[name][0]}"
        elif ours[name][1] != theirs[name][1]:
            yield f"{name} has another modification time"
        elif ours[name][2] != theirs[name][2]:
            yield f"{name} begins with other bytes"


def _ports(seen: Observations) -> Iterator[Check]:
    for address, look in _looked(seen):
        closed = [f"{host}:{port} ({why})" for host, port, why in look.seen["ports"] if why]
        advice = f"no connection to {', '.join(closed)}; open these TCP ports" if closed else ""
        yield Check(address, f"{len(look.seen['ports'])} TCP ports of the others", advice)


def _overlay(facts: Facts, seen: Observations) -> Iterator[Check]:
    hostnames = {
        container.address: node.hostname
        for node in facts.nodes.values()
        for container in node.containers
    }
    for host, talk in seen.talks.items():
        if isinstance(talk, str):
            yield Check(host, "the stack's network", talk)
            continue
        unknown = [name for name, addresses in talk["names"].items() if not addresses]
        advice = f"{', '.join(unknown)} not resolved; open 7946/tcp and udp" if unknown else ""
        yield Check(host, "names on the stack's network", advice)
        lost = [f"{hostnames.get(peer, peer)}: {why}" for peer, why in talk["peers"].items() if why]
        advice = f"{'; '.join(lost)}; open 4789/udp and check the network's MTU" if lost else ""
        yield Check(host, "small and large packets to the others", advice)


def _clock(seen: Observations) -> Iterator[Check]:
    for address, look in _looked(seen):
        time = look.seen["time"]
        skew = max(look.before - time, time - look.after, 0.0)
        advice = f"it is {skew:.0f} s off; run a time service there" if skew > CLOCK_SECONDS else ""
        yield Check(address, "clock", advice)


def _memory(inventory: Inventory, facts: Facts, seen: Observations) -> Iterator[Check]:
    nodes = [facts.nodes.get(node.address) for node in inventory.nodes]
    wanted = worker_memory(inventory, facts) if all(nodes) else 0
    for address, look in _looked(seen):
        manages = address == inventory.manager.address
        needed = in_bytes(inventory.scheduler.memory) if manages else 0
        needed += wanted if _works(facts, facts.nodes[address]) else 0
        total, free = facts.nodes[address].memory, look.seen["memory_available"]
        advice = ""
        if needed > total:
            advice = (
                f"it has {_mib(total)}, its services may use {_mib(needed)}; lower [worker] memory"
            )
        elif free < FREE_MEMORY:
            advice = f"only {_mib(free)} are free; stop what else runs there"
        yield Check(address, "memory", advice)


def _disk(seen: Observations) -> Iterator[Check]:
    for address, look in _looked(seen):
        free = look.seen["disk_free"]
        advice = f"only {_mib(free)} are free where Docker keeps its data, and workers spill there"
        yield Check(address, "disk", f"{advice}; make room" if free < FREE_DISK else "")


def _workers(facts: Facts) -> Iterator[Check]:
    if not facts.swarm.deployed:
        yield Check("all", "stack", "it is not deployed; run `python -m cluster up`")
        return
    missing = without_worker(facts.swarm, facts.dask)
    for member in labelled(facts.swarm.members):
        why = explanations(facts.swarm, [member.hostname]) if member.hostname in missing else []
        advice = "; ".join(why)
        yield Check(member.hostname, "worker", f"{advice}; see the other lines" if advice else "")


def _versions(facts: Facts) -> Iterator[Check]:
    if facts.dask is None:
        return
    yield Check("all", "versions of the workers", "; ".join(other_versions(facts.dask)))


def _looked(seen: Observations) -> Iterable[tuple[str, Look]]:
    return [(address, look) for address, look in seen.looks.items() if look.problem is None]


def _works(facts: Facts, node: NodeFacts) -> bool:
    return node.swarm_id in {member.swarm_id for member in labelled(facts.swarm.members)}


def _short(image: str | None) -> str:
    return (image or "").removeprefix("sha256:")[:12]


def _mib(size: float) -> str:
    return f"{size / MEBIBYTE:,.0f} MiB"
