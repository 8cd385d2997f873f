"""The stack runs as it is, its containers have no more than they need, and it keeps its secrets."""

from tests.swarm.stack import Stack


def test_it_computes(stack: Stack) -> None:
    with stack.client() as client:
        assert sorted(client.gather(client.map(lambda x: x + 1, range(10)))) == list(range(1, 11))
        print(client.scheduler_info(n_workers=-1))
