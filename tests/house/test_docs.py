"""The documentation: it builds without network and without a warning, and what it tells to type works."""

import html
import re
import subprocess
import sys
from pathlib import Path

import pytest

import brainnb as bn

ROOT = Path(__file__).parents[2]
GUIDES = sorted((ROOT / "docs" / "do").glob("*.md"))
WITH_CODE = [page for page in GUIDES if "```python" in page.read_text(encoding="utf8")]

# Sphinx with every connection refused, as on a train.
BUILD = """
import socket, sys

def refuse(*arguments):
    raise OSError(f"the documentation asked for the network: {arguments[1:]}")

socket.socket.connect = refuse
socket.getaddrinfo = refuse
from sphinx.cmd.build import main
sys.exit(main(sys.argv[1:]))
"""


def test_the_site_builds_offline_and_is_whole(tmp_path):
    """One test, because a build writes pages into docs/ and must have them for itself."""
    done = subprocess.run(
        [sys.executable, "-c", BUILD, "-W", "--keep-going", "-q", "-b", "html", "docs", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for family in ("neurons", "rates", "channels", "synapses", "inputs"):
        every_model_has_its_page(tmp_path, family, models(family))
    every_model_has_its_page(tmp_path, "networks", bn.networks.published.__all__)
    for name, cls in models("neurons").items():
        every_parameter_has_its_meaning(tmp_path, name, cls())
    equations_need_no_script(tmp_path)
    figures_of_the_first_lessons_compute(tmp_path)
    models_show_a_run(tmp_path)
    no_page_asks_another_host(tmp_path)


def models(family):
    room = getattr(bn, family)
    classes = {name: getattr(room, name) for name in room.__all__ if isinstance(getattr(room, name), type)}
    return {name: cls for name, cls in classes.items() if issubclass(cls, bn.Model)}


def every_model_has_its_page(site, family, expected):
    pages = {path.stem for path in (site / "models" / "generated" / family).glob("*.html")}
    assert pages == set(expected)


def every_parameter_has_its_meaning(site, name, model):
    page = html.unescape((site / f"models/generated/neurons/{name}.html").read_text(encoding="utf8"))
    page = re.sub(r"<[^>]+>|[‘’“”]", "", page)  # without tags and typographer's quotes
    for path, parameter in model.parameters().items():
        assert path in page
        assert re.sub(r"['\"]", "", parameter.doc) in page


def equations_need_no_script(site):
    page = (site / "models/generated/neurons/HodgkinHuxley.html").read_text(encoding="utf8")
    assert '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">' in page
    assert "mathjax" not in page.lower()


def figures_of_the_first_lessons_compute(site):
    shown = (site / "learn/generated/figures.html").read_text(encoding="utf8")
    pages = sorted((site / "lesson-pages").glob("*.html"))
    assert [page.name[:2] for page in pages] == ["00", "01", "02", "03"]
    for page in pages:
        assert f'src="../../lesson-pages/{page.name}"' in shown
        assert "function advance(" in page.read_text(encoding="utf8")


def models_show_a_run(site):
    for family, least in {"neurons": 25, "rates": 14, "inputs": 25}.items():
        pictures = re.findall(
            r'<img [^>]*class="thumbnail[^>]*>', (site / f"models/generated/{family}.html").read_text("utf8")
        )
        assert len(pictures) >= least
        assert all(re.search(r'alt="\w.* over \d+', picture) for picture in pictures)


def no_page_asks_another_host(site):
    for page in site.rglob("*.html"):
        loaded = re.findall(
            r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=\"(https?://[^\"]+)", page.read_text(encoding="utf8")
        )
        assert not loaded, f"{page.name} loads {loaded}"


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.name)
def test_what_a_guide_tells_to_type_works(page):
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf8"), re.M | re.S)
    names = {}
    for block in blocks:
        exec(compile(block, page.name, "exec"), names)
    assert "bn" in names


def test_every_drawn_picture_has_a_file_of_its_own():
    """Two without a name would be written to the same file, and a reader would see one of them twice."""
    text = "\n".join(page.read_text(encoding="utf8") for page in GUIDES)
    names = re.findall(r"^\.\. plot::\n    :filename-prefix: (\S+)\n    :alt: \S", text, re.M)
    assert len(names) == len(set(names)) == text.count(".. plot::") > 0
