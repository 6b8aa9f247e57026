"""What is alike in a network is traced once; what cannot be shared is told as it is."""

import pytest

import brainnb as bn

CALLS = []


class Leaky(bn.Model):
    """A cell that says when its equations are asked."""

    tau: bn.Param = bn.param(10.0, "ms", "time constant", bounds=(1, 100))
    x = bn.state(1.0, "1", "activity")

    def vector_field(self, t, s, u):
        CALLS.append("vector_field")
        return dict(x=-s.x / self.tau)

    def on_step(self, t, s, u, key):
        CALLS.append("on_step")
        return {}, {}


class Echo(Leaky):
    """One that asks its own past, for longer than its line is."""

    x_ago = bn.history("x", 2.0)

    def vector_field(self, t, s, u):
        return dict(x=-s.x_ago(5.0) / self.tau)


def run(cell, populations, size):
    cells = {f"P{k}": bn.Population(cell(tau=5.0 + k), size) for k in range(populations)}
    CALLS.clear()
    return bn.simulate(bn.Network(cells), T=1, record="*.x", method="strang")


def test_five_populations_are_traced_like_one():
    run(Leaky, 1, 11)
    once = sorted(CALLS)
    ds = run(Leaky, 5, 12)
    assert sorted(CALLS) == once
    assert once
    alone = bn.simulate(Leaky(tau=9.0), T=1, method="strang")
    assert float(ds["P4.x"][-1, 3]) == pytest.approx(float(alone.x[-1]), rel=1e-12)


def test_a_cell_that_asks_its_past_is_noted_in_every_network():
    for _ in range(2):
        with pytest.raises(bn.ModelError, match=r"reads `P[01]\.x_ago\(5\)`, but the line holds 2 ms"):
            run(Echo, 2, 13)
