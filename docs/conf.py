"""How the documentation is built: from files, docstrings and declarations, without network."""

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "_ext")]

import brainnb  # noqa: E402

project = "brainnb"
author = "the brainnb authors"
copyright = f"2026, {author}"
version = release = brainnb.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "myst_nb",
    "sphinx_design",
    "sphinx_copybutton",
    "matplotlib.sphinxext.plot_directive",
    "dollars",
    "mathml",
    "catalogue",
    "api_pages",
    "lesson_pages",
]
exclude_patterns = ["_build", "_ext"]

# Equations become MathML, which browsers draw by themselves: nothing is fetched by the build or by the reader.
html_math_renderer = "mathml"
myst_update_mathjax = False
myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 3

# The lessons are shown as they are in the repository; `make test` is what runs them.
nb_execution_mode = "off"

# Pictures in the guides are drawn by the code that stands above them, at every build.
plot_include_source = True
plot_html_show_source_link = False
plot_html_show_formats = False
plot_formats = [("png", 110)]

default_role = "code"  # `name` in a docstring is code, as in Markdown
autosummary_generate = False
autodoc_typehints = "none"  # types stand in the NumPy sections
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_custom_sections = [
    "Equations",
    "Input",
    "Inputs",
    "Observables",
    "State",
    "States",
    "Inputs and observables",
]

html_theme = "pydata_sphinx_theme"
html_title = "brainnb"
html_static_path = ["_static"]
html_css_files = ["brainnb.css"]
html_show_sourcelink = False
html_theme_options = {
    "logo": {"text": "brainnb"},
    "navbar_align": "left",
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {"index": []}


def bring_notebooks(app):
    """The lessons live in notebooks/; Sphinx reads only what is below docs/."""
    target = HERE / "learn" / "notebooks"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for path in sorted((HERE.parent / "notebooks").glob("*.ipynb")):
        shutil.copyfile(path, target / path.name)


def setup(app):
    app.connect("builder-inited", bring_notebooks)
