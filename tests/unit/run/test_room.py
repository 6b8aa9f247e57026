"""Memory for recordings: used again when nobody looks at it any more, never before."""

import gc
import threading

import numpy as np
import pytest

import brainnb as bn
from brainnb.run import room

BIG = (room.LEAST // 4 + 1,)


@pytest.fixture(autouse=True)
def _empty(monkeypatch):
    monkeypatch.setattr(room, "_waiting", {})


def address(x: np.ndarray) -> int:
    return x.__array_interface__["data"][0]


def test_memory_serves_again_when_the_array_is_gone():
    first = room.array(BIG, np.float32)
    there = address(first)
    del first
    assert address(room.array(BIG, np.float32)) == there


def test_a_view_keeps_the_memory_from_being_used():
    first = room.array((4, *BIG), np.float32)
    first[:] = 7.0
    part = first[2, 10:20].reshape(2, 5).T
    del first
    room.array((4, *BIG), np.float32)[:] = 8.0
    assert (part == 7.0).all()


def test_other_shapes_and_types_fit_where_there_is_room_and_not_far_too_much():
    there = address(room.array((2 * room.LEAST,), bool))
    assert address(room.array((3 * room.LEAST // 8,), np.float32)) == there
    assert len(room._waiting) == 1
    kept = room.array((2 * room.LEAST // 3,), np.uint8)  # less than half: it would hold the rest for nothing
    assert address(kept) != there


def test_small_arrays_are_the_allocators():
    room.array((10,), np.float64)
    assert not room._waiting


def test_what_waits_is_bounded_and_the_oldest_goes(monkeypatch):
    monkeypatch.setattr(room, "MOST", 3 * room.LEAST)
    arrays = [room.array((room.LEAST,), np.uint8) for _ in range(5)]
    places = [address(x) for x in arrays]
    while arrays:
        del arrays[0]
    assert [address(x) for x in room._waiting.values()] == places[2:]
    too_big = room.array((4 * room.LEAST,), np.uint8)
    del too_big
    assert len(room._waiting) == 3


def test_a_kept_result_is_never_written_over():
    """Two runs whose rasters are of one size, from several threads, each with its own numbers."""
    model = bn.neurons.LIF()
    found: dict[float, list] = {}

    def runs(I: float) -> None:
        found[I] = [bn.simulate(model, T=600, dt=0.1, size=100, I=I, record="V").V.values[-50:] for _ in range(3)]

    wanted = {I: bn.simulate(model, T=600, dt=0.1, size=100, I=I, record="V").V.values[-50:].copy() for I in (1.0, 5.0)}
    threads = [threading.Thread(target=runs, args=(I,)) for I in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gc.collect()
    bn.simulate(model, T=600, dt=0.1, size=100, I=9.0, record="V")
    for I, kept in found.items():
        for rows in kept:
            np.testing.assert_array_equal(rows, wanted[I])
