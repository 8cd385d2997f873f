"""The doctor's judgement of the stack: from what was observed to lines: ok, or what to do.

A check is one function that returns lines, and one line of `stack_checks`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cluster.digest import short_id
from cluster.doctor.check import Check
from cluster.doctor.observe import Observations
from cluster.inventory import Inventory
from cluster.requirements import FREE_DISK_BYTES, OLDEST_DOCKER, leading_numbers
from cluster.sizes import MEBIBYTE, in_bytes, in_mebibytes
from cluster.stack.allotments import memory_of
from cluster.stack.facts import Facts
from cluster.stack.stages.share import by_hand, share_faults
from cluster.stack.stages.workers import explanations, labelled, other_versions, without_worker

CLOCK_SECONDS = 2.0
FREE_MEMORY_BYTES = 256 * MEBIBYTE
MOST_FILES_NAMED = 3
OVERLAY_REMEDIES = (
    "open 4789/udp between the nodes; if only large packets are lost, write the MTU of the "
    "machines' network as network.mtu (clouds and VPNs have less than 1500), or turn checksum "
    "offload off (`ethtool -K INTERFACE tx off`); if none arrives, see whether the machines have a "
    "route into the stack's addresses (`docker network inspect`)"
)


def stack_checks(inventory: Inventory, facts: Facts, seen: Observations) -> list[Check]:
    """Judge everything that was observed: all checks, in the order of the answer."""
    return [
        *_docker_versions(inventory, facts),
        *_memberships(inventory, facts),
        *_images(inventory, facts),
        *_share(inventory, facts),
        *_probes(seen),
        *_files(inventory, seen),
        *_ports(seen),
        *_overlay(facts, seen),
        *_clocks(seen),
        *_memory(inventory, facts, seen),
        *_disks(seen),
        *_workers(facts),
        *_versions(facts),
    ]


def _docker_versions(inventory: Inventory, facts: Facts) -> Iterator[Check]:
    for node in inventory.nodes:
        found = facts.nodes.get(node.address)
        advice = facts.unreachable.get(node.address, "")
        if found and leading_numbers(found.version) < OLDEST_DOCKER:
            oldest = ".".join(map(str, OLDEST_DOCKER))
            advice = f"Docker {found.version} is too old; install {oldest} or newer"
        yield Check(node.address, f"Docker {found.version if found else ''}".strip(), advice)


def _memberships(inventory: Inventory, facts: Facts) -> Iterator[Check]:
    for node in inventory.nodes:
        member = facts.member(node)
        if member is None:
            advice = "it is not in the manager's swarm; run `docker swarm join` there"
        elif not member.ready:
            advice = "the swarm says that it is down; check its Docker and ports 2377, 7946, 4789"
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
            ours, theirs = short_id(facts.built), short_id(found.image or "")
            what = f"{theirs}, not {ours}" if theirs else "missing"
            advice = f"it is {what}; run `python -m cluster up`, which sends the right one"
        elif others := [c.service for c in found.containers if c.image != facts.built]:
            advice = f"{', '.join(others)} runs another image; run `python -m cluster up`"
        yield Check(node.address, "image", advice)


def _share(inventory: Inventory, facts: Facts) -> Iterator[Check]:
    faults = share_faults(inventory, facts)
    for address, view in facts.share.items():
        advice = "; ".join(fault.what for fault in faults if fault.address == address)
        unmarked = [folder for folder, marker in view.markers.items() if marker is None]
        if unmarked and not advice:
            advice = f"no node has the sentinel file; {by_hand(unmarked[0])}"
        yield Check(address, "share", advice)


def _probes(seen: Observations) -> Iterator[Check]:
    for address, look in seen.looks.items():
        if look.problem:
            yield Check(address, "probe in a container", f"{look.problem}; run the doctor again")


def _files(inventory: Inventory, seen: Observations) -> Iterator[Check]:
    files = {address: look.seen["files"] for address, look in seen.successful_looks()}
    manager = inventory.manager.address
    if manager not in files:
        return
    for address, theirs in files.items():
        if address == manager:
            continue
        differences = list(_differences(files[manager], theirs))
        unnamed = len(differences) - MOST_FILES_NAMED
        advice = "; ".join(differences[:MOST_FILES_NAMED])
        advice += f" and {unnamed} more" if unnamed > 0 else ""
        if advice:
            advice += f"; mount the share that {manager} has, or mount it again"
        yield Check(address, f"the {len(files[manager])} files that {manager} sees", advice)


def _differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[str]:
    """Say which files of the manager and of another node differ, and in what."""
    for name in sorted(ours.keys() | theirs.keys()):
        if name not in theirs:
            yield f"{name} is not there"
        elif name not in ours:
            yield f"{name} is there and not on the manager"
        elif ours[name]["size"] != theirs[name]["size"]:
            yield f"{name} has {theirs[name]['size']} bytes instead of {ours[name]['size']}"
        elif ours[name]["modified"] != theirs[name]["modified"]:
            yield f"{name} has another modification time"
        elif ours[name]["digest"] != theirs[name]["digest"]:
            yield f"{name} begins with other bytes"


def _ports(seen: Observations) -> Iterator[Check]:
    for address, look in seen.successful_looks():
        ports = look.seen["ports"]
        closed = [f"{p['host']}:{p['port']} ({p['error']})" for p in ports if p["error"]]
        advice = f"no connection to {', '.join(closed)}; open these TCP ports" if closed else ""
        yield Check(address, f"{len(ports)} TCP ports of the others", advice)


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
        advice = f"{'; '.join(lost)}; {OVERLAY_REMEDIES}" if lost else ""
        yield Check(host, "small and large packets to the others", advice)


def _clocks(seen: Observations) -> Iterator[Check]:
    for address, look in seen.successful_looks():
        time = look.seen["time"]
        skew = max(look.before - time, time - look.after, 0.0)
        advice = f"it is {skew:.0f} s off; run a time service there" if skew > CLOCK_SECONDS else ""
        yield Check(address, "clock", advice)


def _memory(inventory: Inventory, facts: Facts, seen: Observations) -> Iterator[Check]:
    nodes = {node.address: node for node in inventory.nodes}
    working = {member.swarm_id for member in labelled(facts.swarm.members)}
    for address, look in seen.successful_looks():
        node, manages = facts.nodes[address], address == inventory.manager.address
        needed = in_bytes(inventory.scheduler.memory) if manages else 0
        if node.swarm_id in working:
            needed += memory_of(inventory, facts, nodes[address])
        total, free = node.memory, look.seen["memory_available"]
        advice = ""
        if needed > total:
            advice = (
                f"it has {in_mebibytes(total)}, its services may use {in_mebibytes(needed)}; "
                "lower the memory of its workers"
            )
        elif free < FREE_MEMORY_BYTES:
            advice = f"only {in_mebibytes(free)} are free; stop what else runs there"
        yield Check(address, "memory", advice)


def _disks(seen: Observations) -> Iterator[Check]:
    for address, look in seen.successful_looks():
        free = look.seen["disk_free"]
        room = f"only {in_mebibytes(free)} are free where Docker keeps its data"
        advice = f"{room}, and workers spill there; make room"
        yield Check(address, "disk", advice if free < FREE_DISK_BYTES else "")


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
