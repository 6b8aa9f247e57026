"""One way to solve the exercises of 03; each block replaces the notebook's cell of that id."""

import brainnb as bn


# %% exercise-1
class MyNeuron(bn.Model):
    """FitzHugh–Nagumo, written by me."""

    a: bn.Param = bn.param(0.7, "1", "offset of the recovery", bounds=(0, 2))
    b: bn.Param = bn.param(0.8, "1", "slope of the recovery", bounds=(0, 2))
    tau: bn.Param = bn.param(12.5, "ms", "time constant of the recovery", bounds=(1, 50))
    V = bn.state(-1.2, "1", "fast variable", bounds=(-3, 3))
    w = bn.state(-0.6, "1", "slow variable", bounds=(-2, 3))
    I = bn.input(0.0, "1", "stimulus", bounds=(-1, 3))

    def vector_field(self, t, s, u):
        return dict(V=s.V - s.V**3 / 3 - s.w + u.I, w=(s.V + self.a - self.b * s.w) / self.tau)


bn.teach.check("03.1", MyNeuron)


# %% exercise-2
class Tiring(MyNeuron):
    """The same, held back by a slow third state."""

    g: bn.Param = bn.param(0.3, "1", "strength of tiring", bounds=(0, 2))
    tau_z: bn.Param = bn.param(100.0, "ms", "time constant of tiring", bounds=(10, 1000))
    z = bn.state(0.0, "1", "tiredness", bounds=(0, 1))

    def vector_field(self, t, s, u):
        d = super().vector_field(t, s, u)
        return dict(V=d["V"] - self.g * s.z, w=d["w"], z=((s.V > 0) - s.z) / self.tau_z)


bn.teach.check("03.2", Tiring)


# %% exercise-3
def error(method, dt):
    """Largest distance of V from a run with a much smaller step."""
    fine = bn.simulate(bn.neurons.FitzHughNagumo(), T=10, dt=0.005, I=0.5)
    ds = bn.simulate(bn.neurons.FitzHughNagumo(), T=10, dt=dt, I=0.5, method=method)
    every = round(dt / 0.005)
    return abs(ds.V.values - fine.V.values[every - 1 :: every]).max()


bn.teach.check("03.3", error)
