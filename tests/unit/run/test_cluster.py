"""Sweeps on a real cluster of processes: workers die, points are poisonous, the client goes away."""

import json
import logging
import os
import signal
import time

import dask
import distributed
import jax
import numpy as np
import pytest

import brainnb as bn

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:distributed"),
    pytest.mark.filterwarnings("ignore:The cluster has no workers"),  # while they start again on a busy machine
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # what a killed process leaves open
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def cluster():
    patient = {"distributed.deploy.lost-worker-timeout": "120s", "distributed.comm.timeouts.connect": "60s"}
    with (
        dask.config.set(patient),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=":0",
            silence_logs=logging.CRITICAL,
        ) as found,
    ):
        yield found


@pytest.fixture
def client(cluster):
    with distributed.Client(cluster, set_as_default=False) as found:  # other tests use dask without a cluster
        found.wait_for_workers(1, timeout=60)
        yield found


def in_a_notebook():
    """A model whose class no other process can import."""

    class Leaky(bn.Model):
        """A leaky membrane."""

        tau: bn.Param = bn.param(20.0, "ms", "time constant", bounds=(1, 100))
        leak: bn.channels.Leak = bn.part(bn.channels.Leak)
        V = bn.state(0.0, "mV", "membrane potential")
        I = bn.input(0.0, "mV", "drive")

        def vector_field(self, t, s, u):
            return dict(V=(u.I - s.V) / self.tau)

        def diffusion(self, t, s, u):
            return dict(V=0.1)

    return Leaky()


def callback(function):
    """A reduction that calls Python at every point, with the drive of the point."""

    def reduce(rows):
        shape = jax.ShapeDtypeStruct((), rows["I"].dtype)
        told = jax.pure_callback(function, shape, rows["I"][0], vmap_method="sequential")
        return {"V": rows["V"][-1], "told": told}

    return reduce


def test_a_cluster_gives_what_this_process_gives(client):
    model, values, seen = in_a_notebook(), {"I": [0.0, 1.0], "tau": [5.0, 10.0]}, []
    run = dict(T=5, seed=3, chunk=2)
    there = bn.sweep(model, values, client=client, progress=seen.append, **run)
    here = bn.sweep(model, values, **run)
    assert there.V.dtype == np.float64
    assert there.assign_attrs(wall_time=0).identical(here.assign_attrs(wall_time=0))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    pair = bn.stack({"a": model, "b": model.replace(tau=40.0)})
    points = bn.run.designs.zipped({"I.amplitude": [1.0, 2.0], "leak.E": [-60.0, -65.0]})
    more = dict(T=5, reduce=lambda rows: {"top": rows["V"].max(0)}, precision="float32", size=4, chunk=1)
    more |= dict(I=bn.inputs.Step(start=1.0))
    there, here = (bn.sweep(pair, points, client=c, **more) for c in (client, None))
    assert (there.top.dtype, there.top.dims) == (np.float32, ("model", "point", "neuron"))
    assert there.drop_attrs().identical(here.drop_attrs())


def test_stop_keeps_what_came_back(client):
    nap = callback(lambda I: time.sleep(0.05) or I)
    ds = bn.sweep(
        in_a_notebook(),
        {"I": np.arange(40.0)},
        T=1,
        record=["V", "I"],
        chunk=1,
        reduce=nap,
        client=client,
        progress=lambda fraction: fraction < 0.2,
    )
    came = np.isfinite(ds.V)
    assert ds.attrs["status"] == f"stopped at {float(came.mean()):.0%}"
    assert 0.2 <= came.mean() < 1
    np.testing.assert_array_equal(ds.told[came], ds.I[came])


def test_a_killed_worker_costs_no_point(client):
    nap = callback(lambda I: time.sleep(0.05) or I)
    workers = list(client.run(os.getpid).values())
    killed = []

    def kill(fraction):
        if fraction > 0.2 and not killed:
            os.kill(workers[0], signal.SIGKILL)
            killed.append(fraction)

    run = dict(T=1, chunk=1)
    drives = np.arange(40.0)
    ds = bn.sweep(in_a_notebook(), {"I": drives}, record=["V", "I"], reduce=nap, client=client, progress=kill, **run)
    assert killed[0] < 1
    assert ds.attrs["status"] == "finished"
    np.testing.assert_array_equal(ds.told, drives)
    np.testing.assert_array_equal(ds.V, bn.sweep(in_a_notebook(), {"I": drives}, **run).V[:, -1])


def test_poisonous_points_are_named_and_the_others_kept(client, cluster):
    cluster.scheduler.allowed_failures = 1  # two deaths are enough to be suspected: the default only takes longer

    def poison(I):
        if I == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        if I == 5:
            raise RuntimeError("too hot")
        return I

    with pytest.warns(UserWarning, match=r"2 of 6 points failed and hold NaN, the first at I=2.0: every worker"):
        ds = bn.sweep(
            in_a_notebook(),
            {"I": np.arange(6.0)},
            T=1,
            record=["V", "I"],
            chunk=2,
            reduce=callback(poison),
            client=client,
        )
    good = ~np.isin(ds.I, [2, 5])
    np.testing.assert_array_equal(ds.told[good], ds.I[good])
    assert np.isnan(ds.V[~good]).all()
    assert ds.attrs["status"] == "2 of 6 points failed"
    failed = json.loads(ds.attrs["failed"])
    assert [point["point"] for point in failed] == [{"I": 2.0}, {"I": 5.0}]
    assert "died" in failed[0]["error"]
    assert failed[1]["error"] == "RuntimeError: too hot"


def test_a_client_that_is_closed_keeps_what_came_back(client):
    nap = callback(lambda I: time.sleep(0.05) or I)

    def close(fraction):
        if fraction > 0.2:
            client.close()

    with pytest.raises(bn.ClusterError, match=r"client was closed while the sweep ran\. \d+ of 40 points") as caught:
        bn.sweep(
            in_a_notebook(),
            {"I": np.arange(40.0)},
            T=1,
            record=["V", "I"],
            chunk=1,
            reduce=nap,
            client=client,
            progress=close,
        )
    partial = caught.value.partial
    came = np.isfinite(partial.V)
    assert 0.2 < came.mean() < 1
    np.testing.assert_array_equal(partial.told[came], partial.I[came])
    with pytest.raises(bn.ClusterError, match="client is closed; connect again"):
        bn.sweep(in_a_notebook(), {"I": [1.0]}, T=1, client=client)
