"""The command line: results on standard output, progress on standard error.

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted, 143 terminated.
"""

import json
import logging
import re
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from cluster import environment, lifecycle
from cluster.docker.command import redacted
from cluster.doctor.diagnose import diagnose
from cluster.errors import ClusterError
from cluster.inventory import read_inventory
from cluster.inventory_values import USER_NAME
from cluster.local import users
from cluster.local.credentials import AUTHORITY, CERTIFICATE, read_login
from cluster.stack.facts import SERVICES
from cluster.stack.gather import read_facts
from cluster.stack.logs import read_logs
from cluster.stack.recipe import EXAMPLE, RECIPE
from cluster.stack.status import status_of
from cluster.status_table import status_table

FAILED = 1
WIDTH_WITHOUT_TERMINAL = 160

announce = partial(click.echo, err=True)


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


EXAMPLES = """\b
Examples:
  python -m cluster init    write cluster.toml; name your machines in it
  python -m cluster plan    see what would be done
  python -m cluster up      do it
"""


def _user_name(_context: click.Context, _parameter: click.Parameter, name: str) -> str:
    """Refuse a name that cannot be a file's."""
    if not re.fullmatch(USER_NAME, name):
        raise click.BadParameter("a name has letters, digits, dots, dashes or underscores")
    return name


@click.group(cls=Commands, epilog=EXAMPLES)
@click.option(
    "--inventory",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("cluster.toml"),
    show_default=True,
    help="The file that describes the cluster; `init` writes one.",
)
@click.option("--verbose", is_flag=True, help="Show a traceback when something fails.")
@click.pass_context
def main(context: click.Context, path: Path, *, verbose: bool) -> None:
    """Bring machines into the state that an inventory describes: a secured Dask cluster."""
    del verbose  # read where an error is caught
    logging.basicConfig(format="%(message)s")
    logging.getLogger("cluster").setLevel(logging.INFO)
    context.obj = path


@main.command()
@click.pass_obj
def init(path: Path) -> None:
    """Write an inventory to begin with, in which each key is explained."""
    if path.exists():
        raise ClusterError(f"{path} is there already; change it, or name another with --inventory")
    path.write_text((RECIPE / EXAMPLE).read_text(encoding="utf-8"), encoding="utf-8")
    click.echo(f"written: {path}; name your machines in it, then run: python -m cluster plan")


@main.command()
@click.pass_obj
def plan(path: Path) -> None:
    """Show what `up` would change, and why, without changing anything."""
    found = lifecycle.plan(read_inventory(path))
    if not found.stages:
        click.echo("nothing to do")
    for stage in found.stages:
        click.echo(f"{stage.name}:")
        for step in stage.steps:
            click.echo(f"  {step}")


@main.command()
@click.pass_obj
def up(path: Path) -> None:
    """Do what `plan` shows, and plan again until nothing is left to do.

    Running it twice changes nothing. After a failure, repair what it names and run it again.
    """
    _report(lifecycle.up(read_inventory(path), announce))


@main.command("add-node")
@click.argument("address")
@click.option("--user", help="The SSH user, with sudo; by default as ssh decides.")
@click.pass_obj
def add_node(path: Path, address: str, user: str | None) -> None:
    """Write a worker into the inventory and bring it up; a run under way uses it too.

    Example: python -m cluster add-node 10.0.0.13 --user ubuntu
    """
    _report(lifecycle.add(path, address, user, announce))


@main.command("remove-node")
@click.argument("address")
@click.pass_obj
def remove_node(path: Path, address: str) -> None:
    """Drain a worker, take it out of swarm, share and inventory; a run goes on without it.

    Example: python -m cluster remove-node 10.0.0.13
    """
    _report(lifecycle.remove(path, address, announce))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def status(path: Path, *, as_json: bool) -> None:
    """Show nodes, workers, CPUs, memory, resources, versions, image, share and dashboard."""
    inventory = read_inventory(path)
    found = status_of(inventory, read_facts(inventory))
    if as_json:
        click.echo(json.dumps(found.to_dict(), indent=2))
    else:
        # A file or a pipe has no width, and the table would be folded to 80 columns.
        width = None if Console().is_terminal else WIDTH_WITHOUT_TERMINAL
        Console(width=width).print(status_table(found))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def doctor(context: click.Context, *, as_json: bool) -> None:
    """Check everything that could explain a failure; each line says ok or what to do.

    Exit code 1 if any check is not ok.
    """
    found = diagnose(read_inventory(context.obj))
    if as_json:
        lines = [{"host": c.host, "what": c.what, "ok": c.ok, "advice": c.advice} for c in found]
        click.echo(json.dumps(lines, indent=2))
    else:
        for check in found:
            click.echo(check)
    if not all(check.ok for check in found):
        context.exit(FAILED)


@main.command()
@click.option("--password", is_flag=True, help="Print the password as well.")
@click.pass_obj
def dashboard(path: Path, *, password: bool) -> None:
    """Print the dashboard's address and how to log in."""
    inventory = read_inventory(path)
    folder = inventory.state_folder
    login = read_login(folder)
    if login is None:
        raise ClusterError(
            f"{folder} holds no login for the dashboard; run `python -m cluster up` on this machine"
        )
    shown = login.password if password else "shown by python -m cluster dashboard --password"
    click.echo(f"address:   {inventory.dashboard_address}/status")
    click.echo(f"user:      {login.user}")
    click.echo(f"password:  {shown}")
    click.echo(
        f"authority: {folder / CERTIFICATE[AUTHORITY]} (the browser trusts it once imported)"
    )


@main.command()
@click.argument("name", callback=_user_name)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write; by default NAME.yaml.",
)
@click.pass_obj
def invite(path: Path, name: str, output: Path | None) -> None:
    """Write a file with which NAME may use the cluster from any machine that reaches the manager.

    It holds a key: hand it over as you would a password. NAME keeps it in ~/.config/dask.
    """
    inventory = read_inventory(path)
    output = output or Path(f"{name}.yaml")
    users.invite(inventory, name, output)
    click.echo(f"written: {output}; {name} puts it into ~/.config/dask and removes every copy")


@main.command()
@click.argument("name")
@click.pass_obj
def revoke(path: Path, name: str) -> None:
    """Let NAME's invitation count no more; scheduler and workers restart, and jobs are lost."""
    _report(lifecycle.revoke(read_inventory(path), name, announce))


@main.command()
@click.option("--authority", is_flag=True, help="Also a new authority: invite everybody again.")
@click.pass_obj
def renew(path: Path, *, authority: bool) -> None:
    """Issue the cluster's certificates again; scheduler and workers restart, and jobs are lost."""
    _report(lifecycle.renew(read_inventory(path), announce, authority=authority))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("venv"))
@click.pass_obj
def env(path: Path, folder: Path) -> None:
    """Make FOLDER (default: venv) an environment of the image's very versions, or mend it."""
    changed = environment.make(path, folder, announce)
    click.echo(f"{changed or 'no'} packages changed; use it with: . {folder / 'bin' / 'activate'}")


@main.command()
@click.argument("service", type=click.Choice(SERVICES), default=SERVICES[0])
@click.option("--follow", is_flag=True, help="Go on with new lines as they are written.")
@click.option("--tail", type=click.IntRange(min=0), default=100, show_default=True, help="Lines.")
@click.pass_obj
def logs(path: Path, service: str, *, follow: bool, tail: int) -> None:
    """Show what the scheduler, or the workers of all nodes, have written."""
    with closing(read_logs(read_inventory(path), service, follow=follow, tail=tail)) as lines:
        for line in lines:
            click.echo(line, nl=False)


@main.command()
@click.option("--all", "everything", is_flag=True, help="Also undo what `up` did on bare hosts.")
@click.option("--yes", is_flag=True, help="Do not ask, even if tasks are running.")
@click.pass_obj
def down(path: Path, *, everything: bool, yes: bool) -> None:
    """Remove the stack, its secrets, networks, labels and volumes, and the keys on this machine.

    Never the data: the share, the image and the swarm stay as they are. With --all the hosts leave
    the swarm that `up` made, and lose its image, mounts, exports and firewall rules; data and
    packages stay.
    """

    def consent(tasks: int) -> None:
        question = f"{tasks} tasks are running and would be lost; go on?"
        if not yes:
            click.confirm(question, abort=True, err=True)

    inventory = read_inventory(path)
    done = lifecycle.down(inventory, announce, hosts=everything, consent=consent).steps
    click.echo(f"{done} steps done; the cluster is down" if done else "nothing to do")


def _report(outcome: lifecycle.Outcome) -> None:
    """Say what was done, and where the cluster is."""
    if not outcome.steps:
        click.echo("nothing to do: the cluster is as the inventory describes it")
        return
    inventory = outcome.inventory
    click.echo(f"{outcome.steps} steps done; the cluster is up")
    click.echo(f"scheduler: {inventory.scheduler_address}, which Client() on this machine finds")
    click.echo(
        f"dashboard: {inventory.dashboard_address}/status (see: python -m cluster dashboard)"
    )
