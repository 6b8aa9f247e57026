"""Examples in docstrings run as they are printed."""

import doctest
import importlib
import inspect

import pytest

import brainnb as bn

NAMED = [name for name in bn.train.__all__ if ">>>" in (inspect.getdoc(getattr(bn.train, name)) or "")]


@pytest.mark.parametrize("name", NAMED)
def test_an_example(name):
    value = getattr(bn.train, name)
    names = vars(importlib.import_module(value.__module__)) | {}
    (found,) = doctest.DocTestFinder(recurse=False).find(value, name=name, globs=names)
    assert doctest.DocTestRunner(verbose=False).run(found).failed == 0


def test_there_are_some():
    assert {"fit", "evaluate", "register"} <= set(NAMED)
