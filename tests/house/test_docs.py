"""The documentation: it builds without network and without a warning, and what it tells to type works."""

import inspect
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


def test_every_model_has_its_page_with_a_table(site):
    for family in ("neurons", "channels", "inputs"):
        room = getattr(bn, family)
        for name in room.__all__:
            value = getattr(room, name)
            if isinstance(value, type) and issubclass(value, bn.Model):
                page = (site / "models" / "generated" / family / f"{name}.html").read_text(encoding="utf8")
                for parameter in inspect.get_annotations(value):
                    assert parameter in page
    assert "<math" in (site / "models/generated/neurons/HodgkinHuxley.html").read_text(encoding="utf8")


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
