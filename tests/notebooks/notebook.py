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


def run(path: Path, solved: bool) -> tuple[list, str]:
    """Run all cells in one namespace; the results of the checks, and what was printed."""
    import brainnb as bn

    instead = solutions(path) if solved else {}
    found = []
    check = bn.teach.check
    namespace = {"__name__": "__main__"}
    printed = io.StringIO()

    def keep(*args, **kwargs):
        found.append(check(*args, **kwargs))
        return found[-1]

    bn.teach.check = keep
    try:
        with contextlib.redirect_stdout(printed):
            for cell in code_cells(path):
                text = instead.get(cell["id"], source(cell))
                exec(compile(text, f"{path.name}:{cell['id']}", "exec"), namespace)
    finally:
        bn.teach.check = check
    return found, printed.getvalue()
