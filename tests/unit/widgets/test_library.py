"""Every exported neuron under sliders: it shows something, and no move compiles."""

import numpy as np
import pytest
from pages import run_cell

import brainnb as bn

NEURONS = [cls for name in bn.neurons.__all__ if isinstance(cls := getattr(bn.neurons, name), type) and name != "Cell"]


@pytest.mark.parametrize("cls", NEURONS, ids=lambda cls: cls.__name__)
def test_a_hundred_moves_of_every_control_compile_once(cls):
    simulator = bn.widgets.Simulator(cls(), T=5.0, dt=0.05)
    assert simulator.result.sizes["time"] == 100
    before = bn.run.cache.trace_count()
    for path, control in simulator.controls.items():
        if path in ("T", "dt"):
            continue
        near = 0.02 * (control.high - control.low)
        for i, number in enumerate(np.linspace(control.default - near, control.default + near, 100)):
            number = np.clip(number, control.low, control.high)
            simulator.set({path: (float, np.float32, np.float64)[i % 3](number)})
        whole = int(np.clip(round(control.default), np.ceil(control.low), np.floor(control.high)))
        if control.low <= whole <= control.high:
            control.value = whole
        simulator.wait()
        control.reset()
    simulator.wait()
    assert bn.run.cache.trace_count() == before
    assert simulator.shown.text


@pytest.mark.parametrize("cls", NEURONS, ids=lambda cls: cls.__name__)
def test_every_control_has_a_unit_and_a_meaning(cls):
    for path, control in bn.widgets.Simulator(cls(), T=5.0, dt=0.05).controls.items():
        assert control.doc, path
        assert control.unit, path
        assert control.low <= control.default <= control.high, path


@pytest.mark.parametrize("cls", NEURONS, ids=lambda cls: cls.__name__)
def test_every_preset_can_be_taken(cls):
    simulator = bn.widgets.Simulator(cls(), T=5.0, dt=0.05)
    for name in simulator.presets():
        simulator.use_preset(name)
        assert simulator.result.sizes["time"] == 100


@pytest.mark.parametrize("stimulus", ["Step", "Pulses", "Sine", "Ramp"])
def test_stimuli_have_sliders_of_their_own(stimulus):
    made = getattr(bn.inputs, stimulus)()
    simulator = bn.widgets.Simulator(bn.neurons.LIF(), T=50.0, dt=0.1, I=made)
    paths = [p for p in simulator.controls if p.startswith("I.")]
    assert paths == [f"I.{p}" for p in made.parameters()]
    _ = simulator.result
    before = bn.run.cache.trace_count()
    for path in paths:
        control = simulator.controls[path]
        control.value = control.default + 0.1 * (control.high - control.default)
        _ = simulator.result
    assert bn.run.cache.trace_count() == before
    assert [p.kind for p in simulator.shown.panels][-1] == "input"
    again = run_cell(simulator.to_code())
    np.testing.assert_array_equal(again["ds"].V, simulator.result.V)
