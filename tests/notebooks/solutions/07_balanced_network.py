"""One way to solve the exercises of 07; each block replaces the notebook's cell of that id."""

import brainnb as bn

net, brunel = bn.networks.COBA(2000), bn.networks.Brunel(2500, inputs=250, J=0.2)

# %% exercise-1
mine = bn.networks.COBA()
ds = bn.simulate(mine, T=1000)
rate, cv = (getattr(ds.bn, name)("E.spike", start=200).mean().item() for name in ("rate", "cv"))

bn.teach.check("07.1", {"rate": rate, "cv": cv}, model=mine)

# %% exercise-2
states = {"regular": (2, 2), "steady": (6, 2), "fast": (8, 4), "slow": (4.5, 0.9)}

bn.teach.check("07.2", states, model=brunel)


# %% exercise-3
def theory_rate(g, eta):
    """The rate that causes itself, Hz."""
    from scipy.integrate import quad
    from scipy.optimize import brentq
    from scipy.special import erfcx

    def answered(nu):
        mu = 2000 * (nu - g / 4 * nu + 0.01 * eta)
        sigma = (200 * (nu + g**2 / 4 * nu + 0.01 * eta)) ** 0.5
        return 1 / (2 + 20 * 3.14159265**0.5 * quad(lambda x: erfcx(-x), (10 - mu) / sigma, (20 - mu) / sigma)[0])

    return 1000 * brentq(lambda nu: answered(nu) - nu, 1e-6, 0.49)


theory = [theory_rate(g, eta) for g, eta in ((5, 2), (6, 4), (4.5, 0.9))]

bn.teach.check("07.3", theory)
