"""`brainnb app`: which model is meant, and who is let in."""

import sys

import panel
import pytest

import brainnb as bn
from brainnb import cli
from brainnb.cli import app

TWO_MODELS = '''
import brainnb as bn
from brainnb.neurons import LIF

class Decay(bn.Model):
    """A leaky something."""
    tau: bn.Param = bn.param(10.0, "ms", "time constant", bounds=(1, 100))
    x = bn.state(1.0, "1", "what decays")

    def vector_field(self, t, s, u):
        return dict(x=-s.x / self.tau)

slow = Decay(tau=50.0)
'''


@pytest.fixture
def own_file(tmp_path, monkeypatch):
    # Running a file changes these two; a test leaves them as they were.
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.delitem(sys.modules, app.MODULE_NAME, raising=False)
    path = tmp_path / "two_models.py"
    path.write_text(TWO_MODELS)
    return path


def test_a_name_of_the_library():
    assert isinstance(app.find_model("HodgkinHuxley"), bn.neurons.HodgkinHuxley)


def test_a_preset():
    name, presets = next((n, c.presets()) for n, c in app.library().items() if c.presets())
    preset = next(iter(presets))
    model = app.find_model(f"{name}.{preset}")
    assert model.parameters() == presets[preset]().parameters()


def test_a_class_and_an_instance_of_a_file(own_file):
    assert app.find_model(f"{own_file}:Decay").parameters()["tau"].value == 10.0
    assert app.find_model(f"{own_file}:slow").parameters()["tau"].value == 50.0


def test_a_file_with_several_models_asks_which(own_file):
    with pytest.raises(cli.UsageError, match=r"say which model .*two_models\.py:NAME\. Known: Decay, slow\."):
        app.find_model(str(own_file))


def test_a_file_with_one_model_needs_no_name(own_file):
    own_file.write_text(TWO_MODELS.replace("slow = Decay(tau=50.0)", ""))
    assert type(app.find_model(str(own_file))).__name__ == "Decay"


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        ("HodkinHuxley", r"no model 'HodkinHuxley'\. Did you mean HodgkinHuxley\? Known: .*LIF"),
        ("hodgkinhuxley", r"Did you mean HodgkinHuxley\?"),
        ("LIF.nosuch", r"LIF has no preset 'nosuch'\."),
        ("nowhere.py:M", r"there is no file nowhere\.py"),
    ],
)
def test_unknown_names_answer_with_the_known_ones(target, answer):
    with pytest.raises(cli.UsageError, match=answer):
        app.find_model(target)


def test_a_file_may_import_its_neighbour(own_file):
    (own_file.parent / "my_constants.py").write_text("TAU = 33.0")
    own_file.write_text("from my_constants import TAU\n" + TWO_MODELS.replace("50.0", "TAU"))
    assert app.find_model(f"{own_file}:slow").parameters()["tau"].value == 33.0


def test_a_file_may_be_called_like_a_library(own_file):
    path = own_file.rename(own_file.with_name("jax.py"))
    before = sys.modules["jax"]
    assert app.find_model(f"{path}:slow").parameters()["tau"].value == 50.0
    assert sys.modules["jax"] is before


def test_an_unknown_name_in_a_file(own_file):
    with pytest.raises(cli.UsageError, match=r"has no model 'Decai'\. Did you mean Decay\?"):
        app.find_model(f"{own_file}:Decai")


def test_a_mistake_inside_the_file_is_shown_whole(own_file):
    own_file.write_text("1 / 0")
    with pytest.raises(ZeroDivisionError):
        app.find_model(f"{own_file}:M")


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_this_machine_needs_no_permission(address):
    app.check_address(address, [])


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.5", "::", "my-laptop"])
def test_other_machines_need_one(address):
    with pytest.raises(cli.UsageError, match=r"other machines .* --allow HOST"):
        app.check_address(address, [])
    app.check_address(address, ["my-laptop"])


def test_an_address_is_refused_before_anything_is_run(own_file, capsys):
    own_file.write_text("raise SystemExit('was run')")
    assert cli.main(["app", f"{own_file}:M", "--address", "0.0.0.0"]) == 2
    assert "--allow HOST" in capsys.readouterr().err


def test_what_is_served(monkeypatch):
    served = {}
    monkeypatch.setattr(panel, "serve", lambda pages, **options: served.update(options, pages=pages))
    assert cli.main(["app", "LIF", "--port", "5999", "--no-browser"]) == 0
    assert list(served["pages"]) == ["LIF"]
    assert served["address"] == "127.0.0.1"
    assert served["port"] == 5999
    assert served["show"] is False
    assert served["websocket_origin"] == ["127.0.0.1:5999", "localhost:5999"]


def test_every_visitor_gets_their_own(monkeypatch):
    served = {}
    monkeypatch.setattr(panel, "serve", lambda pages, **options: served.update(pages))
    cli.main(["app", "LIF", "--no-browser"])
    assert served["LIF"]() is not served["LIF"]()
