"""Mistakes with stores and precision: what is wrong, what is safe, what to do."""

import os
import shutil
from types import SimpleNamespace

import jax.numpy as jnp
import pytest

import brainnb as bn
from brainnb.run import store

MISTAKES = {
    "a number as store": ("bn.simulate(hh, T=1, store=3)", bn.ModelError, ["store=3", "store='run.zarr'"]),
    "an address as store": (
        "bn.simulate(hh, T=1, store='s3://mine/run')",
        bn.ModelError,
        ["s3://mine/run", "on this machine"],
    ),
    "an empty name": ("bn.simulate(hh, T=1, store='')", bn.ModelError, ["store=''", "store='run.zarr'"]),
    "True as store": ("bn.simulate(hh, T=1, store=True)", bn.ModelError, ["store=True", "store='run.zarr'"]),
    "a file as store": (
        "open('notes.txt', 'w').close()\nbn.simulate(hh, T=1, store='notes.txt')",
        bn.StoreError,
        ["notes.txt", "no folder can be made here", "new folder"],
    ),
    "a folder with other things": (
        "import pathlib; pathlib.Path('mine').mkdir(); pathlib.Path('mine/thesis.tex').touch()\nbn.simulate(hh, T=1, store='mine')",
        bn.StoreError,
        ["mine is not empty", "nothing was changed", "new folder"],
    ),
    "another's zarr": (
        "import zarr; zarr.open_group('other.zarr', mode='w')\nbn.simulate(hh, T=1, store='other.zarr')",
        bn.StoreError,
        ["other.zarr is not empty", "nothing was changed"],
    ),
    "open nothing": ("bn.open_run('gone.zarr')", bn.StoreError, ["no store gone.zarr"]),
    "open a folder": ("bn.open_run('.')", bn.StoreError, ["no store that bn.simulate(..., store=...) wrote"]),
    "open a Dataset": ("bn.open_run(bn.simulate(hh, T=1))", bn.ModelError, ["path of a folder"]),
    "another parameter": (
        "bn.simulate(hh, T=1, store='a')\nbn.simulate(hh.replace(C=2.0), T=1, store='a')",
        bn.StoreError,
        ["a holds another run", "parameter `C` is 1.0 in the store, 2.0 now", "another store="],
    ),
    "another input": (
        "bn.simulate(hh, T=1, I=1, store='a')\nbn.simulate(hh, T=1, I=bn.inputs.Step(amplitude=1), store='a')",
        bn.StoreError,
        ["input `I` is 1.0 in the store", "'stimulus': 'Step'"],
    ),
    "another model": (
        "bn.simulate(hh, T=1, store='a')\nbn.simulate(fhn, T=1, store='a')",
        bn.StoreError,
        ["model is HodgkinHuxley in the store, Fhn now"],
    ),
    "another duration and step": (
        "bn.simulate(hh, T=1, store='a')\nbn.simulate(hh, T=2, dt=0.05, seed=1, store='a')",
        bn.StoreError,
        ["dt is 0.1 in the store, 0.05 now", "T is 1.0 in the store, 2.0 now", "seed is 0 in the store, 1 now"],
    ),
    "another start": (
        "bn.simulate(hh, T=1, store='a')\nbn.simulate(hh, T=1, init={'V': -50}, store='a')",
        bn.StoreError,
        ["the initial state differs"],
    ),
    "another record": (
        "bn.simulate(hh, T=1, record='V', store='a')\nbn.simulate(hh, T=1, record=['V', 'm'], store='a')",
        bn.StoreError,
        ["record is ['V'] in the store, ['V', 'm'] now"],
    ),
    "another every": (
        "bn.simulate(hh, T=1, store='a')\nbn.simulate(hh, T=1, every=2, store='a')",
        bn.StoreError,
        ["every is 1 in the store, 2 now"],
    ),
    "another method": (
        "bn.simulate(hh, T=1, store='a')\nbn.simulate(hh, T=1, method='rk4', store='a')",
        bn.StoreError,
        ["method is strang in the store, rk4 now"],
    ),
    "another tolerance": (
        """
        bn.simulate(fhn, T=1, method='rkdp', store='a')
        bn.simulate(fhn, T=1, method=bn.integrators.DormandPrince(rtol=1e-3), store='a')
        """,
        bn.StoreError,
        ["method is rkdp in the store, rkdp(rtol=0.001) now"],
    ),
    "another sense of the noise": (
        """
        class Noisy(Fhn):
            def diffusion(self, t, s, u):
                return dict(V=0.1)
        bn.simulate(Noisy(), T=1, method='milstein', store='a')
        bn.simulate(Noisy(), T=1, method=bn.integrators.Milstein(integral='stratonovich'), store='a')
        """,
        bn.StoreError,
        ["method is milstein in the store, milstein (stratonovich) now"],
    ),
    "another precision": (
        "bn.simulate(hh, T=1, store='a')\nbn.simulate(hh, T=1, precision='float64', store='a')",
        bn.StoreError,
        ["precision is float32 in the store, float64 now"],
    ),
    "another size": (
        "bn.simulate(hh, T=1, store='a')\nbn.simulate(hh, T=1, size=3, store='a')",
        bn.StoreError,
        ["size is [] in the store, [3] now"],
    ),
    "a store below a file": (
        "open('notes.txt', 'w').close()\nbn.simulate(hh, T=1, store='notes.txt/run')",
        bn.StoreError,
        ["notes.txt/run", "no folder can be made here", "nothing was kept"],
    ),
    "a name that no disk takes": (
        "bn.simulate(hh, T=1, store='x' * 300)",
        bn.StoreError,
        ["File name too long", "nothing was kept there"],
    ),
    "a name with a zero in it": ("bn.simulate(hh, T=1, store='a\\0b')", bn.ModelError, ["the path of a folder"]),
    "a store of zarr": (
        "import zarr\nbn.simulate(hh, T=1, store=zarr.storage.MemoryStore())",
        bn.ModelError,
        ["store=MemoryStore", "the path of a folder on this machine"],
    ),
    "open a file": ("open('a.txt', 'w').close()\nbn.open_run('a.txt')", bn.StoreError, ["a.txt is no store"]),
    "open an empty header": (
        "import os; os.mkdir('a'); open('a/run.json', 'w').close()\nbn.open_run('a')",
        bn.StoreError,
        ["a: run.json is damaged", "Nothing was changed"],
    ),
    "another equation": (
        """
        bn.simulate(fhn, T=1, store='a')
        Other = type('Fhn', (Fhn,), {'__module__': 'later', 'vector_field': lambda self, t, s, u: dict(V=-s.V, w=-s.w)})
        bn.simulate(Other(), T=1, store='a')
        """,
        bn.StoreError,
        ["the equations of the model differ"],
    ),
    "another long stimulus": (
        """
        x = np.linspace(0, 1, 100)
        bn.simulate(hh, T=1, I=x, size=100, store='a')
        bn.simulate(hh, T=1, I=x**2, size=100, store='a')
        """,
        bn.StoreError,
        ["input `I` is an array of shape (100,), 0 to 1 in the store"],
    ),
    "a damaged header": (
        """
        import pathlib
        bn.simulate(hh, T=1, store='a')
        file = pathlib.Path('a/run.json'); file.write_text(file.read_text().replace('HodgkinHuxley', 'HodgkinHaxley'))
        bn.open_run('a')
        """,
        bn.StoreError,
        ["a: run.json is damaged", "Nothing was changed"],
    ),
    "a lost count": (
        "import os; bn.simulate(hh, T=1, store='a'); os.remove('a/valid.json')\nbn.simulate(hh, T=1, store='a')",
        bn.StoreError,
        ["valid.json is missing", "how much"],
    ),
    "a count of another run": (
        """
        import shutil
        bn.simulate(hh, T=1, store='a'); bn.simulate(hh, T=2, store='b'); shutil.copy('b/valid.json', 'a')
        bn.open_run('a')
        """,
        bn.StoreError,
        ["of two runs"],
    ),
    "a store of a later version": (
        """
        from brainnb.run import sealed; import pathlib
        bn.simulate(hh, T=1, store='a'); file = pathlib.Path('a/run.json')
        sealed.write(file, sealed.read(file) | {'layout': 99})
        bn.open_run('a')
        """,
        bn.StoreError,
        ["a layout this version does not know", "pip install -U brainnb"],
    ),
    "left by another host": (
        """
        import pathlib
        pathlib.Path('a').mkdir(); pathlib.Path('a/writer.lock').write_text('{"pid": 12, "host": "elsewhere"}')
        bn.simulate(hh, T=1, store='a')
        """,
        bn.StoreError,
        ["process 12 on elsewhere", "did not finish", "delete writer.lock"],
    ),
    "an unknown precision": (
        "bn.simulate(hh, T=1, precision='double')",
        bn.ModelError,
        ["precision='double'", "'float64'"],
    ),
    "half precision": (
        "bn.simulate(hh, T=1, precision='float16')",
        bn.ModelError,
        ["precision='float16'", "'float64'"],
    ),
    "precision as an answer": ("bn.simulate(hh, T=1, precision=True)", bn.ModelError, ["precision=True", "'float32'"]),
    "precision in bits": ("bn.sweep(hh, {'I': [1]}, T=1, precision=64)", bn.ModelError, ["precision=64", "'float64'"]),
    "a sweep into a store": ("bn.sweep(hh, {'I': [1]}, T=1, store='a')", bn.UnknownName, ["`store`"]),
}


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(mistake, answers):
    answers(*MISTAKES[mistake])


def broken_while_running(monkeypatch, in_chunks_of, break_it):
    """A run in small pieces during which something happens to the store."""
    monkeypatch.setattr(store, "PIECE_BYTES", 1024)
    in_chunks_of(100)
    happened = []

    def progress(fraction):
        if fraction > 0.5 and not happened:
            happened.append(fraction)
            break_it()

    with pytest.raises(bn.StoreError) as caught:
        bn.simulate(bn.neurons.HodgkinHuxley(), T=200, store="run.zarr", progress=progress)
    return caught.value


def test_a_store_that_vanishes_is_told_and_not_made_again(monkeypatch, in_chunks_of, tmp_path):
    error = broken_while_running(monkeypatch, in_chunks_of, lambda: shutil.rmtree("run.zarr"))
    assert "the store was removed while the run was writing; nothing was kept there" in str(error)
    assert not (tmp_path / "run.zarr").exists()


@pytest.mark.parametrize(
    ("number", "words"), [(28, "the disk is full"), (30, "may not be written"), (5, "Input/output error")]
)
def test_what_the_disk_refuses_is_told_with_what_is_safe(monkeypatch, in_chunks_of, number, words):

    def refuse(moment):
        raise OSError(number, os.strerror(number))

    error = broken_while_running(monkeypatch, in_chunks_of, lambda: monkeypatch.setattr(store, "reached", refuse))
    assert words in str(error)
    safe = error.partial.time.values[-1]
    assert f"{safe:.10g} of 200 ms are safe there" in str(error)
    assert error.partial.attrs["status"] == f"interrupted at t={safe:.10g} ms"
    monkeypatch.setattr(store, "reached", lambda moment: None)
    whole = bn.simulate(bn.neurons.HodgkinHuxley(), T=200, store="run.zarr")
    assert jnp.array_equal(whole.V.values[: error.partial.sizes["time"]], error.partial.V.values)
    assert whole.sizes["time"] == 2000


def test_too_little_room_is_a_warning_before_the_first_step(monkeypatch):
    monkeypatch.setattr(store.shutil, "disk_usage", lambda folder: SimpleNamespace(free=1))
    with pytest.warns(UserWarning, match=r"may need up to .* GB.*are free") as warned:
        bn.simulate(bn.neurons.HodgkinHuxley(), T=1, store="run.zarr")
    assert warned[0].filename == __file__
