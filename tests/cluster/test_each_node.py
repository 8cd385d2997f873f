"""Nodes are asked at the same time, and one that fails does not hide the others."""

import threading

import pytest

from cluster.each_node import ask_each, on_each
from cluster.errors import ClusterError
from tests.cluster.facts import ADDRESSES, inventory

MANAGER, FIRST, SECOND = ADDRESSES


def test_nodes_are_asked_at_the_same_time_and_answer_in_order():
    """Three that wait for each other all come to an end."""
    meeting = threading.Barrier(3, timeout=10)
    assert list(on_each(inventory().nodes, lambda _: meeting.wait() >= 0)) == list(ADDRESSES)


def test_answers_and_errors_are_told_apart():
    """By the address of the node."""

    def ask(node):
        if node.address == FIRST:
            raise ClusterError("no route")
        return node.address[-1]

    answers = ask_each(inventory().nodes, ask)
    assert answers.values == {MANAGER: "0", SECOND: "2"}
    assert answers.errors == {FIRST: "no route"}


def test_an_error_of_this_program_is_not_taken_for_an_answer():
    """Only ClusterError is a node's own."""

    def stumble(_):
        raise KeyError("x")

    with pytest.raises(KeyError):
        ask_each(inventory().nodes, stumble)
