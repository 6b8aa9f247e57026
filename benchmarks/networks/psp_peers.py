"""Single synapses by Brian2 and NEST, as data for the cross-simulator tests, which then need neither installed.

    PYTHON benchmarks/networks/psp_peers.py [brian2] [nest]

Writes ``tests/reference/data/psp_brian2.npz`` and ``psp_nest.npz``: arrays by name, and in ``about`` a JSON text with all
parameters, the equations, the versions and this script's name.  An event at time t acts *at* t, and what is recorded
at t is the value with it; spikes are at the end of the step of 0.01 ms in which the threshold was passed.

``CELL/SYNAPSE/V``   mV every ``every`` ms, synapses ``exponential``, ``alpha``, ``dual_exponential``, ``NMDA``, below
                     threshold; ``strong`` is an exponential one strong enough for spikes, and ``CELL/strong/spikes``
                     has their times (ms); NEST takes a TraubMiles spike at its maximum, Brian2 where it passes V_th.
``STP_KIND/...``     ``u``, ``x`` just after and ``release`` of each event, and ``V`` of a LIF cell behind it.
``STDP/...``         ``w`` and the traces ``pre`` and ``post``.
"""

import sys

import numpy as np
from psp import (
    CELLS,
    DT,
    EQUATIONS,
    EVENTS,
    EVERY,
    ON_PRE,
    PEAK,
    POST,
    PRE,
    SPIKING,
    START,
    STDP,
    STDP_EQUATIONS,
    STDP_ON,
    STDP_T,
    STP,
    STP_CELL,
    STP_EQUATIONS,
    STP_EVENTS,
    STP_ON_PRE,
    STP_T,
    STP_WEIGHT,
    SYNAPSES,
    SYNAPTIC,
    WEIGHTS,
    T,
    write,
)


def brian2_source(times: list[float]):
    """Events of a step act at its end, so an event at t is one of the step before."""
    import brian2 as b2

    return b2.SpikeGeneratorGroup(1, np.zeros(len(times), int), np.array(times) * b2.ms - b2.defaultclock.dt)


def brian2_stp() -> dict:
    """Short-term plasticity, u and x stepped exactly, before a LIF cell."""
    import brian2 as b2
    from brian2 import ms

    b2.defaultclock.dt = EVERY * ms
    events = brian2_source(STP_EVENTS)
    cells = b2.NeuronGroup(len(STP), STP_CELL, method="rk4", namespace=CELLS["LIF"])
    cells.V = CELLS["LIF"]["E_L"]
    numbers = "\nU : 1\ntau_f : 1\ntau_d : 1\nu_rest : 1\nrelease : 1"
    on_pre, space = STP_ON_PRE.replace("; ", "\n"), dict(weight=STP_WEIGHT)
    synapses = b2.Synapses(events, cells, STP_EQUATIONS + numbers, on_pre=on_pre, method="exact", namespace=space)
    synapses.connect()
    for number in ("U", "tau_f", "tau_d", "u_rest"):
        setattr(synapses, number, [kind[number] for kind in STP.values()])
    synapses.u, synapses.x = [kind["u_rest"] for kind in STP.values()], 1.0
    inside = b2.StateMonitor(synapses, ["u", "x", "release"], record=True)
    outside = b2.StateMonitor(cells, "V", record=True)
    b2.Network(events, cells, synapses, inside, outside).run(STP_T * ms)
    at = [round(t / EVERY) for t in STP_EVENTS]
    arrays = {f"{name}/V": outside.V[j] for j, name in enumerate(STP)}
    for j, name in enumerate(STP):
        arrays |= {f"{name}/{variable}": getattr(inside, variable)[j][at] for variable in ("u", "x", "release")}
    return arrays


def brian2_stdp() -> dict:
    """Spike-timing-dependent plasticity of one pair of cells."""
    import brian2 as b2
    from brian2 import ms

    b2.defaultclock.dt = EVERY * ms
    before, after = brian2_source(PRE), brian2_source(POST)
    on = {f"on_{side}": text.replace("; ", "\n") for side, text in STDP_ON.items()}
    pair = b2.Synapses(before, after, STDP_EQUATIONS, **on, method="exact", namespace=STDP)
    pair.connect()
    pair.w = STDP["w_start"]
    learned = b2.StateMonitor(pair, ["w", "pre", "post"], record=True)
    b2.Network(before, after, pair, learned).run(STDP_T * ms)
    return {f"STDP/{variable}": getattr(learned, variable)[0] for variable in ("w", "pre", "post")}


def brian2_cells() -> dict:
    """Every cell behind every synapse, Runge-Kutta of fourth order at 0.01 ms."""
    import brian2 as b2
    from brian2 import ms

    b2.defaultclock.dt = DT * ms
    events = brian2_source(EVENTS)
    net, watched, arrays = b2.Network(events), {}, {}
    for name, parameters in CELLS.items():
        threshold, reset = SPIKING[name]
        # A step longer, as Brian2 counts from the beginning of the step of the spike.
        silent = (parameters["t_ref"] + DT) * ms if name == "LIF" else threshold if name == "TraubMiles" else False
        space = parameters | dict(E=0.0, Mg=1.0, alpha=0.062, beta=3.57, peak=PEAK)
        on = dict(threshold=threshold, reset=reset, refractory=silent)
        group = b2.NeuronGroup(len(SYNAPSES), EQUATIONS[name] + SYNAPTIC, method="rk4", namespace=space, **on)
        for variable, value in START[name].items():
            setattr(group, variable, value)
        group.weight = [WEIGHTS[name][synapse] for synapse in SYNAPSES]
        synapses = b2.Synapses(events, group, on_pre=ON_PRE, namespace=space)
        synapses.connect()
        watched[name] = b2.StateMonitor(group, "V", record=True, dt=EVERY * ms), b2.SpikeMonitor(group)
        net.add(group, synapses, *watched[name])
    net.run(T * ms)
    for name, (trace, spikes) in watched.items():
        for j, synapse in enumerate(SYNAPSES):
            times = spikes.t[spikes.i == j] / ms + DT
            assert (len(times) > 0) == (synapse == "strong"), f"{name}, {synapse}: {len(times)} spikes"
            arrays[f"{name}/{synapse}/V"] = trace.V[j]
            if len(times):
                arrays[f"{name}/{synapse}/spikes"] = times
    return arrays


def by_brian2() -> None:
    """All of it, with Brian2's numpy code."""
    import brian2 as b2

    b2.prefs.codegen.target = "numpy"
    arrays = brian2_stp() | brian2_stdp() | brian2_cells()
    told = dict(equations=EQUATIONS, spiking=SPIKING, synaptic=SYNAPTIC, on_pre=ON_PRE, peak=PEAK, method="rk4")
    told |= dict(stp_cell=STP_CELL, stp_equations=STP_EQUATIONS, stp_on_pre=STP_ON_PRE)
    told |= dict(stdp_equations=STDP_EQUATIONS, stdp_on=STDP_ON)
    write("brian2", arrays, versions={"brian2": b2.__version__, "numpy": np.__version__}, **told)


def by_nest() -> None:
    """What NEST has of it, at its own adaptive Runge-Kutta's tolerance; grid 0.01 ms."""
    import nest

    nest.verbosity = nest.VerbosityLevel.ERROR
    named = {"C": "C_m", "V_T": "V_th"}
    lif = {named.get(k, k): v for k, v in CELLS["LIF"].items()}
    adex = {named.get(k, k): v for k, v in CELLS["AdEx"].items()}
    hh = {"C_m" if k == "C" else k: v for k, v in CELLS["TraubMiles"].items() if k != "V_th"}
    models = {
        "LIF": ({"exponential": "iaf_cond_exp", "alpha": "iaf_cond_alpha", "dual_exponential": "iaf_cond_beta"}, lif),
        "AdEx": ({"exponential": "aeif_cond_exp", "alpha": "aeif_cond_alpha"}, adex),
        "TraubMiles": ({"exponential": "hh_cond_exp_traub", "dual_exponential": "hh_cond_beta_gap_traub"}, hh),
    }
    receptors = {
        "exponential": dict(tau_syn_ex=5.0),
        "alpha": dict(tau_syn_ex=3.0),
        "dual_exponential": dict(tau_rise_ex=1.0, tau_decay_ex=6.0),
    }
    arrays: dict = {}

    def reset() -> None:
        nest.ResetKernel()
        nest.set(resolution=DT, local_num_threads=1)

    def source(times: list[float]):
        return nest.Create("spike_generator", params=dict(spike_times=np.round(np.array(times) - DT, 2)))

    for name, (kinds, parameters) in models.items():
        for synapse in (*kinds, "strong"):
            reset()
            kind = "exponential" if synapse == "strong" else synapse
            cell = nest.Create(kinds[kind], params=parameters | receptors[kind] | dict(E_ex=0.0))
            cell.set(V_m=START[name]["V"])
            if name == "TraubMiles":
                cell.set(steady_gates(START[name]["V"], parameters["V_T"]))
            weight = WEIGHTS[name][synapse]
            nest.Connect(source(EVENTS), cell, syn_spec=dict(weight=weight, delay=DT))
            meter = nest.Create("multimeter", params=dict(record_from=["V_m"], interval=EVERY))
            spikes = nest.Create("spike_recorder")
            nest.Connect(meter, cell, syn_spec=dict(delay=DT))
            nest.Connect(cell, spikes, syn_spec=dict(delay=DT))
            nest.Simulate(T)
            V = meter.get("events")["V_m"]
            arrays[f"{name}/{synapse}/V"] = np.concatenate([[START[name]["V"]], V])[: round(T / EVERY)]
            if synapse == "strong":
                arrays[f"{name}/strong/spikes"] = spikes.get("events")["times"]

    for name, kind in STP.items():
        if kind["u_rest"]:
            continue
        reset()
        cell = nest.Create("iaf_cond_exp", params=lif | receptors["exponential"] | dict(E_ex=0.0, V_m=lif["E_L"]))
        relay = nest.Create("parrot_neuron")
        nest.Connect(source([t - DT for t in STP_EVENTS]), relay, syn_spec=dict(delay=DT))
        dynamics = dict(U=kind["U"], u=kind["U"], x=1.0, tau_fac=kind["tau_f"], tau_rec=kind["tau_d"])
        nest.Connect(
            relay, cell, syn_spec=dict(synapse_model="tsodyks2_synapse", weight=STP_WEIGHT, delay=DT, **dynamics)
        )
        meter = nest.Create("multimeter", params=dict(record_from=["V_m"], interval=EVERY))
        nest.Connect(meter, cell, syn_spec=dict(delay=DT))
        nest.Simulate(STP_T)
        arrays[f"{name}/V"] = np.concatenate([[lif["E_L"]], meter.get("events")["V_m"]])[: round(STP_T / EVERY)]
    versions = {"nest-simulator": nest.__version__, "numpy": np.__version__}
    told = dict(
        models={name: kinds for name, (kinds, _) in models.items()},
        stp_model="tsodyks2_synapse; u starts at U because its first event does not step it",
    )
    write("nest", arrays, versions=versions, **told)


def steady_gates(V: float, V_T: float) -> dict[str, float]:
    """Gates of the Traub-Miles cell where V has long been what it is, by NEST's names."""
    v = V - V_T
    rates = {
        "Act_m": (0.32 * (13 - v) / np.expm1((13 - v) / 4), 0.28 * (v - 40) / np.expm1((v - 40) / 5)),
        "Inact_h": (0.128 * np.exp((17 - v) / 18), 4 / (1 + np.exp((40 - v) / 5))),
        "Act_n": (0.032 * (15 - v) / np.expm1((15 - v) / 5), 0.5 * np.exp((10 - v) / 40)),
    }
    return {name: float(opens / (opens + closes)) for name, (opens, closes) in rates.items()}


if __name__ == "__main__":
    for peer in sys.argv[1:] or ["brian2", "nest"]:
        {"brian2": by_brian2, "nest": by_nest}[peer]()
