"""What a module says and refuses, in which pieces it runs, and what stays text."""

import json
import re

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from in_javascript import apart, engine

import brainnb as bn
from brainnb import ops
from brainnb.export import tables, traced
from brainnb.export.module import runtime

HOSTILE = 'a</script><script>alert(1)</script>*/ `${alert(2)}`  \\ "quoted" \n next'


@pytest.fixture(scope="module")
def run():
    found = engine()
    yield found
    found.close()


@pytest.fixture(scope="module")
def fhn():
    return bn.export.javascript(bn.neurons.FitzHughNagumo(), I=0.5)


def test_the_equations_stand_there_under_their_names(fhn):
    assert "const dV = V - V * (V * V) / 3 - w + I;" in fhn.text
    assert "const dw = (V + a - b * w) / tau;" in fhn.text
    assert "const tau = p.tau; // ms: recovery time constant" in fhn.text
    assert "dV_4" in fhn.text  # the last of the four slopes of rk4
    assert fhn.size < 9000


def test_the_page_is_told_what_can_be_changed(fhn):
    rows = {p["path"]: p for p in json.loads(json.dumps(fhn.about))["parameters"]}
    assert rows["tau"] == dict(
        path="tau", value=12.5, unit="ms", doc="recovery time constant", bounds=[1, 50], input=False
    )
    assert rows["I"]["input"]
    assert rows["I"]["value"] == 0.5
    assert {p["name"]: p["values"]["b"] for p in fhn.about["presets"]}["bistable"] == 1.6


def test_pieces_are_the_whole(run, fhn):
    whole, pieces = run(
        f"{fhn.text} const whole = model.run({{}}, 40).V, state = model.start({{}}), pieces = [];"
        "for (const n of [1, 150, 249]) pieces.push(...model.more({}, structuredClone(state), 0).V, ...model.more({}, state, n).V);"
        "return [whole, pieces];"
    )
    assert whole == pieces


def test_the_slopes_are_those_of_the_model(run, fhn):
    found = run(f"{fhn.text} return model.vectorField(model.complete({{ a: 0.2 }}), 0, {{ V: 0.3, w: -0.4 }});")
    model = bn.neurons.FitzHughNagumo(a=0.2)
    expected = model.vector_field(0.0, bn.Record(V=0.3, w=-0.4), bn.Record(I=0.5))
    assert found["V"] == pytest.approx(float(expected["V"]), rel=1e-15)
    assert found["w"] == pytest.approx(float(expected["w"]), rel=1e-15)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ("{ tauu: 3 }", "No parameter tauu. Known: a, b, tau, I."),
        ("{ tau: 0.5 }", "tau = 0.5 ms is below 1 ms."),
        ("{ I: 9 }", "I = 9 is above 3."),
        ("{ I: NaN }", "I: a finite number was expected, got NaN."),
        ("{ I: '1' }", "I: a finite number was expected, got 1."),
    ],
)
def test_what_is_refused(run, fhn, values, words):
    program = f"{fhn.text} try {{ model.run({values}, 1); return 'ran'; }} catch (error) {{ return error.message; }}"
    assert run(program) == words


def test_the_noise_is_the_same_bit_for_bit(run):
    """A state that adds up Gaussian numbers times one: any difference of a bit in the counters would be another path."""

    class Walk(bn.Model):
        x = bn.state(0.0, "1", "position", bounds=(-100, 100))
        word = bn.state(0.0, "1", "random bits", discrete=True)

        def vector_field(self, t, s, u):
            return dict(x=-0.01 * s.x)

        def diffusion(self, t, s, u):
            return dict(x=1.0)

        def on_step(self, t, s, u, key):
            return dict(word=bn.core.randoms.bits(key, ()).astype(float)), {}

    module = bn.export.javascript(Walk(), dt=0.5, method="euler", record=["x", "word"])
    for seed in (0, 7, 2**32 - 1):
        found = run(f"{module.text} return model.run({{}}, 500, {{ seed: {seed} }});")
        ds = bn.simulate(Walk(), T=500, dt=0.5, method="euler", record=["x", "word"], seed=seed)
        assert found["word"] == ds.word.values.tolist()
        assert apart(found["x"], ds.x) < 1e-13


def test_populations_are_loops(run):
    module = bn.export.javascript(bn.neurons.AdEx(), size=300, I=1500.0, record=["V", "spike"])
    assert module.text.count("i < 300") < 12
    found = run(f"{module.text} return model.run({{ tau_w: 90 }}, 20, {{ every: 20 }});")
    ds = bn.simulate(bn.neurons.AdEx(tau_w=90), T=20, size=300, I=1500.0, record=["V", "spike"], every=20)
    assert ds.spike.sum() > 0
    assert apart(found["spike"], ds.spike) == 0
    assert apart(found["V"], ds.V) < 1e-11


def stored():
    """The same synapses in every storage that lies by source."""
    rng = np.random.default_rng(5)
    targets, weights = rng.integers(0, 12, (20, 3)), rng.standard_normal((20, 3))
    edges = np.repeat(np.arange(20), 3), targets.reshape(-1)
    return [
        ops.CSR.from_edges(*edges, 0.5, (20, 12)),
        ops.CSR.from_edges(*edges, weights.reshape(-1), (20, 12)),
        ops.FixedPostNumber(weights, targets, (20, 12)),
    ]


@pytest.mark.parametrize("graded", [False, True])
def test_an_event_product_is_a_loop_over_those_who_fired(run, graded):
    with jax.enable_x64(True):
        wirings = stored()

    class Delivered(bn.Model):
        """Adds the synapses of every third neuron, another third in each step."""

        y = bn.state(np.zeros((3, 12)), "1", "sums", discrete=True)

        def on_step(self, t, s, u, key):
            fired = (jnp.arange(20) + jnp.round(t / 0.1).astype(int)) % 3 == 0
            sent = jnp.where(fired, 1.0 + jnp.arange(20.0), 0.0) if graded else fired
            return dict(y=s.y + jnp.stack([ops.event_product(sent, wiring) for wiring in wirings])), {}

    module = bn.export.javascript(Delivered(), dt=0.1, record=["y"])
    assert module.text.count("// the synapses of every neuron that fired") == 3
    found = run(f"{module.text} return model.run({{}}, 2);")
    with jax.enable_x64(True):
        ds = bn.simulate(Delivered(), T=2, dt=0.1, record=["y"])
    assert abs(ds.y).max() > 1
    assert apart(found["y"], ds.y) < 1e-14


def test_a_ring_with_marks_is_read_up_to_them(run):
    times = np.random.default_rng(0).uniform(0.5, 9, (4200, 1))
    wiring = dict(weight=0.5, delay=bn.init.Uniform(0.5, 2.0))
    net = bn.networks.Network(
        {
            "from": bn.networks.Population(bn.networks.SpikeTrains(times), 4200),
            "to": bn.networks.Population(bn.neurons.LIF(), 6),
        },
        {
            "on": bn.networks.Projection(
                "from", "to", bn.connect.FixedProbability(0.02), bn.synapses.Exponential(tau=2.0), **wiring
            )
        },
    )
    module = bn.export.javascript(net, dt=0.1, record=["to.V"])
    assert module.text.count("chunk < 132;") == 1  # words of 4200 neurons, of 160 in a row
    found = run(f"{module.text} return model.run({{}}, 10);")
    ds = bn.simulate(net, T=10, dt=0.1, record=["to.V"], precision="float64")
    assert apart(found["to.V"], ds["to.V"]) < 1e-12


def test_a_network_reads_as_its_model():
    text = bn.export.javascript(bn.networks.COBA(160)).text
    assert "const per_E_tau = 1 / E_tau;" in text
    assert "{ // E, EE, IE\n" in text
    assert "EE_synapse_g_new[DATA_EE_indices[synapse]] += EE_weight;" in text
    assert "  // What is the same in every step.\n" in text
    assert text.count("for (;;)") == 0  # no search through packed bits


def test_what_a_function_returns_has_its_name():
    text = bn.export.javascript(bn.neurons.HodgkinHuxley(), I=10.0).text
    equations, step = text.split("// Steps of the method")
    assert "const I_Na = g_Na * (m * (m * m)) * h * (E_Na - V);" in equations
    assert "const dV = (I_Na + I_K + I_L + I) / C;" in equations
    assert "const dm = thermal_factor * (alpha_m * (1 - m) - beta_m * m);" in step
    assert "const alpha_m = 0.1 * (10 * exprel((V_2 + 40) / 10));" in step
    assert "const m_new = m + dt * dm * phi(dt * (thermal_factor * (-alpha_m - beta_m)));" in step


def test_a_function_of_a_user_is_not_taken_for_one_of_ours(run):
    @jax.jit
    def phi(z):
        return -3.0 * z

    class Own(bn.Model):
        """Relaxes by a function that is called like one of the library."""

        x = bn.state(1.0, "1", "what relaxes")

        def vector_field(self, t, s, u):
            return dict(x=phi(s.x))

    module = bn.export.javascript(Own(), dt=0.1, method="rk4")
    assert "function phi(" not in module.text
    found = run(f"{module.text} return model.run({{}}, 1);")
    assert found["x"][-1] == pytest.approx(np.exp(-3.0), rel=1e-3)


def test_a_hostile_text_stays_text(run):
    class Hostile(bn.Model):
        __doc__ = HOSTILE
        tau: bn.Param = bn.param(10.0, "ms", HOSTILE, bounds=(1, 100))
        x = bn.state(1.0, HOSTILE, HOSTILE)

        def vector_field(self, t, s, u):
            return dict(x=-s.x / self.tau)

    module = bn.export.javascript(Hostile())
    assert "</script" not in module.text
    found = run(
        f"{module.text} return [model.about.parameters[0].doc, model.about.states[0].unit, model.run({{}}, 1).x.length];"
    )
    assert found == [HOSTILE, HOSTILE, 10]


def test_what_cannot_be_exported_is_named_with_the_line_of_the_model():
    class Spectral(bn.Model):
        x = bn.state([3.0, 1.0], "1", "numbers")

        def vector_field(self, t, s, u):
            return dict(x=-jnp.fft.rfft(s.x).real)

    with pytest.raises(bn.export.ExportError) as error:
        bn.export.javascript(Spectral())
    line = re.escape("`return dict(x=-jnp.fft.rfft(s.x).real)`")
    assert re.match(rf"`fft` at test_module\.py, line \d+, in vector_field: {line}", str(error.value))
    assert not bn.export.can_export(Spectral())
    assert "`nextafter` in a step of FitzHughNagumo" in bn.export.why_not(
        bn.neurons.FitzHughNagumo(), method=diffrax.Tsit5()
    )


@pytest.mark.parametrize("most", [2, 100, 2**14, 2**31 - 1])
def test_long_tables_of_whole_numbers_are_steps(run, most):
    """Targets of many neurons, one after another: in order within each, and from the begin again."""
    targets = np.sort(np.random.default_rng(1).integers(0, most, (5, 60)).astype(np.int32), 1).reshape(-1)
    written = tables.constant("found", targets, "i32")
    program = "\n".join([*runtime({"unpack"}), written, "return [found.constructor.name, found];"])
    assert "unpack" in written or most > 2**21  # steps of four bytes save nothing
    assert run(program) == ["Int32Array", targets.tolist()]


def test_a_wiring_takes_about_a_byte_a_synapse():
    net = bn.Network(
        populations={"E": bn.Population(bn.neurons.LIF(), 1000)},
        projections={
            "EE": bn.Projection("E", "E", bn.connect.FixedProbability(0.1), bn.synapses.Exponential(), weight=1)
        },
    )
    module = bn.export.javascript(net)
    assert module.size < 1.6 * net.links["EE"].wiring.size  # 4/3 for the letters that stand for bytes
    assert module.text.index("function advance") < module.text.index("// Long tables")


def test_what_no_page_can_hold_is_refused_at_once(monkeypatch):
    monkeypatch.setattr(traced, "LARGEST", 1000)
    with pytest.raises(bn.export.ExportError) as error:
        bn.export.javascript(bn.rates.RateNetwork(20))
    assert str(error.value).endswith(
        "of wiring and other arrays; a module for a page holds at most 0 MB. Build it with fewer neurons."
    )


def test_a_model_with_delays_keeps_its_step(run):
    module = bn.export.javascript(bn.rates.MackeyGlass(), dt=0.5)
    assert module.about["fixedDt"]
    words = run(f"{module.text} try {{ model.run({{}}, 5, {{ dt: 0.1 }}); }} catch (error) {{ return error.message; }}")
    assert words == "dt = 0.1 ms: the delays of this model are written for dt = 0.5 ms."


def test_saved_for_import(tmp_path, fhn):
    assert fhn.save(tmp_path / "fhn.mjs").read_text(encoding="utf8").endswith("export default model;\n")
    assert repr(fhn).startswith("Module(FitzHughNagumo, ")


def test_many_steps_of_a_cell_are_quick(run):
    """20 000 steps of the squid axon: about 8 ms in V8; ten times as long would be felt under a finger."""
    module = bn.export.javascript(bn.neurons.HodgkinHuxley(), dt=0.01, I=10.0)
    times = run(
        f"{module.text} const times = []; for (let k = 0; k < 9; k++) {{ const begun = performance.now();"
        "model.run({ I: 8 + k / 10 }, 200); times.push(performance.now() - begun); } return times;"
    )
    assert np.median(times) < 80
