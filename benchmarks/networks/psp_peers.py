"""Single synapses by Brian2 and NEST, as data for the cross-simulator tests, which then need neither installed.

    PYTHON benchmarks/networks/psp_peers.py [brian2] [nest]

Writes ``tests/reference/data/psp_brian2.npz`` and ``psp_nest.npz``: arrays by name, and in ``about`` a JSON text with all
parameters, the equations, the versions and this script's name.  An event at time t acts *at* t, and what is recorded
at t is the value with it; spikes are at the end of the step of 0.01 ms in which the threshold was passed.

``CELL/SYNAPSE/V``   mV every ``every`` ms, synapses ``exponential``, ``alpha``, ``dual_exponential``, ``NMDA``, below
                     threshold; ``strong`` is an exponential one strong enough for spikes, and ``CELL/strong/spikes``
                     has their times (ms).
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
    STDP_ON,
    STDP_T,
    STP,
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


def by_brian2() -> None:
    """All of it with the numpy code of Brian2, Runge-Kutta of fourth order at 0.01 ms."""
    import brian2 as b2
    from brian2 import ms

    b2.prefs.codegen.target = "numpy"
    b2.defaultclock.dt = DT * ms

    def source(times: list[float]) -> b2.SpikeGeneratorGroup:
        # Events of a step act at its end, so an event at t is one of the step before.
        return b2.SpikeGeneratorGroup(1, np.zeros(len(times), int), (np.array(times) - DT) * ms)

    arrays: dict = {}
    watched = {}
    net, events = b2.Network(), source(EVENTS)
    net.add(events)
    for name, parameters in CELLS.items():
        threshold, reset = SPIKING[name]
        # A step longer, as Brian2 counts from the beginning of the step of the spike.
        silent = (parameters["t_ref"] + DT) * ms if name == "LIF" else threshold if name == "TraubMiles" else False
        space = parameters | dict(E=0.0, Mg=1.0, alpha=0.062, beta=3.57, peak=PEAK)
        group = b2.NeuronGroup(
            len(SYNAPSES), EQUATIONS[name] + SYNAPTIC, method="rk4", threshold=threshold, reset=reset,
            refractory=silent, namespace=space,
        )  # fmt: skip
        for variable, value in START[name].items():
            setattr(group, variable, value)
        group.weight = [WEIGHTS[name][synapse] for synapse in SYNAPSES]
        synapses = b2.Synapses(events, group, on_pre=ON_PRE, namespace=space)
        synapses.connect()
        trace = b2.StateMonitor(group, "V", record=True, dt=EVERY * ms)
        watched[name] = trace, b2.SpikeMonitor(group)
        net.add(group, synapses, *watched[name])
    net.run(T * ms)
    for name, (trace, spikes) in watched.items():
        for j, synapse in enumerate(SYNAPSES):
            times = spikes.t[spikes.i == j] / ms + DT
            assert (len(times) > 0) == (synapse == "strong"), f"{name}, {synapse}: {len(times)} spikes"
            arrays[f"{name}/{synapse}/V"] = trace.V[j]
        arrays[f"{name}/strong/spikes"] = times

    lif = CELLS["LIF"]
    release, events = np.array([round(t / DT) for t in STP_EVENTS]), source(STP_EVENTS)
    cells = b2.NeuronGroup(
        len(STP), EQUATIONS["LIF"].replace("(unless refractory)", "") + "I = g*(0 - V) : 1\ndg/dt = -g/(5*ms) : 1",
        method="rk4", namespace=lif,
    )  # fmt: skip
    cells.V = lif["E_L"]
    numbers = "\nU : 1\ntau_f : 1\ntau_d : 1\nu_rest : 1\nrelease : 1"
    synapses = b2.Synapses(
        events, cells, STP_EQUATIONS + numbers, on_pre=STP_ON_PRE.replace("; ", "\n"), method="exact",
        namespace=dict(weight=STP_WEIGHT),
    )  # fmt: skip
    synapses.connect()
    for number in ("U", "tau_f", "tau_d", "u_rest"):
        setattr(synapses, number, [kind[number] for kind in STP.values()])
    synapses.u, synapses.x = [kind["u_rest"] for kind in STP.values()], 1.0
    inside = b2.StateMonitor(synapses, ["u", "x", "release"], record=True)
    outside = b2.StateMonitor(cells, "V", record=True, dt=EVERY * ms)
    b2.Network(events, cells, synapses, inside, outside).run(STP_T * ms)
    for j, name in enumerate(STP):
        for variable in ("u", "x", "release"):
            arrays[f"{name}/{variable}"] = getattr(inside, variable)[j][release]
        arrays[f"{name}/V"] = outside.V[j]

    before, after = source(PRE), source(POST)
    pair = b2.Synapses(
        before, after, "w : 1\ndpre/dt = -pre/(tau_plus*ms) : 1 (clock-driven)\ndpost/dt = -post/(tau_minus*ms) : 1 (clock-driven)",
        on_pre=STDP_ON["pre"].replace("; ", "\n"), on_post=STDP_ON["post"].replace("; ", "\n"),
        method="exact", namespace=STDP,
    )  # fmt: skip
    pair.connect()
    pair.w = STDP["w_start"]
    learned = b2.StateMonitor(pair, ["w", "pre", "post"], record=True, dt=EVERY * ms)
    b2.Network(before, after, pair, learned).run(STDP_T * ms)
    arrays |= {f"STDP/{variable}": getattr(learned, variable)[0] for variable in ("w", "pre", "post")}
    told = dict(equations=EQUATIONS, spiking=SPIKING, synaptic=SYNAPTIC, on_pre=ON_PRE, peak=PEAK, method="rk4")
    told |= dict(stp_equations=STP_EQUATIONS, stp_on_pre=STP_ON_PRE, stdp_on=STDP_ON)
    write("brian2", arrays, versions={"brian2": b2.__version__, "numpy": np.__version__}, **told)


def by_nest() -> None:
    """What NEST has of it, at its own adaptive Runge-Kutta's tolerance; grid 0.01 ms."""
    import nest

    nest.set_verbosity("M_ERROR")
    lif = CELLS["LIF"]
    adex = {k: v for k, v in CELLS["AdEx"].items() if k != "V_T"} | dict(V_th=CELLS["AdEx"]["V_T"])
    hh = {k: v for k, v in CELLS["TraubMiles"].items() if k != "V_th"}
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
        dynamics = dict(U=kind["U"], u=0.0, x=1.0, tau_fac=kind["tau_f"], tau_rec=kind["tau_d"])
        nest.Connect(
            relay, cell, syn_spec=dict(synapse_model="tsodyks2_synapse", weight=STP_WEIGHT, delay=DT, **dynamics)
        )
        meter = nest.Create("multimeter", params=dict(record_from=["V_m"], interval=EVERY))
        nest.Connect(meter, cell, syn_spec=dict(delay=DT))
        nest.Simulate(STP_T)
        arrays[f"{name}/V"] = np.concatenate([[lif["E_L"]], meter.get("events")["V_m"]])[: round(STP_T / EVERY)]
    versions = {"nest-simulator": nest.__version__, "numpy": np.__version__}
    told = dict(
        models={name: kinds for name, (kinds, _) in models.items()}, stp_model="tsodyks2_synapse from u = 0, x = 1"
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
