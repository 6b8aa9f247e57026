"""Which neurons are recorded: a sample of each population, and those that were chosen, always as many."""

from .drawing import SLOTS
from .layout import Band

SAMPLE = 60
"""Neurons of each population whose potential is watched, about."""


def step_of(band: Band) -> int:
    """Every how many neurons one is watched."""
    return max(1, band.number // SAMPLE)


def is_watched(band: Band, neuron: int) -> bool:
    """Whether a neuron is of the sample."""
    return neuron % step_of(band) == 0


def paths(bands: tuple[Band, ...], chosen: tuple[tuple[int, int], ...]) -> list[str]:
    """What to record.  Chosen neurons take the place of others, so that choosing compiles nothing."""
    found = [f"{band.path}.spike" for band in bands if band.fires]
    for i, band in enumerate(bands):
        if band.unit is None:
            continue
        step = step_of(band)
        if step == 1:
            found.append(f"{band.path}.V")
            continue
        extra = [n for k, n in chosen if k == i and not is_watched(band, n)]
        others = (n for n in range(band.number) if not is_watched(band, n) and n not in extra)
        extra += [next(others) for _ in range(SLOTS - len(extra))]
        found += [f"{band.path}.V[::{step}]", *(f"{band.path}.V[{n}]" for n in extra)]
    return found
