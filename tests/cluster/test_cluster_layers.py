"""The folders of `cluster` are its layers: imports go down, and each library has one place."""

import ast
import subprocess
import sys
from collections import defaultdict
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# From the top. Folders of one row do not know each other; modules of one row may.
LAYERS = (
    ("__main__", "cli", "status_table", "swarm_cluster"),
    ("environment", "lifecycle", "own_package"),
    ("doctor",),
    ("hosts", "stack"),
    ("apply", "docker", "inventory_file", "local"),
    (
        *("atomic", "children", "digest", "each_node", "errors", "interrupts", "inventory"),
        *("inventory_allotment", "inventory_image", "inventory_mistakes", "inventory_model"),
        *("inventory_values", "plan", "poll", "requirements", "side_by_side", "sizes"),
    ),
)
LAYER = {name: depth for depth, names in enumerate(LAYERS) for name in names}
LIBRARIES = {
    "click": {"cluster.cli"},
    "rich": {"cluster.cli", "cluster.status_table"},
    "pyinfra": {"cluster.hosts.pyinfra_process"},
    "dask": {"cluster.local.dask_config"},
    "distributed": {"cluster.stack.scheduler", "cluster.swarm_cluster"},
    "cryptography": {"cluster.local.signing"},
    "tomlkit": {"cluster.inventory_file"},
    "uv": {"cluster.local.uv"},
}
SISTERS = {"facts", "gather", "planning", "teardown"}  # of hosts and of stack
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path
    for path in (ROOT / "cluster").rglob("*.py")
    if path != ROOT / "cluster" / "__init__.py"  # what it gives out is above all of them
}


def imported(path: Path) -> set[str]:
    """Return all that a module imports, in functions too, by its dotted names."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return names


def room(module: str) -> str:
    """Return the folder of `cluster` that a module is in; a module at its root is its own."""
    return module.split(".")[1]


NEEDS = {name: imported(path) & MODULES.keys() for name, path in MODULES.items()}


def test_every_folder_and_module_of_the_root_has_its_layer():
    """What is added has to be given one."""
    assert {room(name) for name in MODULES} - {"__init__"} == LAYER.keys()


def test_imports_go_down():
    """No module needs one of a higher layer, and no folder needs a folder beside it."""
    folders = {path.name for path in (ROOT / "cluster").iterdir() if path.is_dir()}
    wrong = {
        f"{module} imports {needed}"
        for module, all_needed in NEEDS.items()
        for needed in all_needed
        if room(module) != room(needed)
        and (
            LAYER[room(module)] > LAYER[room(needed)]
            or (
                LAYER[room(module)] == LAYER[room(needed)]
                and {room(module), room(needed)} <= folders
            )
        )
    }
    assert not wrong


def test_no_modules_and_no_folders_need_each_other():
    """Neither directly nor through others; graphlib names the circle."""
    TopologicalSorter(NEEDS).prepare()
    rooms = defaultdict(set)
    for module, all_needed in NEEDS.items():
        rooms[room(module)] |= {room(needed) for needed in all_needed} - {room(module)}
    TopologicalSorter(rooms).prepare()


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_is_known_in_its_place_only(library):
    """Nothing below the command line knows click, and only one process knows pyinfra."""
    importers = {
        name
        for name, path in MODULES.items()
        if library in {each.split(".")[0] for each in imported(path)}
    }
    assert importers == LIBRARIES[library]


def test_a_name_means_one_module():
    """Two modules share a name only if they do the same for hosts and for the stack."""
    places = defaultdict(set)
    for module in MODULES:
        folder, _, name = module.rpartition(".")
        places[name].add(folder)
    del places["__init__"]
    shared = {name: folders for name, folders in places.items() if len(folders) > 1}
    assert shared == {name: {"cluster.hosts", "cluster.stack"} for name in SISTERS}


def test_importing_a_package_imports_nothing():
    """So that --help is quick: what is there for programs is imported when it is asked for."""
    seen = "import sys, cluster; print('distributed' in sys.modules, cluster.SwarmCluster.__name__)"
    done = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "SwarmCluster"]
    for path in (ROOT / "cluster").glob("*/**/__init__.py"):
        (docstring,) = ast.parse(path.read_text("utf-8")).body
        assert isinstance(docstring, ast.Expr)
