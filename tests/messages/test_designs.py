"""Mistakes in the points of a sweep."""

import pytest

import brainnb as bn

D = "from brainnb.run import designs\n"
MISTAKES = {
    "unequal lists": (
        "designs.zipped({'I': [1, 2], 'C': [1.0]})",
        bn.ModelError,
        ["`I` has 2, `C` has 1", "same number", "grid"],
    ),
    "one number": ("designs.zipped({'I': 3})", bn.ModelError, ["`I` takes a list", "got 3"]),
    "no mapping": ("designs.zipped([1, 2])", bn.ModelError, ["designs.zipped", "mapping of path to values"]),
    "no range": ("designs.random({'I': 3}, 10)", bn.ModelError, ["`I` takes a range", "(low, high)", "got 3"]),
    "nothing to draw": ("designs.random({}, 10)", bn.ModelError, ["designs.random", "mapping of path to range"]),
    "a range backwards": (
        "designs.latin_hypercube({'I': (3, 1)}, 10)",
        ValueError,
        ["range of `I` is 3 to 1", "low < high"],
    ),
    "an endless range": ("designs.random({'I': (0, np.inf)}, 10)", ValueError, ["`I` is 0 to inf"]),
    "no points": ("designs.random({'I': (0, 1)}, 0)", ValueError, ["points = 0", "at least 1"]),
    "half a point": ("designs.random({'I': (0, 1)}, 1.5)", bn.ModelError, ["points=1.5", "whole number"]),
    "a hypercube without points": (
        "designs.latin_hypercube({'I': (0, 1)}, 0)",
        ValueError,
        ["points = 0", "at least 1"],
    ),
    "a range of text": (
        "designs.latin_hypercube({'I': ('0', '1')}, 5)",
        bn.ModelError,
        ["designs.latin_hypercube: `I` takes a range", "(low, high)", "('0', '1')"],
    ),
    "a range of three": ("designs.random({'I': (0, 1, 2)}, 5)", bn.ModelError, ["`I` takes a range", "(0, 1, 2)"]),
    "a negative seed": ("designs.random({'I': (0, 1)}, 5, seed=-1)", ValueError, ["seed = -1", "from 0"]),
    "a seed of text": (
        "designs.latin_hypercube({'I': (0, 1)}, 5, seed='a')",
        bn.ModelError,
        ["seed='a'", "whole number"],
    ),
    "no seed": ("designs.random({'I': (0, 1)}, 5, seed=None)", bn.ModelError, ["seed=None", "whole number"]),
    "lists without values": ("designs.zipped({'I': []})", bn.ModelError, ["`I` has no values", "at least one point"]),
    "a model in place of ranges": (
        "designs.random(hh, 5)",
        bn.ModelError,
        ["designs.random", "mapping of path to range"],
    ),
    "beyond the bounds": (
        "bn.sweep(hh, designs.latin_hypercube({'g_Na': (0, 1000)}, 5), T=1)",
        bn.OutOfBounds,
        ["HodgkinHuxley.g_Na", "outside [0, 300] mS/cm2"],
    ),
    "a state among the points": (
        "bn.sweep(hh, designs.latin_hypercube({'V': (-70, -60)}, 5), T=1)",
        bn.UnknownName,
        ["`V` is a state", "parameters and inputs"],
    ),
    "log of zero": ("designs.random({'I': (0, 1)}, 5, log=['I'])", ValueError, ["`I` begins at 0", "log scale"]),
    "log of another path": ("designs.random({'I': (1, 2)}, 5, log=['C'])", bn.UnknownName, ["`C`", "log=", "Known: I"]),
    "log as text": ("designs.random({'I': (1, 2)}, 5, log='I')", bn.ModelError, ["log='I'", "log=['I']"]),
    "an unknown path": (
        "bn.sweep(hh, designs.random({'g_na': (1, 2)}, 5), T=1)",
        bn.UnknownName,
        ["`g_na`", "`g_Na`"],
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(mistake, answers):
    typed, error, words = MISTAKES[mistake]
    answers(D + typed, error, words)
