"""Five visual areas: silent without a stimulus, which then climbs from area to area, and no higher than it is let."""

import numpy as np
import pytest

import brainnb as bn
from brainnb.networks import VentralStream
from brainnb.networks.published.ventral_stream import AREAS


@pytest.fixture(scope="module")
def net():
    return VentralStream(n=500)


def respond(net):
    stimulus = bn.inputs.Pulse(amplitude=200.0, start=50.0, duration=100.0)
    return bn.simulate(net, T=200, dt=0.1, inputs={"V1.E.I": stimulus})


def first_spikes(ds, area):
    """First spike of every excitatory cell; NaN for one that has none."""
    fired = ds[f"{area}.E.spike"].values
    return np.where(fired.any(0), ds.time.values[fired.argmax(0)], np.nan)


def test_the_response_climbs_the_areas_in_order_and_ends(net):
    ds = respond(net)
    times = [first_spikes(ds, area) for area in AREAS]
    assert all(np.isfinite(t).mean() > 0.9 for t in times)
    assert min(np.nanmin(t) for t in times) > 50  # silent before
    medians = [np.nanmedian(t) for t in times]
    assert (np.diff(medians) > 2).all()
    assert 10 < medians[-1] - medians[0] < 40
    assert sum(int(ds[f"{area}.E.spike"].sel(time=slice(190, None)).sum()) for area in AREAS) == 0
    # same wiring, same program: what V1 sends is not felt
    deaf = respond(
        net.replace({path: 0.0 for path in net.parameters() if path.startswith("V1_") and path.endswith("weight")})
    )
    assert int(deaf["V1.E.spike"].sum()) > 0
    assert sum(int(deaf[f"{area}.E.spike"].sum()) for area in AREAS[1:]) == 0


def test_its_wiring_is_that_of_the_table(net):
    assert float(net.links["V1_V2"].weight) == pytest.approx(1.2 * 0.7636)
    assert float(net.links["TEO_TEpd"].weight) == pytest.approx(1.2 * 0.1376)
    assert float(net.links["TEpd_V1"].delay) == pytest.approx(7.29)
    assert "V1_TEO" not in net.links  # no share
    assert len(net.links) == 18
    assert net.number("V4.E") == 400


@pytest.mark.parametrize(("n", "words"), [(50, "at least 80"), (2.5, "a whole number")])
def test_sizes_that_do_not_fit_are_refused(n, words):
    with pytest.raises((bn.core.errors.ModelError, bn.core.errors.OutOfBounds), match=words):
        VentralStream(n=n)
