"""The variables that `up` gives and those that stack.yml reads are the same."""

import re

from cluster.stack.gather import ROOT, STACK
from cluster.stack.stages.deployment import COMPOSE, SERVICES, in_bytes, variables
from tests.cluster.facts import bare, inventory, with_credentials, with_image, with_labels

TEXT = (ROOT / STACK).read_text()
LEFT_TO_THE_FILE = {"SCHEDULER_CPUS"}


def test_every_variable_of_the_stack_is_given_and_no_other():
    """A variable that is renamed on one side would be a default nobody asked for."""
    wanted = inventory()
    facts = with_labels(wanted, with_image(wanted, with_credentials(wanted, bare(wanted))))
    given = set(variables(wanted, facts))
    assert given | LEFT_TO_THE_FILE == set(re.findall(r"\$\{([A-Z_]+)", TEXT))


def test_labels_are_merged_into_the_services_of_the_stack():
    """Docker merges files of the same version only."""
    services = re.search(r"^services:\n(.*?)^\S", TEXT, re.MULTILINE | re.DOTALL)
    assert services
    assert tuple(re.findall(r"^  ([a-z]+):$", services[1], re.MULTILINE)) == SERVICES
    assert f'\nversion: "{COMPOSE}"' in TEXT


def test_sizes_are_binary():
    """As Docker reads them."""
    assert (in_bytes("900M"), in_bytes("1.5G")) == (900 * 2**20, 1536 * 2**20)
