"""Checks run the student's own model, name what is off and where to, and never print the number."""

import re

import numpy as np
import pytest

import brainnb as bn
from brainnb.core.errors import UnknownName
from brainnb.teach import check, compare
from brainnb.teach.lesson import KEYS, lesson
from brainnb.teach.lessons import l01, l02, l03

pytestmark = pytest.mark.usefixtures("progress_file")

hh = bn.neurons.HodgkinHuxley()
lif = bn.neurons.LIF(tau=20, R=0.1, V_rest=-70, V_th=-50, V_reset=-60, t_ref=2)
rates = None


def curve(scale=1.0, unit="Hz", start=0.0):
    import brainnb.plot.accessor  # noqa: F401

    ds = bn.sweep(hh, {"I": np.linspace(start, 20, 21)}, T=1000, dt=0.05, record=["V"])
    return (scale * ds.bn.rate(start=200)).assign_attrs(units=unit)


class Backwards(bn.neurons.FitzHughNagumo):
    def vector_field(self, t, s, u):
        return dict(super().vector_field(t, s, u), w=-s.w)


class Restless(bn.neurons.FitzHughNagumo):
    """Its third state pushes instead of holding back."""

    g: bn.Param = bn.param(0.05, "1", "strength", bounds=(0, 1))
    z = bn.state(0.0, "1", "excitement")

    def vector_field(self, t, s, u):
        d = super().vector_field(t, s, u)
        return dict(V=d["V"] + self.g * s.z, w=d["w"], z=((s.V > 0) - s.z) / 100)


class Different(Restless):
    """Not the old neuron at g = 0."""

    def vector_field(self, t, s, u):
        d = super().vector_field(t, s, u)
        return dict(d, V=d["V"] - 0.1 * s.z)


def fake_error(method, dt):
    return dt if method == "euler" else dt**4


def first_order(method, dt):
    return l03.error("euler", dt)


WRONG = [
    ("00.1", 4.0, {}, "too few spikes"),
    ("00.1", 20.0, {}, "too many spikes"),
    ("00.1", "seven", {}, "one number"),
    ("00.2", hh, {}, "no parameters differ"),
    ("00.2", hh.replace(C=2.0), {}, "C makes the neuron slower|stops firing"),
    ("00.2", hh.replace(C=0.9, temperature=9), {}, "2 parameters differ"),
    ("00.2", bn.neurons.HodgkinHuxley, {}, "this is the class"),
    ("00.2", lif, {}, "a HodgkinHuxley is needed"),
    ("00.3", [1, 2, 3], {}, "labelled array"),
    ("00.3", lambda: curve(1.1), {}, "off where the neuron fires"),
    ("00.3", lambda: curve(unit="1"), {}, "not Hz"),
    ("00.3", lambda: curve(start=8.0), {}, "do not span"),
    ("00.3", lambda: curve()[::4], {}, "too few currents"),
    ("01.1", 205.0, {"model": lif}, "too large"),
    ("01.1", 195.0, {"model": lif}, "too small"),
    ("01.2", {"tau": 1.0, "R": 0.1}, {}, "a dictionary with tau, R, V_th, t_ref"),
    (
        "01.2",
        {"tau": 500.0, "R": 0.0001, "V_th": 0.0, "t_ref": 90.0},
        {},
        "tau .* too large; R .* too small; V_th .* too high",
    ),
    ("01.3", [1] * 4, {"phase": [0] * 5, "model": lif}, "a list of 5 numbers"),
    ("01.3", [1.0] * 5, {"phase": [30.0] * 5, "model": lif}, "gain at 50 Hz is too large.*cannot come before"),
    ("02.1", 6.0, {"model": hh}, "too small"),
    ("02.1", 7.5, {"model": hh}, "too large"),
    ("02.2", [2, 4, 6, 8, 10], {"chronaxie": 1.7, "model": hh}, "longer pulse should need less"),
    ("02.2", [50, 13.3, 6.9, 1.0, 0.5], {"chronaxie": 1.7, "model": hh}, "charge"),
    (
        "02.2",
        [32.7, 14.5, 7.3, 3.86, 2.35],
        {"chronaxie": 1.7, "model": hh},
        "0.5 ms is too large; the threshold at 1 ms is too large",
    ),
    ("02.2", [32.7, 13.3, 6.92, 3.86, 2.35], {"chronaxie": 3.0, "model": hh}, "too long"),
    ("02.2", [32.7, 13.3, 6.92, 3.86, 2.35], {"chronaxie": 1.0, "model": hh}, "too short"),
    ("02.2", [32.7, 13.3, 6.92, 3.86, 2.35], {"chronaxie": 70.0, "model": hh}, "lies between"),
    ("02.3", 2.79, {"model": hh}, "negative"),
    ("02.3", -5.0, {"model": hh}, "too large"),
    ("03.1", Backwards, {}, "dw/dt differs"),
    ("03.1", lif, {}, "the parameter `a` is missing"),
    ("03.1", 3, {}, "a bn.Model is needed"),
    ("03.2", bn.neurons.FitzHughNagumo, {}, "`g`.* is missing; a third state"),
    ("03.2", Different, {}, "with g = 0 .* dV/dt differs"),
    ("03.2", Restless, {}, "does not fire more slowly"),
    ("03.2", lambda: Restless(g=0), {}, "above 0"),
    ("03.3", fake_error, {}, "not the right size"),
    ("03.3", first_order, {}, "rk4 falls too slowly"),
    ("03.3", 1.0, {}, "a function"),
]

# A number read off somebody else's neuron.
COPIED = [
    ("01.1", 200.0, {"model": lif.replace(R=0.12)}),
    (
        "01.3",
        [0.970, 0.847, 0.623, 0.370, 0.157],
        {"phase": [-14.1, -32.1, -51.5, -68.3, -81.0], "model": lif.replace(tau=10)},
    ),
    ("02.1", 6.92, {"model": hh.replace(temperature=10)}),
    ("02.2", [32.7, 13.3, 6.92, 3.86, 2.35], {"chronaxie": 1.7, "model": hh.replace(g_Na=150)}),
    ("02.3", -2.79, {"model": hh.replace(E_K=-72)}),
]


def given(answer):
    """Answers that need a run are made when they are needed."""
    return answer() if getattr(answer, "__name__", "") == "<lambda>" else answer


@pytest.mark.parametrize(("id", "answer", "more", "says"), WRONG)
def test_a_wrong_answer_is_told_what_is_off(id, answer, more, says, capsys):
    result = check(id, given(answer), **more)
    assert not result.passed
    assert result.token == ""
    assert re.search(says, "; ".join(result.problems))
    assert "PASSED" not in capsys.readouterr().out


@pytest.mark.parametrize(("id", "answer", "more"), COPIED)
def test_a_number_of_another_neuron_does_not_pass(id, answer, more):
    assert not check(id, answer, **more).passed


def test_the_copied_numbers_fit_the_neuron_they_were_read_from():
    for id, answer, more in COPIED:
        owner = lif if id.startswith("01") else hh
        assert check(id, answer, **more | {"model": owner}).passed, id


@pytest.mark.parametrize(("id", "answer", "more"), [(w[0], w[1], w[2]) for w in WRONG if w[0][:2] in ("01", "02")])
def test_no_message_holds_the_number(id, answer, more):
    message = "; ".join(check(id, given(answer), **more).problems)
    asked = {"0.2", "0.5", "1", "2", "5", "10", "20", "50"}  # widths and frequencies that the exercise names
    assert set(re.findall(r"\d+\.?\d*", message)) <= asked


def test_the_unknown_cell_differs_between_students_and_stays_for_one(monkeypatch):
    monkeypatch.setenv("BRAINNB_STUDENT", "ada")
    first, again = bn.teach.specimen("01"), bn.teach.specimen("01")
    assert first.equals(again)
    ada = {n: float(getattr(l01.cell(l01_number("ada"))[0], n)) for n in l01.READ}
    assert check("01.2", ada).passed
    monkeypatch.setenv("BRAINNB_STUDENT", "emmy")
    assert not bn.teach.specimen("01").equals(first)
    assert not check("01.2", ada).passed


def l01_number(name):
    import zlib

    return zlib.crc32(name.encode())


def test_the_specimen_does_not_give_itself_away(monkeypatch):
    monkeypatch.setenv("BRAINNB_STUDENT", "ada")
    attrs = bn.teach.specimen("01").attrs
    assert attrs["parameters"] == attrs["inputs"] == "{}"
    assert "final_state" not in attrs


@pytest.mark.parametrize("student", range(0, 200, 10))
def test_every_unknown_cell_can_be_read(student):
    ds = l01.recording(student)
    assert ds.spike.sum("time").values[0] == 0
    assert ds.spike.sum("time").values[1] >= 2


@pytest.mark.parametrize("answer", [None, ..., {"tau": None, "R": None}])
def test_a_blank_is_not_answered(answer, capsys):
    result = check("01.2", answer)
    assert (result.passed, result.answered, result.problems) == (False, False, ())
    assert "not answered yet" in capsys.readouterr().out


def test_a_blank_among_the_rest_is_not_answered_either():
    assert not check("02.2", [1, 2, 3, 4, 5], chronaxie=None, model=hh).answered


def test_a_pass_prints_a_token_and_is_kept(progress_file, capsys):
    result = check("00.1", 7.0)
    assert result.require() is result
    assert bool(result)
    assert "PASSED 00.1" in capsys.readouterr().out
    assert '"kind": "passed", "id": "00.1"' in progress_file.read_text(encoding="utf8")


def test_require_speaks_to_graders():
    with pytest.raises(AssertionError, match="too few spikes"):
        check("00.1", 1.0).require()


def test_an_answer_that_fails_is_reported_not_raised():
    def broken(method, dt):
        raise KeyError("oops")

    assert check("03.3", broken).problems == ("your answer fails with KeyError: 'oops'",)


def test_unknown_exercises_are_named():
    with pytest.raises(UnknownName, match=r"00\.1, 00\.2, 00\.3"):
        check("00.9", 1)
    with pytest.raises(UnknownName, match="00, 01, 02, 03"):
        check("99.1", 1)


@pytest.mark.parametrize("key", KEYS)
def test_every_exercise_has_three_hints_and_says_what_it_looks_at(key):
    for exercise in lesson(key).exercises.values():
        assert len(set(exercise.hints)) == 3
        assert exercise.looks_at.startswith("The check")


@pytest.mark.parametrize(("width", "expected"), [(0.2, 32.68), (1.0, 6.92), (5.0, 2.35)])
def test_thresholds_of_the_squid_axon(width, expected):
    assert l02.threshold(hh, width, 0.0, 60.0) == pytest.approx(expected, rel=0.01)


def test_release_from_inhibition():
    assert l02.threshold(hh, 20.0, -20.0, 0.0, after=25.0) == pytest.approx(-2.79, rel=0.02)


def test_no_threshold_between_the_limits_is_nan():
    assert np.isnan(l02.threshold(hh, 1.0, 0.0, 2.0))


@pytest.mark.parametrize(
    ("value", "rel", "tol", "found"),
    [(1.0, 0.0, 0.0, []), (1.0199, 0.02, 0.0, []), (1.03, 0.02, 0.0, ["x is too large"]), (0.9, 0.0, 0.05, ["x is too small"])],
)  # fmt: skip
def test_off_names_the_direction(value, rel, tol, found):
    assert compare.off("x", value, 1.0, rel=rel, tol=tol) == found
