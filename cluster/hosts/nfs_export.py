"""The NFS server's side of the share: two folders, their sentinel files, the exports."""

from collections.abc import Iterator

from cluster.hosts import layout
from cluster.hosts.facts import HostFacts
from cluster.hosts.remote import call, change_step
from cluster.inventory import Inventory, Node
from cluster.plan import Step


def plan_export(inventory: Inventory, node: Node, facts: HostFacts) -> Iterator[Step]:
    """Plan the exports on the node that serves the share; nothing where another server does."""
    if not layout.serves(inventory, node):
        return
    share, mark, table = inventory.share, f"{inventory.name}\n", layout.exports(inventory)
    # Anyone may add results, and only its owner may remove one; the data belong to the account.
    for path, mode in ((share.data_export, "755"), (share.results_export, "1777")):
        if facts.files.get(layout.sentinel(path)) != mark:
            make = call("files.directory", path=path, user=facts.account, mode=mode)
            sign = call("files.put", text=mark, dest=layout.sentinel(path), mode="644")
            yield change_step(node, f"make the folder {path}", "not there", make, sign)
    start = call("systemd.service", service=layout.NFS_SERVER_UNIT, running=True, enabled=True)
    if facts.files.get(layout.EXPORTS) != table:
        write = call("files.put", text=table, dest=layout.EXPORTS, mode="644")
        reload = call("systemd.service", service=layout.NFS_SERVER_UNIT, reloaded=True)
        clients = ", ".join(inventory.share_clients)
        yield change_step(
            node,
            f"export the share to {clients}",
            "not exported like this yet",
            write,
            start,
            reload,
        )
    elif layout.NFS_SERVER_UNIT not in facts.running & facts.enabled:
        yield change_step(
            node, "start the NFS server, now and at every boot", "it does not run", start
        )
