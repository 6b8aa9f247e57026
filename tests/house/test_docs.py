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


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    target = tmp_path_factory.mktemp("docs")
    done = subprocess.run(
        [sys.executable, "-c", BUILD, "-W", "--keep-going", "-q", "-b", "html", "docs", str(target)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return target


def models(family):
    room = getattr(bn, family)
    classes = {name: getattr(room, name) for name in room.__all__ if isinstance(getattr(room, name), type)}
    return {name: cls for name, cls in classes.items() if issubclass(cls, bn.Model)}


@pytest.mark.parametrize("family", ["neurons", "channels", "inputs"])
def test_every_model_has_its_page(site, family):
    pages = {path.stem for path in (site / "models" / "generated" / family).glob("*.html")}
    assert pages == set(models(family))


@pytest.mark.parametrize("name", models("neurons"))
def test_a_page_has_every_parameter_with_its_meaning(site, name):
    page = html.unescape((site / f"models/generated/neurons/{name}.html").read_text(encoding="utf8"))
    page = re.sub(r"<[^>]+>|[‘’“”]", "", page)  # without tags and typographer's quotes
    model = models("neurons")[name]()
    for path, parameter in model.parameters().items():
        assert path in page
        assert re.sub(r"['\"]", "", parameter.doc) in page


def test_equations_are_drawn_without_a_script(site):
    page = (site / "models/generated/neurons/HodgkinHuxley.html").read_text(encoding="utf8")
    assert '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">' in page
    assert "mathjax" not in page.lower()


def test_no_page_asks_another_host(site):
    for page in site.rglob("*.html"):
        loaded = re.findall(
            r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=\"(https?://[^\"]+)",
            page.read_text(encoding="utf8"),
        )
        assert not loaded, f"{page.name} loads {loaded}"


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.name)
def test_what_a_guide_tells_to_type_works(page):
    names = {}
    for block in re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf8"), re.M | re.S):
        exec(compile(block, page.name, "exec"), names)
