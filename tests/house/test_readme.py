"""The front page: its code runs, its links lead somewhere, and it stays one page."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
HOSTS = ("https://doi.org/", "https://mybinder.org/", "https://github.com/", "https://opensource.org/")


def test_the_example_runs_as_printed():
    blocks = re.findall(r"^```python\n(.*?)^```", README, re.M | re.S)
    assert blocks
    names = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), names)
    assert names["run"].V.dims == ("time",)
    # Fires at I = 0.5: the fast variable swings from one side to the other, again and again.
    V = names["run"].V.values
    assert ((V[:-1] < 0) & (V[1:] >= 0)).sum() >= 3
    assert names["many"].V.dims == ("I", "tau", "time")


def test_it_is_one_page():
    assert len(README.splitlines()) <= 150


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf8")
    targets = re.findall(r"\]\(([^)#\s]+)", text) + re.findall(r"(?:src|href|srcset)=\"([^\"#]+)", text)
    for target in targets:
        assert target.startswith(HOSTS) or (page.parent / target).exists(), f"{target} leads nowhere"
