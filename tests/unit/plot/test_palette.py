"""Every line colour is seen on a light and on a dark page."""

import ast
import pathlib

import pytest

from brainnb.plot import palette


@pytest.mark.parametrize("colour", palette.CYCLE)
@pytest.mark.parametrize("page", [palette.LIGHT, palette.DARK])
def test_lines_keep_three_to_one(colour, page):
    assert palette.contrast(colour, page) >= 3.0


@pytest.mark.parametrize(("name", "page"), [("light", palette.LIGHT), ("dark", palette.DARK)])
def test_text_keeps_four_and_a_half_to_one(name, page):
    assert palette.contrast(palette.INK[name], page) >= 4.5
    assert palette.contrast(palette.GREY[name], page) >= 4.5
    assert palette.theme(page) == name


def test_contrast_of_a_published_pair():
    assert palette.contrast("#E69F00", "#FFFFFF") == pytest.approx(2.25, abs=0.01)


def test_sixteen_lines_differ_in_colour_or_dash():
    assert len({palette.style(i) for i in range(16)}) == 16


def test_the_palette_imports_nothing():
    tree = ast.parse(pathlib.Path(palette.__file__).read_text())
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
