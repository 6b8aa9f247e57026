"""The kernel for graphics cards, without one: its sums, what happens where it is wrong, and that it becomes a program.

That its values and derivatives are those of the definition stands in `tests/reference` (ways "card").
"""

import dataclasses
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb import ops
from brainnb.cli import doctor
from brainnb.ops import arrivals, kernels, products
from brainnb.ops.kernels import card, cards
from brainnb.run.loop import chunk
from brainnb.run.simulate import prepare

ON_CPU = partial(card.deliver, interpret=True), partial(card.deliver_delayed, interpret=True)


def test_the_kernel_passes_its_own_trial():
    assert cards.tried(*ON_CPU, "float64") is None


def test_the_trial_may_stand_in_a_program_that_is_traced():
    found = []

    @jax.jit
    @jax.vmap
    @jax.grad
    def traced(x):
        found.append(cards.tried(*ON_CPU, "float32"))
        return x**2

    assert traced(jnp.ones(2)).tolist() == [2.0, 2.0]
    assert found == [None]


def refused(*given):
    raise NotImplementedError("no such card\nand much more")


@pytest.mark.parametrize(
    ("deliver", "words"),
    [
        (refused, "it failed with NotImplementedError, no such card"),
        (lambda events, wiring, onto: onto, "its sums were off by"),
        (lambda events, wiring, onto: onto * np.nan, "its sums were off by nan of the largest"),
        (lambda events, wiring, onto: ON_CPU[0](events, wiring, onto) * (1 + 1e-10), "its sums were off by 1e-10"),
    ],
)
def test_a_kernel_that_fails_its_trial_says_why(deliver, words):
    assert cards.tried(deliver, ON_CPU[1], "float64").startswith(words)


def storages():
    rng = np.random.default_rng(0)
    pre, post = rng.integers(0, 60, (2, 500))
    for weight in (0.5, rng.normal(size=500)):
        yield ops.CSR.from_edges(pre, post, weight, (60, 60))
        yield ops.DelayedCSR.from_edges(pre, post, weight, rng.integers(0, 3, 500) * 0.1, (60, 60))
        table = np.resize(weight, (60, 8)) if np.ndim(weight) else weight
        yield ops.FixedPostNumber(table, rng.integers(0, 60, (60, 8)), (60, 60))


CARDS = {"cuda": "NVIDIA H100", "rocm": "gfx942", "cpu": "cpu"}


def lowered(product, given, platform):
    """The text of a program for a card that is not here: later versions of JAX want to know which."""
    device = jax.sharding.AbstractDevice(device_kind=CARDS[platform], num_cores=None, platform=platform)
    with jax.sharding.use_abstract_mesh(jax.sharding.AbstractMesh((), (), (), abstract_device=device)):
        return jax.jit(lambda *given: product(*given)).trace(*given).lower(lowering_platforms=(platform,)).as_text()


def programs(wiring, platform):
    """The text of its products for a platform, of spikes, of a batch of graded events, and of spikes on their way."""
    for events in (jnp.zeros(60, bool), jnp.zeros((3, 60))):
        yield lowered(ops.event_product, (events, wiring), platform)
    if isinstance(wiring, ops.DelayedCSR):
        yield lowered(ops.event_product_delayed, (jnp.zeros((8, 2), jnp.uint32), 3, 0.1, wiring), platform)


@pytest.mark.filterwarnings("ignore:The Pallas Triton backend is deprecated:DeprecationWarning")  # JAX 0.12
@pytest.mark.parametrize("n", range(6))
def test_products_become_programs_for_a_card(n, monkeypatch):
    """With the kernel where it passed its trial, and with nothing of the kind where it did not, or on a CPU."""
    wiring = list(storages())[n]
    for passed in (True, False):
        monkeypatch.setattr(cards, "why_not", lambda dtype, passed=passed: None if passed else "it failed")
        for platform in cards.PLATFORMS:
            assert all(("triton" in text) == passed for text in programs(wiring, platform))
        assert not any("triton" in text for text in programs(wiring, "cpu"))
    monkeypatch.setattr(cards, "why_not", lambda dtype: None)
    monkeypatch.setenv("BRAINNB_KERNELS", "off")
    assert not any("triton" in text for text in programs(wiring, "cuda"))


def small(wiring, name="E"):
    """Cells that drive each other; the same under every name."""
    cells = bn.Population(bn.neurons.LIF(), 60, init={"V": np.linspace(-60, -50, 60)}, inputs={"I": 160.0})
    heard = dict(synapse=bn.synapses.Exponential(tau=4.0), output=bn.synapses.Conductance(E=0.0))
    return bn.Network({name: cells}, {"on": bn.Projection(name, name, wiring, **heard)})


@pytest.mark.parametrize("n", [3, 4], ids=["weights", "weights and delays"])
def test_a_network_fires_as_it_does_without(n, monkeypatch):
    """Through the public run: the spikes of every step.  Another name compiles anew."""
    wiring = list(storages())[n]
    expected = bn.simulate(small(wiring, "E"), T=30)["E.spike"].values
    assert expected.sum() > 50
    calls = []
    monkeypatch.setenv("BRAINNB_KERNELS", "on")
    for name, on_cpu in zip(("deliver", "deliver_delayed"), ON_CPU, strict=True):
        monkeypatch.setattr(card, name, on_cpu)
    for room in (products, arrivals):
        monkeypatch.setattr(room, "_by_kernel", lambda *given, by=room._by_card: calls.append(by) or by(*given))
    found = bn.simulate(small(wiring, "F"), T=30)["F.spike"].values
    assert calls
    np.testing.assert_array_equal(found, expected)


@pytest.mark.filterwarnings("ignore:The Pallas Triton backend is deprecated:DeprecationWarning")  # JAX 0.12
def test_the_loop_of_a_network_takes_the_kernel_on_a_card(monkeypatch):
    monkeypatch.setattr(cards, "why_not", lambda dtype: None)
    ready = prepare(small(next(storages())), 1.0, 0.1, {})
    run, plan = ready.run, dataclasses.replace(ready.run.plan, staged=False)
    given = ready.system, run.state, plan.buffer(), np.int32(0), *run.scalars(), np.int32(1), run.key
    assert "triton" in lowered(partial(chunk, plan), given, "cuda")


def test_the_doctor_says_how_a_card_computes(monkeypatch):
    monkeypatch.setattr(cards, "first", lambda: None)
    assert "card" not in doctor.networks().detail
    monkeypatch.setattr(cards, "first", lambda: "a card")
    monkeypatch.setattr(cards, "why_not", lambda dtype: None)
    assert doctor.networks().detail.endswith("; on the card by a kernel that was tried here")
    monkeypatch.setattr(cards, "why_not", lambda dtype: "its sums were off by 0.1 of the largest")
    assert doctor.networks().detail.endswith("; on the card by XLA: its sums were off by 0.1 of the largest")
    assert not doctor.networks().fix
    monkeypatch.setenv("BRAINNB_KERNELS", "off")
    assert doctor.networks().detail == "event products by JAX: switched off by BRAINNB_KERNELS"


def test_without_a_card_nothing_is_tried(monkeypatch):
    monkeypatch.setattr(cards, "first", lambda: None)
    monkeypatch.setattr(cards, "tried", refused)
    monkeypatch.setattr(cards, "why_not", cards.why_not.__wrapped__)
    assert cards.why_not("float32") == "no graphics card"
    wiring = ops.CSR.from_edges([0], [0], 1.0, (1, 1))
    assert kernels.on_cards(wiring, wiring.weights()) == ()
    monkeypatch.setattr(cards, "first", lambda: "a card")
    with pytest.raises(NotImplementedError, match="no such card"):
        kernels.on_cards(wiring, wiring.weights())


def test_a_wrong_target_writes_nowhere():
    wiring = ops.CSR.from_edges([0, 0, 1], [0, 1, 1], [1.0, 2.0, 4.0], (2, 2))
    object.__setattr__(wiring, "indices", jnp.asarray([0, 10**9, -5], jnp.int32))
    np.testing.assert_array_equal(ON_CPU[0](jnp.array([True, True]), wiring, jnp.zeros(2)), [1.0, 0.0])


def test_one_weight_for_all_is_counted():
    """A hundred thousand spikes onto one neuron: a sum in single precision by steps would have lost a hundredth."""
    with jax.enable_x64(False):
        wiring = ops.CSR.from_edges(np.zeros(100_000, int), np.zeros(100_000, int), 0.1, (1, 1))
        found = jax.jit(ON_CPU[0])(jnp.array([True]), wiring, jnp.zeros(1))
        assert float(found[0]) == pytest.approx(1e4, rel=1e-7)
