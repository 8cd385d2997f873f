"""A worker waits for what it needs, says what it lacks, and hands over what it holds."""

from distributed import Client

from tests.pace import limit, until
from tests.swarm.stack import NAME, Stack


def test_a_terminated_worker_hands_over_its_results(stack: Stack) -> None:
    calls = stack.lab.results / "calls"
    node = stack.lab.nodes[1]

    def note() -> str:
        with calls.open("a") as file:
            file.write("x")
        return "computed"

    with stack.client() as client:
        client.wait_for_workers(2, timeout=limit())
        address = worker_of(client, node.name)
        future = client.submit(note, workers=[address], allow_other_workers=True, pure=False)
        assert future.result(timeout=limit()) == "computed"
        node.docker("kill", "--signal", "TERM", stack.container("worker", node))
        until(lambda: address not in client.nthreads(), f"{address} to leave")
        assert future.result(timeout=limit()) == "computed"
        assert calls.read_text() == "x"
        until(lambda: len(client.nthreads()) == 2, "a worker in its place")


def test_a_worker_waits_for_the_scheduler_and_joins_it(stack: Stack) -> None:
    manager, node = stack.lab.manager, stack.lab.nodes[1]
    manager.docker("service", "scale", "--detach", f"{NAME}_scheduler=0")
    until(lambda: waits(stack), "workers that wait")
    waiting = stack.container("worker", node)
    manager.docker("service", "scale", "--detach", f"{NAME}_scheduler=1")
    with stack.client() as client:
        client.wait_for_workers(2, timeout=limit())
    assert stack.container("worker", node) == waiting


def test_a_worker_without_the_share_says_so_and_does_not_join(stack: Stack) -> None:
    node = stack.lab.nodes[1]
    stack.unlabel(node)
    until(lambda: not stack.container("worker", node), "no worker")
    node.docker("container", "prune", "--force")
    node.hide(stack.lab.data)
    try:
        stack.label(node)
        until(lambda: complains(stack), "a worker that complains")
        with stack.client() as client:
            assert len(client.nthreads()) == 1
    finally:
        node.show(stack.lab.data)
    with stack.client() as client:
        client.wait_for_workers(2, timeout=limit())


def worker_of(client: Client, node: str) -> str:
    """The address of a node's worker."""
    workers = client.scheduler_info(n_workers=-1)["workers"]
    [address] = [a for a, worker in workers.items() if worker["name"].startswith(f"{node}-")]
    return address


def waits(stack: Stack) -> bool:
    node = stack.lab.nodes[1]
    container = stack.container("worker", node)
    last = node.logs(container).splitlines()[-1:] if container else []
    return bool(last) and "Waiting for the scheduler" in last[0]


def complains(stack: Stack) -> bool:
    node = stack.lab.nodes[1]
    ended = node.docker("ps", "--all", "--quiet", "--filter", "exited=1").split()
    sentence = f"{node.name}: {stack.lab.data} has no file .dask-swarm"
    return any(sentence in node.logs(container) for container in ended)
