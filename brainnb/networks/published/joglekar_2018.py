"""Twenty-nine areas of the macaque cortex, and how a response comes from the first to the last (Joglekar et al. 2018)."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core import declared
from brainnb.core.errors import ModelError, UnknownName, unknown_message
from brainnb.core.fields import Param, param
from brainnb.core.model import Parameter, preset
from brainnb.core.record import Inputs, Record
from brainnb.data import macaque
from brainnb.inputs import Pulse
from brainnb.ops import Dense
from brainnb.rates import ThresholdLinear
from brainnb.synapses import Additive

from ..network import Network
from ..population import Population
from ..projection import Projection


class Joglekar2018(Network):
    r"""A pair of threshold-linear populations for each of 29 areas, wired as tracers show it.

    .. math::

        \tau_E \dot r_E^i &= -r_E^i + \beta_E \big[ g_i (w_{EE}\, r_E^i + \mu_{EE}\, x_i) - w_{EI}\, r_I^i + B_E^i + I_E^i \big]_+ \\
        \tau_I \dot r_I^i &= -r_I^i + \beta_I \big[ g_i (w_{IE}\, r_E^i + \mu_{IE}\, x_i) - w_{II}\, r_I^i + B_I^i + I_I^i \big]_+ \\
        g_i &= 1 + \eta h_i, \qquad x_i = \sum_j F_{ij} r_E^j

    It explains how a response can travel from V1 to prefrontal cortex without dying out and without blowing up: stronger
    excitation between areas has to be balanced by stronger inhibition within them (global balanced amplification).

    Parameters
    ----------
    feedback : bool
        Without it, areas hear only those below them in the hierarchy.
    **values : float
        Parameters that differ from the weak preset: ``Joglekar2018(mu_EE=36)``.

    Notes
    -----
    :math:`F` are the fractions of labelled neurons, :math:`h` is the position in the hierarchy from 0 (V1) to 1 (24c).
    :math:`B` is what keeps all areas at the rates ``rest_E`` and ``rest_I`` when nothing is given, whatever the weights.
    The unit ``i`` of the population ``cortex`` is the area ``net.areas[i]``; :meth:`pulse` stimulates one by its name.
    Only the rate model of the paper is here, not its network of spiking neurons.

    References
    ----------
    Joglekar, Mejias, Yang & Wang 2018, doi:10.1016/j.neuron.2018.02.031, eqs. 1-4, fig. 3; connectivity: Markov et al.
    2014, doi:10.1093/cercor/bhs270.

    Examples
    --------
    >>> import brainnb as bn
    >>> net = Joglekar2018.strong_gba()
    >>> ds = bn.simulate(net, T=600, inputs=net.pulse("V1", 115))
    >>> response = ds["cortex.r_E"].max("time") - 10
    >>> [round(float(response[net.areas.index(a)])) for a in ("V1", "V4", "TEpd")]
    [35, 23, 4]
    """

    default_record: ClassVar[str | None] = "cortex.r_*"

    mu_EE: Param = param(33.7, "pA/Hz", "weight from E to E between areas", bounds=(0, 100))
    mu_IE: Param = param(25.3, "pA/Hz", "weight from E to I between areas", bounds=(0, 100))
    w_EE: Param = param(24.3, "pA/Hz", "weight from E to E within an area", bounds=(0, 100))
    w_IE: Param = param(12.2, "pA/Hz", "weight from E to I within an area", bounds=(0, 100))
    w_EI: Param = param(19.7, "pA/Hz", "weight from I to E within an area", bounds=(0, 100))
    eta: Param = param(0.68, "1", "how much stronger excitation is at the top of the hierarchy", bounds=(0, 2))
    rest_E: Param = param(10.0, "Hz", "rate of excitation without stimulus", bounds=(0, 50))
    rest_I: Param = param(35.0, "Hz", "rate of inhibition without stimulus", bounds=(0, 100))

    def __init__(self, feedback: bool = True, **values: Any):
        known = {name: d.default for name, d in declared.parameters(type(self)).items()}
        if unknown := [name for name in values if name not in known]:
            raise UnknownName(unknown_message("parameter", unknown[0], known, where="Joglekar2018"))
        if not isinstance(feedback, bool):
            raise ModelError(f"Joglekar2018: feedback={feedback!r}; True or False was expected.")
        shares = Dense((macaque().fln if feedback else np.tril(macaque().fln)).T)
        super().__init__(
            populations={"cortex": Population(ThresholdLinear(), len(macaque().areas))},
            projections={
                "EE": Projection("cortex", "cortex", shares, Additive(of="r_E"), weight=None, to="I_E"),
                "IE": Projection("cortex", "cortex", shares, Additive(of="r_E"), weight=None, to="I_I"),
            },
        )
        for name, value in (known | values).items():
            setattr(self, name, value)

    @preset
    def weak_gba(cls) -> Self:
        """Weak global balanced amplification: a response in V1 dies out on its way (Joglekar et al. 2018, fig. 3)."""
        return cls()

    @preset
    def strong_gba(cls) -> Self:
        """Strong global balanced amplification: it reaches the highest areas (Joglekar et al. 2018, fig. 3)."""
        return cls(mu_EE=51.5, w_EI=25.2)

    @property
    def areas(self) -> tuple[str, ...]:
        """Names of the areas, from the lowest to the highest."""
        return macaque().areas

    def pulse(self, area: str, amplitude: float, start: float = 100.0, duration: float = 250.0) -> dict[str, Pulse]:
        """What to give a run as ``inputs=``: a current into the excitatory population of one area (pA)."""
        if area not in self.areas:
            raise UnknownName(unknown_message("area", area, self.areas, where="the macaque cortex"))
        return {"cortex.I_E": Pulse(np.where(np.array(self.areas) == area, amplitude, 0.0), start, duration)}

    # --- a few numbers instead of those of all areas and of all projections -------------------------------------------

    def parameters(self, prefix: str = "") -> dict[str, Parameter]:
        set_here = {prefix + path for path in self._set()}
        return {path: p for path, p in super().parameters(prefix).items() if path not in set_here}

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        s = super().init_state(size, key)
        return s.merge({"cortex": self._resting(s)})

    def _resting(self, s: Record) -> dict[str, Array]:
        rest = {"r_E": self.rest_E, "r_I": self.rest_I}
        return {name: jnp.full_like(s.cortex[name], rate) for name, rate in rest.items()}

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return super(Joglekar2018, self._with(self._set())).vector_field(t, s, u)

    def _given(self, t: Array, s: Record, u: Record) -> Inputs:
        """What the areas hear, and the background that keeps them where they rest when nothing else is given."""
        cell, E, I = self.cells["cortex"], self.rest_E, self.rest_I
        at_rest = s.merge({"cortex": self._resting(s)})
        silent = super()._given(t, at_rest, Inputs({path: jnp.zeros(()) for path in u}))
        lacking = {
            "cortex.I_E": E / cell.beta_E - cell.w_EE * E + cell.w_EI * I,
            "cortex.I_I": I / cell.beta_I - cell.w_IE * E + cell.w_II * I,
        }
        given = super()._given(t, s, u)
        return Inputs({path: x + lacking[path] - silent[path] for path, x in given.items()})

    def _set(self) -> dict[str, Array]:
        """What follows from the numbers of all areas; as they are stored, the weights of the projections are shares."""
        h = macaque().hierarchy
        gain = 1.0 + self.eta * jnp.asarray(h / h.max(), self.eta.dtype)
        return {
            "cortex.w_EE": self.w_EE * gain,
            "cortex.w_IE": self.w_IE * gain,
            "cortex.w_EI": self.w_EI,
            "EE.weight": self.mu_EE * gain * self.links["EE"].weight,
            "IE.weight": self.mu_IE * gain * self.links["IE"].weight,
        }
