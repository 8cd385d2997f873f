"""The command line: results on standard output, progress on standard error.

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
"""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from cluster import inventory as inventories
from cluster import inventory_file
from cluster.apply import converge
from cluster.docker.command import command_line, redacted
from cluster.doctor.checks import Check
from cluster.doctor.hosts import examine as examine_hosts
from cluster.doctor.observe import examine
from cluster.errors import ClusterError
from cluster.hosts.facts import gather as gather_hosts
from cluster.hosts.planning import plan as plan_hosts
from cluster.hosts.teardown import plan_removal, plan_restore
from cluster.inventory import Inventory
from cluster.local.credentials import AUTHORITY, CERTIFICATE, DASHBOARD
from cluster.local.lock import only_one
from cluster.plan import Plan, Step
from cluster.stack.gather import gather
from cluster.stack.planning import plan as plan_up
from cluster.stack.stages.deployment import SERVICES
from cluster.stack.status import status as summarise
from cluster.stack.status import table
from cluster.stack.teardown import plan_teardown

FAILED, INTERRUPTED = 1, 130

Planner = Callable[[Inventory], Plan]


class Commands(click.Group):
    """A group of commands whose errors are one sentence, unless --verbose asks for more."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command; turn its errors into exit codes."""
        try:
            return super().invoke(context)
        except (ClusterError, OSError) as error:
            if context.params.get("verbose"):
                raise
            for line in redacted(str(error)).splitlines():
                click.echo(f"error: {line}", err=True)
            context.exit(FAILED)
        except KeyboardInterrupt:
            click.echo("interrupted: run the same command again to go on", err=True)
            context.exit(INTERRUPTED)


EXAMPLES = """\b
Examples:
  cp cluster.example.toml cluster.toml    name your machines in it
  python -m cluster plan                  see what would be done
  python -m cluster up                    do it
"""


@click.group(cls=Commands, epilog=EXAMPLES)
@click.option(
    "--inventory",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("cluster.toml"),
    show_default=True,
    help="The file that describes the cluster; cluster.example.toml explains each key.",
)
@click.option("--verbose", is_flag=True, help="Show a traceback when something fails.")
@click.pass_context
def main(context: click.Context, path: Path, *, verbose: bool) -> None:
    """Bring machines into the state that an inventory describes: a secured Dask cluster."""
    del verbose  # read where an error is caught
    context.obj = path


@main.command()
@click.pass_obj
def plan(path: Path) -> None:
    """Show what `up` would change, and why, without touching anything."""
    inventory = inventories.read(path)
    stages = (*_plan_hosts(inventory).stages, *_plan_stack(inventory).stages)
    if not stages:
        click.echo("nothing to do")
    for stage in stages:
        click.echo(f"{stage.name}:")
        for step in stage.steps:
            click.echo(f"  {step.host}: {step.what} ({step.why})")


@main.command()
@click.pass_obj
def up(path: Path) -> None:
    """Do what `plan` shows, and again until nothing is left to do.

    Running it twice changes nothing. After a failure, mend what it names and run it again.
    """
    inventory = inventories.read(path)
    _up(inventory)


@main.command("add-node")
@click.argument("address")
@click.option("--user", help="The SSH user, with sudo; by default as ssh decides.")
@click.pass_obj
def add_node(path: Path, address: str, user: str | None) -> None:
    """Write a worker into the inventory and bring it up; a running job takes it into use.

    Example: python -m cluster add-node 10.0.0.13 --user ubuntu
    """
    _up(inventory_file.add(path, address, user))


@main.command("remove-node")
@click.argument("address")
@click.pass_obj
def remove_node(path: Path, address: str) -> None:
    """Drain a worker, take it out of swarm, share and inventory; a running job goes on without.

    Example: python -m cluster remove-node 10.0.0.13
    """
    inventory = _bare(inventories.read(path))
    node = next((worker for worker in inventory.workers if worker.address == address), None)
    if node is None:
        raise ClusterError(f"{path}: no worker has the address {address}")
    _converge(inventory, lambda it: plan_removal(it, gather_hosts(it), node))
    _up(inventory_file.remove(path, address))


def _up(inventory: Inventory) -> None:
    done = _converge(inventory, _plan_hosts) + _converge(inventory, _plan_stack)
    if not done:
        click.echo("nothing to do: the cluster is as the inventory describes it")
        return
    click.echo(f"{done} steps done; the cluster is up")
    click.echo(f"scheduler: {inventory.scheduler_address}, which Client() on this machine finds")
    click.echo(
        f"dashboard: {inventory.dashboard_address}/status (see: python -m cluster dashboard)"
    )


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def status(path: Path, *, as_json: bool) -> None:
    """Show nodes, labels, workers, memory, versions, image, share and dashboard."""
    inventory = inventories.read(path)
    found = summarise(inventory, gather(inventory))
    if as_json:
        click.echo(json.dumps(found.to_dict(), indent=2))
    else:
        _print(table(found))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def doctor(context: click.Context, *, as_json: bool) -> None:
    """Check all that could explain a failure; each line says ok or what to do.

    Exit code 1 if any check is not ok.
    """
    inventory = inventories.read(context.obj)
    found = examine_hosts(inventory) if inventory.hosts == "bare" else []
    found += examine(inventory)
    if as_json:
        lines = [{"host": c.host, "what": c.what, "ok": c.ok, "advice": c.advice} for c in found]
        click.echo(json.dumps(lines, indent=2))
    else:
        for check in found:
            click.echo(_line(check))
    if not all(check.ok for check in found):
        context.exit(FAILED)


@main.command()
@click.option("--password", is_flag=True, help="Print the password as well.")
@click.pass_obj
def dashboard(path: Path, *, password: bool) -> None:
    """Print the dashboard's address and how to log in."""
    inventory = inventories.read(path)
    folder = inventory.state_folder
    try:
        user, _, secret = (folder / DASHBOARD).read_text(encoding="utf-8").partition(":")
    except FileNotFoundError:
        raise ClusterError(
            f"{folder} has no login of the dashboard; run `python -m cluster up` on this machine"
        ) from None
    click.echo(f"address:   {inventory.dashboard_address}/status")
    click.echo(f"user:      {user}")
    shown = secret.strip() if password else "shown by python -m cluster dashboard --password"
    click.echo(f"password:  {shown}")
    click.echo(f"authority: {folder / CERTIFICATE[AUTHORITY]} (import it, and the browser trusts)")


@main.command()
@click.argument("service", type=click.Choice(SERVICES), default=SERVICES[0])
@click.option("--follow", is_flag=True, help="Go on with what is written from now on.")
@click.option("--tail", type=click.IntRange(min=0), default=100, show_default=True, help="Lines.")
@click.pass_obj
def logs(path: Path, service: str, *, follow: bool, tail: int) -> None:
    """Show what the scheduler, or the workers of all nodes, have written."""
    inventory = inventories.read(path)
    options = ["--follow"] if follow else []
    arguments = ("service", "logs", "--tail", str(tail), *options, f"{inventory.name}_{service}")
    with subprocess.Popen(  # noqa: S603 (an argument list, no shell)
        command_line(inventory.manager.endpoint, *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        try:
            for line in process.stdout or ():
                click.echo(redacted(line), nl=False)
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        raise ClusterError(
            f"{inventory.manager.address}: no logs of {inventory.name}_{service}; "
            "is the stack deployed? See `python -m cluster status`"
        )


@main.command()
@click.option("--all", "everything", is_flag=True, help="Also undo what `up` did on bare hosts.")
@click.pass_obj
def down(path: Path, *, everything: bool) -> None:
    """Remove the stack, its secrets, networks and volumes, and the keys on this machine.

    Never the data: the share, the image, the labels and the swarm stay as they are. With --all the
    hosts leave the swarm that `up` made, and lose its image, mounts, exports and firewall rules;
    data and packages stay.
    """
    inventory = inventories.read(path)
    done = _converge(inventory, _plan_down)
    if everything:
        done += _converge(_bare(inventory), lambda it: plan_restore(it, gather_hosts(it)))
    click.echo(f"{done} steps done; the cluster is down" if done else "nothing to do")


def _bare(inventory: Inventory) -> Inventory:
    """Refuse to touch machines that are to be left alone."""
    if inventory.hosts == "ready":
        raise ClusterError(
            'the inventory says hosts = "ready": machines are not touched; say "bare"'
        )
    return inventory


def _plan_hosts(inventory: Inventory) -> Plan:
    """What is left to do on bare machines before their Docker can be asked anything."""
    if inventory.hosts == "ready":
        return Plan(())
    return plan_hosts(inventory, gather_hosts(inventory))


def _plan_stack(inventory: Inventory) -> Plan:
    """What is left to do in the swarm."""
    return plan_up(inventory, gather(inventory))


def _plan_down(inventory: Inventory) -> Plan:
    """What is left to remove."""
    return plan_teardown(inventory, gather(inventory))


def _converge(inventory: Inventory, planner: Planner) -> int:
    def tell(step: Step) -> None:
        click.echo(f"{step.host}: {step.what} ({step.why})", err=True)

    with only_one(inventory.state_folder):
        return converge(lambda: planner(inventory), tell)


def _line(check: Check) -> str:
    verdict = "ok" if check.ok else f"NOT OK: {check.advice}"
    return f"{check.host}: {check.what}: {verdict}"


def _print(content: Table) -> None:
    """Print a table as wide as it is where nobody's terminal limits it."""
    width = None if Console().is_terminal else 160
    Console(width=width).print(content)
