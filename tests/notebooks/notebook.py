"""Notebooks as tests see them: their cells, and what is left in memory when these have run."""

import contextlib
import io
import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOLUTIONS = Path(__file__).parent / "solutions"


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf8"))


def source(cell: dict) -> str:
    return "".join(cell["source"])


def code_cells(path: Path) -> list[dict]:
    return [cell for cell in read(path)["cells"] if cell["cell_type"] == "code"]


def solutions(path: Path) -> dict[str, str]:
    """Solved source by cell id."""
    text = (SOLUTIONS / f"{path.stem}.py").read_text(encoding="utf8")
    parts = re.split(r"^# %% (\S+)\n", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def run(path: Path) -> tuple[tuple[list, str], tuple[list, str]]:
    """Run all cells, the exercises twice: as they stand, among names of their own, and solved.

    The results of the checks and what was printed, of either.  The lesson before them is long, and the same for both.
    """
    cells, instead = [(cell["id"], source(cell)) for cell in code_cells(path)], solutions(path)
    first = [name for name, _ in cells].index(next(iter(instead)))
    before, after = dict(cells[:first]), dict(cells[first:])
    names = {"__name__": "__main__"}
    lesson, printed = execute(path, before, names)
    untouched = execute(path, {name: after[name] for name in instead}, dict(names))
    solved, more = execute(path, after | instead, names)
    return untouched, (lesson + solved, printed + more)


def execute(path: Path, cells: dict[str, str], names: dict) -> tuple[list, str]:
    """Run cells, given by their ids, among these names; the results of their checks, and what was printed."""
    import brainnb as bn

    found = []
    check = bn.teach.check
    printed = io.StringIO()

    def keep(*args, **kwargs):
        found.append(check(*args, **kwargs))
        return found[-1]

    bn.teach.check = keep
    try:
        with contextlib.redirect_stdout(printed):
            for name, text in cells.items():
                exec(compile(text, f"{path.name}:{name}", "exec"), names)
    finally:
        bn.teach.check = check
    return found, printed.getvalue()
