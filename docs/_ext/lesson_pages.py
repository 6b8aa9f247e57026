"""Writes the figures of the first lessons as pages that run by themselves, and the page that shows them.

The cells of a notebook are run up to its figure, as a student's are; what `bn.explore` returns is saved.
"""

import ast
import contextlib
import html
import io
import json
import os
import shutil
from pathlib import Path

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
TARGET = Path(__file__).parents[1] / "learn" / "generated"
LESSONS = ("00", "01", "02", "03")
FOLDER = "lesson-pages"

HEAD = """# Figures that run in your browser

The figures of the first lessons: nothing needs to be installed, and nothing is asked from another computer. Make up your
mind first, then open the figure, move a slider and see. The lessons themselves, with what to look for and the exercises,
are the notebooks of {doc}`the course <../index>`.
"""

SECTION = """
## {title}

{question}

{choices}

```{{raw}} html
<details class="lesson-page">
<summary>Open the figure</summary>
<iframe src="../../{folder}/{name}" title="{label}" loading="lazy" allow="clipboard-write" sandbox="allow-scripts allow-downloads"></iframe>
<p><a href="../../{folder}/{name}">The figure on a page of its own</a>, to keep or to send.</p>
</details>
```
"""


@contextlib.contextmanager
def headless():
    """Figures behind a prediction are open, and nothing is displayed."""
    before = os.environ.get("BRAINNB_HEADLESS")
    os.environ["BRAINNB_HEADLESS"] = "1"
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        if before is None:
            del os.environ["BRAINNB_HEADLESS"]
        else:
            os.environ["BRAINNB_HEADLESS"] = before


def last_value(source, space):
    """Run a cell; the value of its last line, as a notebook shows it."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), space)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), space) if last else None


def opened(notebook):
    """The prediction of a lesson, and the explorer behind it."""
    space = {"__name__": "__main__"}
    with headless():
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                shown = last_value("".join(cell["source"]), space)
                if cell["id"] == "figure":
                    return shown.prediction, shown.open()
    raise ValueError("a lesson has a cell with the id `figure`")


def title(notebook):
    """The heading of a lesson."""
    first = "".join(notebook["cells"][0]["source"])
    return next(line[2:] for line in first.splitlines() if line.startswith("# "))


def write(app):
    """All pages anew, and the page that shows them."""
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    pages = Path(app.outdir) / FOLDER
    pages.mkdir(parents=True, exist_ok=True)
    lines = [HEAD]
    for number in LESSONS:
        (path,) = NOTEBOOKS.glob(f"{number}_*.ipynb")
        notebook = json.loads(path.read_text(encoding="utf8"))
        prediction, view = opened(notebook)
        page = view.save(pages / f"{path.stem}.html")
        lines.append(
            SECTION.format(
                title=title(notebook), question=f"**{prediction.question}**", folder=FOLDER, name=page.name,
                choices="\n".join(f"- {choice}" for choice in prediction.choices), label=html.escape(title(notebook)),
            )
        )  # fmt: skip
    (TARGET / "figures.md").write_text("".join(lines), encoding="utf8")


def setup(app):
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
