"""The stack runs as it is, its containers have no more than they need, and it keeps its secrets."""

from tests.swarm.stack import Stack


def test_the_stack_computes(stack: Stack) -> None:
    with stack.client() as client:
        doubles = client.map(lambda x: 2 * x, range(10))
        assert client.gather(doubles) == list(range(0, 20, 2))
