"""Rules of the house that a reader would otherwise have to check by eye."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "brainnb").rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()

# A folder of somebody's machine, and the address of a package registry: true in one place only.
MACHINE_PATH = re.compile(r"(?<![\w.~/-])/(?:home|root|work|Users)/\w+")
REGISTRY = re.compile(r"https?://[^\s\"')]*/simple\b|--(?:extra-)?index-url[ =]http|files\.pythonhosted")

LONGEST_FILE = 400  # lines; more is rarely one idea
BIGGEST_NOTEBOOK = 50_000  # bytes; more is stored output
RUNS_TEXT = {"eval", "exec", "compile", "__import__"}
UNSAFE_MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}


ON_A_CLUSTER = ("brainnb/run/client.py", "brainnb/run/cluster.py")
BY_OTHERS = (
    "brainnb/train/linear/named.py",
    "brainnb/train/search/evosax.py",
    "brainnb/train/search/nevergrad.py",
)  # rules that hand over to another package, when one is asked for

COMES_WITH = {
    "sklearn": "scikit-learn",
    "jaxlib": "jax",
    "pandas": "xarray",
    "IPython": "ipykernel",
    "jupyter_core": "jupyterlab",
}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def distributions(group: str) -> set[str]:
    """Names in `dependencies`, or in one of the extras, of pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
    lines = project["dependencies"] if group == "dependencies" else project["optional-dependencies"][group]
    return {re.match(r"[\w-]+", line)[0].lower() for line in lines}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf8"))


@cache
def imported(path: Path) -> set[str]:
    """Full names of all modules that a file imports, those inside functions too."""
    names = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_every_module_says_what_it_is_for(path):
    assert ast.get_docstring(tree(path)), "start the file with one sentence that says what it is for"


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_file_is_one_idea(path):
    assert len(path.read_text(encoding="utf8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_no_private_names_of_other_libraries(path):
    private = {
        name
        for name in imported(path)
        if not name.startswith(("brainnb", "__future__")) and re.search(r"\._(?!_)", name)
    }
    assert not private or relative(path) == "brainnb/core/compat.py"


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_what_is_imported_is_installed(path):
    """`pip install brainnb` is enough to simulate; only pictures, pages and lessons may need the extra [lab]."""
    room = relative(path).split("/")[1]
    allowed = distributions("dependencies")
    if room in ("plot", "widgets", "teach", "cli", "io"):
        allowed |= distributions("lab")
    if relative(path) in ON_A_CLUSTER:
        allowed |= distributions("cluster")
    if relative(path) == "brainnb/train/inference/posterior.py":
        allowed |= distributions("bayes")
    if relative(path) in BY_OTHERS:
        allowed |= distributions("train")
    libraries = {name.split(".")[0] for name in imported(path)} - sys.stdlib_module_names - {"brainnb"}
    assert {COMES_WITH.get(name, name).lower() for name in libraries} <= allowed


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_text_is_never_run(path):
    """What comes from a page, a link or a file of state is data."""
    calls = {
        node.func.id for node in ast.walk(tree(path)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not calls & RUNS_TEXT
    assert not {name.split(".")[0] for name in imported(path)} & UNSAFE_MODULES


@pytest.mark.parametrize("name", TRACKED)
def test_nothing_belongs_to_one_machine(name):
    path = ROOT / name
    if not path.is_file() or path == Path(__file__):
        return  # removed but not yet committed, or the patterns above
    text = path.read_bytes().decode("utf8", errors="ignore")
    assert not MACHINE_PATH.findall(text)
    assert not REGISTRY.findall(text)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=relative)
def test_notebooks_carry_no_output(path):
    assert path.stat().st_size < BIGGEST_NOTEBOOK
    for cell in json.loads(path.read_text(encoding="utf8"))["cells"]:
        kept = "".join(cell["source"]).startswith("# NBVAL_CHECK_OUTPUT")
        assert kept or not cell.get("outputs"), "clear the outputs: jupyter nbconvert --clear-output --inplace"


def test_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf8")
    assert re.search(r"^version: (\S+)$", citation, re.M)[1] == project["version"]
    assert re.search(r"^## (\d\S*)", changelog, re.M)[1] == project["version"]


def test_constraints_are_exact_and_name_every_dependency():
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf8")
    lines = [line for line in constraints.splitlines() if not line.startswith("#")]
    assert all(re.match(r"[a-z0-9-]+==[\w.]+( ; .+)?$", line) for line in lines)
    exact = {line.split("==")[0] for line in lines}
    wanted = set().union(*(distributions(group) for group in ("dependencies", "lab", "test", "docs", "cluster")))
    assert wanted - {"brainnb"} <= exact
