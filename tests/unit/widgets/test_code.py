"""The cell that reproduces what is seen, is run here."""

import numpy as np
import pytest
from pages import run_cell

import brainnb as bn
from brainnb.widgets.code import name_of, start_text


def test_the_cell_gives_the_same_dataset(simulator, leaky):
    simulator.set({"tau": 12.5, "gate.tau": 3.3, "I": -1.5, "seed": 4, "T": 30})
    seen = simulator.result
    code = simulator.to_code()
    assert "replace({'tau': 12.5, 'gate.tau': 3.3})" in code
    again = run_cell(code, Leaky=type(leaky))["ds"]
    assert again.equals(seen)
    assert again.attrs["parameters"] == seen.attrs["parameters"]


@pytest.mark.parametrize("name", ["HodgkinHuxley"])
def test_library_models_need_no_other_import(name):
    simulator = bn.widgets.Simulator(getattr(bn.neurons, name)(), T=20.0, dt=0.05, I=8.0)
    simulator.set({"C": 1.1})
    seen = simulator.result
    code = simulator.to_code()
    assert code.startswith(f"import brainnb as bn\n\nmodel = bn.neurons.{name}().replace({{'C': 1.1}})\n")
    assert run_cell(code)["ds"].equals(seen)


def test_names_are_those_of_the_library(leaky):
    assert name_of(bn.neurons.HodgkinHuxley) == "bn.neurons.HodgkinHuxley"
    assert name_of(type(leaky)) == "Leaky"


def test_a_model_that_needs_arguments_is_named(firing):
    class Needy(bn.Model):
        """Needs an argument."""

        tau: bn.Param = bn.param(None, "ms", "time constant")
        x = bn.state(1.0)

        def vector_field(self, t, s, u):
            return dict(x=-s.x / self.tau)

    simulator = bn.widgets.Simulator(Needy(tau=5.0), T=10, dt=0.5)
    simulator.set({"tau": 7.0})
    seen = simulator.result
    code = simulator.to_code()
    assert run_cell(code, model=Needy(tau=5.0))["ds"].equals(seen)


def test_the_start_is_written_or_named(leaky):
    simulator = bn.widgets.Simulator(leaky, T=10.0, dt=0.5, I=1.0, init={"V": -3.0})
    assert "init={'V': -3.0}" in simulator.to_code()
    assert start_text({"U": np.zeros(100)}) == "init"
    assert start_text({"x": lambda t: t}) == "init"


def test_kept_steps_and_method_are_written(leaky):
    simulator = bn.widgets.Simulator(leaky, T=20.0, dt=0.5, every=4, method="euler", I=1.0, record=["V"])
    seen = simulator.result
    code = simulator.to_code()
    assert "record=['V'], every=4, method='euler'" in code
    assert run_cell(code, Leaky=type(leaky))["ds"].equals(seen)


def test_composed_stimuli_are_written_and_run():
    made = bn.inputs.Sequence({"rest": (0, 5), "test": (2 * bn.inputs.Step(start=2) + bn.inputs.Noise(), 10)}, after=-1)
    data = bn.inputs.FromData([0.0, 8.0], [1.0, 2.0], "previous")
    simulator = bn.widgets.Simulator(bn.neurons.LIF(), T=20.0, dt=0.1, I=made.delayed(1) + data, record=["V", "I"])
    simulator.set({"I.sequence.of.test.of.step.factor": 3})
    seen = simulator.result
    code = simulator.to_code()
    assert "bn.inputs.Scaled(of=bn.inputs.Step(amplitude=10.0, start=2.0, baseline=0.0), factor=3.0)" in code
    assert "values=[1.0, 2.0], gain=1.0, offset=0.0, delay=0.0, interpolation='previous'" in code
    assert run_cell(code)["ds"].equals(seen)


def test_parts_of_a_stimulus_stand_under_their_own_headings():
    made = 2 * bn.inputs.Step() + bn.inputs.Sine()
    controls = bn.widgets.Simulator(bn.neurons.LIF(), T=5.0, dt=0.1, I=made).controls
    groups = {path: c.group for path, c in controls.items() if path.startswith("I.")}
    assert groups["I.step.factor"] == "I.step: Scaled"
    assert groups["I.step.of.start"] == "I.step.of: Step"
    assert groups["I.sine.phase"] == "I.sine: Sine"
