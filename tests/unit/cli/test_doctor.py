"""`brainnb doctor`: an installation that works passes, one that does not is told what to type."""

import pytest

import brainnb as bn
from brainnb import cli
from brainnb.cli import doctor


def test_this_installation_works(capsys):
    assert cli.main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "cpu" in said
    assert "50 ms of Hodgkin-Huxley" in said
    assert "Everything works" in said


def test_a_missing_package_names_the_line_that_installs_it(monkeypatch, capsys):
    known = doctor.version
    monkeypatch.setattr(doctor, "version", lambda name: None if name == "panel" else known(name))
    assert cli.main(["doctor"]) == 1
    assert "panel: pip install 'brainnb[lab]'" in capsys.readouterr().out


def test_scripts_need_no_notebooks(monkeypatch, capsys):
    known = doctor.version
    monkeypatch.setattr(doctor, "version", lambda name: None if name in doctor.FOR_NOTEBOOKS else known(name))
    assert cli.main(["doctor"]) == 0
    assert "for scripts nothing is missing" in capsys.readouterr().out


def test_a_missing_extension_is_found(monkeypatch, tmp_path):
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *parts: [str(tmp_path)])
    findings = list(doctor.lab_extensions())
    assert [finding.detail for finding in findings] == ["not found"] * len(doctor.LAB_EXTENSIONS)
    assert all("brainnb[lab]" in finding.fix for finding in findings)


def test_a_missing_kernel_is_told_and_is_nothing_to_fix(monkeypatch):
    monkeypatch.setenv("BRAINNB_KERNELS", "off")
    finding = doctor.networks()
    assert finding.detail == "event products by JAX: switched off by BRAINNB_KERNELS"
    assert not finding.fix


def test_a_run_that_raises_is_a_finding(monkeypatch):
    def broken(*arguments, **options):
        raise RuntimeError("no backend")

    monkeypatch.setattr(bn, "simulate", broken)
    finding = doctor.trial_run()
    assert finding.detail == "RuntimeError: no backend"
    assert finding.fix


def test_a_neuron_that_stays_silent_is_a_finding(monkeypatch):
    silent = bn.simulate(bn.neurons.HodgkinHuxley(), T=5.0, dt=0.05)
    monkeypatch.setattr(bn, "simulate", lambda *arguments, **options: silent)
    finding = doctor.trial_run()
    assert "no spike" in finding.detail
    assert finding.fix


@pytest.mark.parametrize("words", [["lab", "--port", "99999"], ["app"], ["nosuch"]])
def test_words_that_mean_nothing_are_refused(words, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(words)
    assert "usage: brainnb" in capsys.readouterr().err


def test_the_version(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])
    assert capsys.readouterr().out.split() == ["brainnb", bn.__version__]
