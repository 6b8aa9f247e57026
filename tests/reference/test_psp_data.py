"""The stored traces of Brian2 and NEST: what they were made from is what the script says, and the two agree."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parent / "data"
SCRIPTS = Path(__file__).parents[2] / "benchmarks" / "networks"
NEST = [f"LIF/{synapse}/V" for synapse in ("exponential", "alpha", "dual_exponential", "strong")]
NEST += ["AdEx/exponential/V", "AdEx/alpha/V", "TraubMiles/exponential/V", "TraubMiles/dual_exponential/V"]
NEST += ["STP_depressing_from_zero/V", "STP_facilitating_from_zero/V"]


@pytest.fixture(scope="module")
def stored():
    return {peer: np.load(FOLDER / f"psp_{peer}.npz") for peer in ("brian2", "nest")}


@pytest.fixture(scope="module")
def stated():
    spec = importlib.util.spec_from_file_location("psp", SCRIPTS / "psp.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", NEST)
def test_the_peers_agree(stored, name):
    np.testing.assert_allclose(stored["brian2"][name], stored["nest"][name], atol=1e-3)


@pytest.mark.parametrize("cell", ["LIF", "AdEx"])
def test_the_peers_spike_together(stored, cell):
    brian2, nest = (stored[peer][f"{cell}/strong/spikes"] for peer in ("brian2", "nest"))
    np.testing.assert_allclose(brian2, nest, atol=0.011)


@pytest.mark.parametrize("peer", ["brian2", "nest"])
def test_the_traces_are_those_of_the_script(stored, stated, peer):
    about = json.loads(str(stored[peer]["about"]))
    told = ("cells", "start", "synapses", "weights", "events", "stp", "stp_events", "stdp", "stdp_pre", "stdp_post")
    for name in told:
        constant = {"stdp_pre": "PRE", "stdp_post": "POST"}.get(name, name.upper())
        assert about[name] == getattr(stated, constant), f"run {about['script']} again: {name} was changed"
    assert (SCRIPTS.parents[1] / about["script"]).is_file()
    assert about["versions"]


def test_the_files_stay_small():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 300_000
