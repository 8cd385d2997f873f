"""Who made a cluster and who changes it, as the swarm keeps it."""

import getpass
import json
import socket
from pathlib import Path

import pytest

from cluster.errors import ClusterError
from cluster.inventory import Inventory
from cluster.local import credentials
from cluster.stack.claims import CHANGE, OWNER, alone, make_claim, read_claims, remove_claim

# A swarm's configs, kept in a file.
CONFIGS = """
import json, pathlib
place = pathlib.Path({place!r})
kept = json.loads(place.read_text())
verb, rest = sys.argv[4], sys.argv[5:]
if verb == "ls":
    for name, labels in kept.items():
        print(json.dumps({{"Name": name, "Labels": ",".join(labels)}}))
elif verb == "create":
    labels, name = rest[1:-2:2], rest[-2]
    if name in kept:
        sys.exit("AlreadyExists: config " + name + " already exists")
    kept[name] = labels
elif verb == "rm":
    if kept.pop(rest[0], None) is None:
        sys.exit("no such config: " + rest[0])
place.write_text(json.dumps(kept))
"""
ME = f"{getpass.getuser()}@{socket.gethostname()}"


@pytest.fixture
def kept(play, tmp_path: Path) -> Path:
    """Where the swarm keeps its configs."""
    place = tmp_path / "configs"
    place.write_text("{}")
    play(CONFIGS.format(place=str(place)))
    return place


def identity(cluster: Inventory) -> str:
    return credentials.inspect(cluster.state_folder).authority or ""


def put(kept: Path, kind: str, authority: str, by: str) -> None:
    """A claim of somebody else's."""
    labels = [f"dask-swarm.authority={authority}", f"dask-swarm.by={by}", "dask-swarm.at=noon"]
    configs = json.loads(kept.read_text())
    kept.write_text(json.dumps({**configs, f"dask-{kind}": labels}))


@pytest.mark.usefixtures("kept")
def test_a_claim_says_whose_it_is_and_is_made_once(cluster):
    """Of two who try, the second is refused by the swarm."""
    assert read_claims(cluster).get(OWNER) is None
    make_claim(cluster, OWNER, identity(cluster))
    found = read_claims(cluster).get(OWNER)
    assert (found.authority, found.by) == (identity(cluster), ME)
    with pytest.raises(ClusterError, match="already exists"):
        make_claim(cluster, OWNER, "another")
    remove_claim(cluster, OWNER)
    assert read_claims(cluster).get(OWNER) is None


@pytest.mark.usefixtures("kept")
def test_a_change_is_claimed_while_it_lasts(cluster):
    """Also when it fails."""
    seen = []

    def fail() -> None:
        with alone(cluster):
            seen.append(read_claims(cluster).get(CHANGE).by)
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail()
    assert seen == [ME]
    assert read_claims(cluster).get(CHANGE) is None


def test_a_strangers_cluster_is_not_changed(cluster, kept):
    """Whoever it is reads who made it, and how to be let in."""
    put(kept, "owner", "theirs", "ben@desk")
    with pytest.raises(ClusterError, match="was made by ben@desk on noon"), alone(cluster):
        pytest.fail("it is being changed")
    assert list(json.loads(kept.read_text())) == ["dask-owner"]


def test_a_change_from_another_machine_is_waited_for_by_the_user(cluster, kept):
    """It may have been cut off; the line says how that is mended."""
    put(kept, "owner", identity(cluster), "ana@laptop")
    put(kept, "change", identity(cluster), "ana@desk")
    with pytest.raises(ClusterError, match="ana@desk on noon began to change"), alone(cluster):
        pytest.fail("it is being changed twice")
    assert read_claims(cluster).get(CHANGE).by == "ana@desk"


def test_what_a_killed_command_of_this_machine_left_is_taken_over(cluster, kept):
    """The lock of this machine says that it has ended."""
    put(kept, "change", "", ME)
    with alone(cluster):
        assert read_claims(cluster).get(CHANGE).authority == identity(cluster)
    assert read_claims(cluster).get(CHANGE) is None


def test_without_a_swarm_there_is_nothing_to_claim(cluster, play):
    """Bare machines have none yet; the plan says what is wrong with others."""
    play("sys.exit('this node is not a swarm manager')")
    done = []
    with alone(cluster):
        done.append("changed")
    assert done == ["changed"]


@pytest.mark.usefixtures("kept")
def test_a_swarm_that_ends_with_the_change_takes_the_claim_along(cluster, play):
    """As with `down --all`."""
    with alone(cluster):
        play("sys.exit('this node is not a swarm manager')")
