"""Mistakes with clusters, devices and stacks: what is wrong, and what to type instead."""

import sys

import distributed
import pytest

import brainnb as bn

MISTAKES = {
    "an address as client": (
        "bn.sweep(hh, {'I': [1]}, T=1, client='tcp://node:8786')",
        bn.ModelError,
        ["client='tcp://node:8786'", "distributed.Client('tcp://node:8786')"],
    ),
    "a number as client": ("bn.sweep(hh, {'I': [1]}, T=1, client=4)", bn.ModelError, ["client=", "Client", "got int"]),
    "a pool as client": (
        "import concurrent.futures as c\nbn.sweep(hh, {'I': [1]}, T=1, client=c.ThreadPoolExecutor())",
        bn.ModelError,
        ["dask.distributed.Client", "got ThreadPoolExecutor"],
    ),
    "client and devices": (
        "bn.sweep(hh, {'I': [1]}, T=1, client=client, devices=1)",
        bn.ModelError,
        ["devices= and client=", "every worker"],
    ),
    "a closed client": (
        "client.status = 'closed'\nbn.sweep(hh, {'I': [1]}, T=1, client=client)",
        bn.ClusterError,
        ["The client is closed", "connect again"],
    ),
    "an asynchronous client": (
        "client.asynchronous = True\nbn.sweep(hh, {'I': [1]}, T=1, client=client)",
        bn.ModelError,
        ["asynchronous=True", "a client that waits"],
    ),
    "a cluster as client": (
        "import distributed\nbn.sweep(hh, {'I': [1]}, T=1, client=cluster)",
        bn.ModelError,
        ["client= got a LocalCluster", "cluster.get_client()"],
    ),
    "a reduce that cannot travel": (
        """
        import threading
        lock = threading.Lock()
        def reduce(rows):
            lock
            return {'m': rows['V'].max()}
        bn.sweep(hh, {'I': [1]}, T=1, client=client, reduce=reduce)
        """,
        bn.ModelError,
        ["reduce= cannot be sent to a worker", "lock", "keep open files"],
    ),
    "an input that cannot travel": (
        """
        with open('notes', 'w') as file:
            bn.sweep(hh, {'C': [1]}, T=1, client=client, I=lambda t: (file, t)[1])
        """,
        bn.ModelError,
        ["input `I` cannot be sent to a worker", "keep open files"],
    ),
    "a wrong reduce": (
        "bn.sweep(hh, {'I': [1]}, T=1, client=client, reduce=lambda rows: rows['v'].max())",
        bn.UnknownName,
        ["reduce", "`v`", "`V`"],
    ),
    "a reduce that gives a number": (
        "bn.sweep(hh, {'I': [1]}, T=1, client=client, reduce=lambda rows: rows['V'].max())",
        bn.ModelError,
        ["reduce returned", "a dict of name to value"],
    ),
    "more devices than there are": (
        "bn.sweep(hh, {'I': [1]}, T=1, devices=64)",
        bn.ModelError,
        ["devices=64", "this machine has", "devices=None takes all"],
    ),
    "no devices": ("bn.sweep(hh, {'I': [1]}, T=1, devices=0)", bn.ModelError, ["devices=0", "this machine has"]),
    "an empty list of devices": ("bn.sweep(hh, {'I': [1]}, T=1, devices=[])", bn.ModelError, ["devices: 0 given"]),
    "a device by name": (
        "bn.sweep(hh, {'I': [1]}, T=1, devices='gpu')",
        bn.ModelError,
        ["devices='gpu'", "jax.devices()"],
    ),
    "devices by name": (
        "bn.sweep(hh, {'I': [1]}, T=1, devices=['cpu:0'])",
        bn.ModelError,
        ["'cpu:0' is no device", "jax.devices()", "Here:"],
    ),
    "a device twice": (
        "bn.sweep(hh, {'I': [1]}, T=1, devices=[jax.devices()[0]] * 2)",
        bn.ModelError,
        ["2 given, 1 of them different", "once"],
    ),
    "a list of models": ("bn.sweep([hh, hh], T=1)", bn.ModelError, ["Got list", "bn.stack"]),
    "a stack to simulate": ("bn.simulate(bn.stack([hh]), T=1)", bn.ModelError, ["Got Stack", "bn.sweep"]),
    "one model to stack": ("bn.stack(hh)", bn.ModelError, ["several models", "got HodgkinHuxley"]),
    "nothing to stack": ("bn.stack([])", bn.ModelError, ["no models", "bn.stack([a, b])"]),
    "classes to stack": ("bn.stack([Fhn, Fhn])", bn.ModelError, ["the class Fhn", "Fhn()"]),
    "models of two kinds": (
        "bn.stack({'one': hh, 'two': fhn})",
        bn.ModelError,
        ["model one and model two", "HodgkinHuxley", "Fhn", "one kind of model"],
    ),
    "models with other parts": (
        "bn.stack([cell, bn.neurons.Cell({'K': bn.channels.PotassiumHH1952()})])",
        bn.ModelError,
        ["the first has the parts K, leak", "the second K"],
    ),
    "parts of another kind": (
        "bn.stack([cell, bn.neurons.Cell({'K': bn.channels.Leak(), 'leak': bn.channels.Leak()})])",
        bn.ModelError,
        ["`K`", "PotassiumHH1952", "Leak"],
    ),
    "models of another shape": (
        "bn.stack([Fhn(), Fhn(tau=[10, 20])])",
        bn.ModelError,
        ["`tau` has shape ()", "(2,)", "model 0 and model 1"],
    ),
    "models of another structure": (
        """
        class Way(Fhn):
            way: str = bn.static('left')
        bn.stack([Way(), Way(way='right')])
        """,
        bn.ModelError,
        ["`way` is structure", "'left'", "'right'", "Only parameters"],
    ),
    "a cell that was run again": (
        "bn.stack([Fhn(), type('Fhn', (Fhn,), {'__module__': 'later'})()])",
        bn.ModelError,
        ["two classes that are both called Fhn", "Build all models anew"],
    ),
    "swept and different": (
        "bn.sweep(bn.stack([hh, hh.replace(C=2)]), {'C': [1, 2]}, T=1)",
        bn.ModelError,
        ["`C` differs between the models", "swept by `C`"],
    ),
    "swept and recorded": (
        "bn.sweep(hh, {'I': [1, 2]}, T=1, record=['V', 'I'])",
        bn.ModelError,
        ["`I` is swept", "leave it out of record="],
    ),
}


class Client(distributed.Client):
    """A client that never connects: mistakes are found before anything is sent."""

    status, asynchronous, loop = "running", False, None

    def __init__(self):
        return None

    def nthreads(self):
        return {"here": 2}

    def submit(self, *arguments, **named):
        raise AssertionError("a task was sent before the mistake was found")

    __del__ = close = __repr__ = lambda self, *_: ""


@pytest.fixture
def names(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return dict(client=Client(), cluster=type("LocalCluster", (), {"get_client": None})())


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(mistake, answers, names):
    typed, error, words = MISTAKES[mistake]
    answers(typed, error, words, names)


def test_without_dask(answers, names, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    answers("bn.sweep(hh, {'I': [1]}, T=1, client=3)", bn.ModelError, ["pip install 'brainnb[cluster]'"])
