"""Colours of every picture, static or interactive; plain Python, so that any room may import it.

The hues are Okabe and Ito's, which colour-blind readers tell apart.  Only those are used for lines that keep a
contrast of 3:1 on white and on near-black, so one cycle serves light and dark pages; orange and sky blue do not.
"""

OKABE_ITO = {
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "pink": "#CC79A7",
    "black": "#000000",
}

CYCLE = tuple(OKABE_ITO[name] for name in ("blue", "vermilion", "green", "pink"))
"""Line colours, in order; use them with :data:`DASHES`, never colour alone."""

DASHES = ("solid", "dashed", "dashdot", "dotted")
"""Line styles, in the names that Matplotlib and Bokeh share."""

LIGHT, DARK = "#FFFFFF", "#111111"
INK = {"light": "#222222", "dark": "#EEEEEE"}
"""Text and axes."""
GREY = {"light": "#6E6E6E", "dark": "#8A8A8A"}
"""Small text and kept traces: 4.5:1 on their page."""


def luminance(colour: str) -> float:
    """Relative luminance of ``#RRGGBB``, 0 (black) to 1 (white), as WCAG 2 defines it."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    """Contrast ratio of two colours, 1 to 21.

    Examples
    --------
    >>> round(contrast("#000000", "#FFFFFF"))
    21
    """
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def theme(background: str) -> str:
    """``"light"`` or ``"dark"``, whichever ink is easier to read on ``background``."""
    return max(INK, key=lambda name: contrast(INK[name], background))


def style(i: int) -> tuple[str, str]:
    """Colour and dash of the ``i``-th line: colours first, then the next dash."""
    return CYCLE[i % len(CYCLE)], DASHES[(i + i // len(CYCLE)) % len(DASHES)]
