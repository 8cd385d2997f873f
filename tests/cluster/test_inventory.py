"""The inventory says the path of each mistake, and its example documents every key."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from cluster.errors import ClusterError
from cluster.inventory import Inventory, parse, read_inventory

EXAMPLE = Path(__file__).parents[2] / "cluster.example.toml"
MANAGER = {"address": "10.0.0.10"}
WORKER = {"address": "10.0.0.11"}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"workers": [WORKER, {"address": 10}]}, "workers[1].address: expected a string, got 10"),
        ({"workers": [WORKER, {}]}, "workers[1].address: is missing"),
        ({"workers": [{**WORKER, "addres": "x"}]}, "workers[0].addres: unknown key"),
        ({"workers": WORKER}, "workers: expected a list, got {'address': '10.0.0.11'}"),
        ({"workers": [MANAGER]}, "workers[0]: 10.0.0.10 is manager already"),
        ({"workers": [{**WORKER, "labels": {}}]}, 'no node has the label dask = "worker"'),
        ({"workers": [{**WORKER, "labels": {"a": 1}}]}, "workers[0].labels.a: expected a string"),
        ({"workers": [{**WORKER, "user": "a b"}]}, "workers[0].user: expected a user name"),
        ({"manager": "10.0.0.10"}, "manager: expected a table, got '10.0.0.10'"),
        ({"manager": {"address": "-oProxy"}}, "manager.address: expected an address or a host"),
        ({"manager": {**MANAGER, "docker": "tcp://x"}}, "manager.docker: expected ssh://user@host"),
        ({"share": {"provide": "nfs"}}, "share.provide: expected 'folder', 'volume' or 'export'"),
        ({"share": {"provide": "volume"}}, 'share: provide = "volume" needs share.server'),
        ({"share": {"data": "mnt"}}, "share.data: expected an absolute path without blanks"),
        ({"worker": {"memory": "4 GB"}}, "worker.memory: expected a size such as 900M or 4G"),
        ({"worker": {"cpus": "2"}}, "worker.cpus: expected a whole number, got '2'"),
        ({"worker": {"cpus": 1.5}}, "worker.cpus: expected a whole number, got 1.5"),
        ({"worker": {"threads": 0}}, "worker.threads: expected greater than or equal to 1, got 0"),
        ({"workers": [{**WORKER, "processes": 0}]}, "workers[0].processes: expected greater than"),
        (
            {"workers": [{**WORKER, "resources": {"GPU": 0}}]},
            "workers[0].resources.GPU: expected greater than 0, got 0",
        ),
        ({"worker": {"resources": {"GPU": "1"}}}, "worker.resources.GPU: expected a number"),
        ({"worker": {"resources": {"a b": 1}}}, "worker.resources.a b: expected a name such as"),
        (
            {"manager": {**MANAGER, "memory": "1G", "cpus": 2}},
            'manager.cpus: no worker runs there; remove it, or give the node the label dask = "wo',
        ),
        ({"scheduler": {"port": 0}}, "scheduler.port: expected greater than or equal to 1, got 0"),
        ({"scheduler": {"port": True}}, "scheduler.port: expected a whole number, got True"),
        (
            {"worker": {"resources": {"GPU": float("inf")}}},
            "worker.resources.GPU: expected a finite number, got inf",
        ),
        ({"worker": {"memory": "1M"}}, "worker.memory: expected at least 256 MiB"),
        ({"scheduler": {"memory": "255M"}}, "scheduler.memory: expected at least 256 MiB"),
        ({"scheduler": {"port": 2377}}, "scheduler.port: 2377 is the port of the swarm's manager"),
        ({"dashboard": {"port": 22}}, "dashboard.port: 22 is the port of SSH; choose another"),
        ({"dashboard": {"port": 8786}}, "dashboard.port: 8786 is scheduler.port already"),
        (
            {"share": {"data": "/x", "results": "/x"}},
            "share: results: /x and share.data, /x, are the same or one in the other",
        ),
        (
            {"share": {"data": "/x/y", "results": "/x"}},
            "share: results: /x and share.data, /x/y, are",
        ),
        (
            {"share": {"data_export": "/x", "results_export": "/x/y"}},
            "share: results_export: /x/y and share.data_export, /x, are the same or one in",
        ),
        (
            {"workers": [{**WORKER, "labels": {"dask": "workers"}}]},
            "workers[0].labels: dask = 'workers' means nothing; write dask = 'worker' where",
        ),
        ({"image": {"packages": "dask-ml"}}, "image.packages: expected a list, got 'dask-ml'"),
        ({"image": {"packages": ["--pre"]}}, "image.packages[0]: expected a package as the index"),
        (
            {"image": {"packages": ["rain @ file:///rain.whl"]}},
            "image.packages[0]: expected a package as the index calls it, such as 'dask-ml>=",
        ),
        (
            {"image": {"packages": ["rain"], "requirements": "rain.txt"}},
            "image: packages and requirements name the same thing; write one of them",
        ),
        (
            {"image": {"packages": ["rain"], "reference": "mine:1"}},
            "image: packages goes into an image that is built, and reference names one that is",
        ),
        ({"name": "My cluster"}, "name: expected lower-case letters, digits and dashes"),
        ({"colour": "red"}, "colour: unknown key"),
    ],
)
def test_a_mistake_is_named_by_its_path_and_what_was_expected(changes, complaint):
    """No value is converted, no unknown key is passed over."""
    with pytest.raises(ClusterError) as refusal:
        parse({"manager": MANAGER, "workers": [WORKER]} | changes)
    assert str(refusal.value).startswith(f"cluster.toml: {complaint}")


def test_all_mistakes_are_told_at_once():
    """One line each."""
    with pytest.raises(ClusterError) as refusal:
        parse({"manager": {}, "workers": [{"address": 1}]})
    assert len(str(refusal.value).splitlines()) == 2


def test_three_addresses_are_an_inventory():
    """Everything else has a default: SSH endpoints, labels of workers, exports to the nodes."""
    wanted = parse({"manager": MANAGER, "workers": [WORKER, {"address": "b", "user": "ana"}]})
    assert [node.endpoint for node in wanted.nodes] == [
        "ssh://10.0.0.10",
        "ssh://10.0.0.11",
        "ssh://ana@b",
    ]
    assert [node.works for node in wanted.nodes] == [False, True, True]
    assert wanted.share_clients == ("10.0.0.10", "10.0.0.11", "b")
    assert wanted.share_server == "10.0.0.10"
    assert wanted.scheduler_address == "tls://10.0.0.10:8786"


def test_an_ipv6_address_stands_in_brackets_in_addresses_of_services():
    """As a URL wants it."""
    wanted = parse({"manager": {"address": "fd00::1"}, "workers": [WORKER]})
    assert wanted.dashboard_address == "https://[fd00::1]:8787"


def test_the_example_is_an_inventory_and_shows_the_defaults():
    """What the example sets without saying "for example" is what happens anyway."""
    example = read_inventory(EXAMPLE)
    addresses = {"manager": MANAGER, "workers": [WORKER, {"address": "10.0.0.12"}]}
    assert example == parse(addresses, str(EXAMPLE))


def test_the_example_with_every_line_uncommented_is_valid_too():
    """The values that the comments propose are right."""
    text = re.sub(r"^# (?=[a-z]+( =|, ))", "", EXAMPLE.read_text(), flags=re.MULTILINE)
    text = re.sub(r"^(user, docker|reference).*$", "", text, flags=re.MULTILINE)
    assert parse(tomllib.loads(text)).image.registry == "10.0.0.10:5000"


def test_the_example_documents_every_key():
    """A key that can be set stands in the example."""
    text = EXAMPLE.read_text()
    missing = [key for key in keys(Inventory) if not re.search(rf"\b{key}\b", text)]
    assert missing == []


def keys(model: type[BaseModel]) -> set[str]:
    """Every key of a model and of the models within."""
    found = set(model.model_fields)
    for field in model.model_fields.values():
        for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(part, type) and issubclass(part, BaseModel):
                found |= keys(part)
    return found


def test_a_file_that_is_missing_or_no_toml_is_one_sentence(tmp_path):
    """With the way out of it."""
    with pytest.raises(ClusterError, match="cluster init"):
        read_inventory(tmp_path / "cluster.toml")
    (tmp_path / "cluster.toml").write_text("[manager\n")
    with pytest.raises(ClusterError, match=r"cluster\.toml cannot be read: .*line 1"):
        read_inventory(tmp_path / "cluster.toml")
