"""Lines keep 3:1 against the page, in light and in dark."""

import pytest

from brainnb.widgets.figures import DARK, KEPT, LIGHT


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_rule_itself():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#E69F00", "#ffffff") == pytest.approx(2.25, abs=0.01)


@pytest.mark.parametrize("colour", [*LIGHT, KEPT[0]])
def test_light(colour):
    assert contrast(colour, "#ffffff") >= 3


@pytest.mark.parametrize("colour", [*DARK, KEPT[1]])
@pytest.mark.parametrize("page", ["#111111", "#1e1e1e", "#2b2b2b"])
def test_dark(colour, page):
    assert contrast(colour, page) >= 3
