"""One way to solve the exercises of 21; each block replaces the notebook's cell of that id."""

import numpy as np
import optax

import brainnb as bn


# %% exercise-1
def eligibility(pre, V, tau, V_th):
    keep, x, found = np.exp(-1 / tau), 0.0, []
    for spike, v in zip(pre, V, strict=True):
        x = keep * x + (1 - keep) * spike
        found.append(0.3 / V_th * max(0.0, 1 - abs(v - V_th) / V_th) * x)
    return found


bn.teach.check("21.1", eligibility)


# %% exercise-2
def cosine_in(net, data):
    found = []
    for method in ("eprop", "bptt"):
        run = bn.fit(
            net, data, method=method, optimizer=optax.sgd(1.0), steps=1, train="weight_in", keep="last",
            precision="float64",
        )  # fmt: skip
        found.append(np.asarray(net.weight_in, float) - np.asarray(run.model.weight_in, float))
    a, b = found
    return np.vdot(a, b) / np.linalg.norm(a) / np.linalg.norm(b)


bn.teach.check("21.2", cosine_in)

# %% exercise-3
task = bn.teach.specimen("21")


def losses(task):
    W, W_in, W_out = task["weight"], task["weight_in"], task["readout"]
    B, I, target, V_th = task["feedback"][0], task["spikes"], task["target"], task["V_th"]
    k, k_out = np.exp(-1 / task["tau"]), np.exp(-1 / task["tau_out"])
    units, steps = len(W), len(target)
    found = []
    for _ in range(5):
        V, z, f, x, x_in = np.zeros(units), np.zeros(units), np.zeros(units), np.zeros(units), np.zeros(I.shape[1])
        e, e_in, e_y, e_y_in = (np.zeros_like(m) for m in (W, W_in, W, W_in))
        dW, dW_in, dW_out, loss = 0.0, 0.0, 0.0, 0.0
        for now, wanted in zip(I, target, strict=True):
            f = k_out * f + (1 - k_out) * z
            e_y, e_y_in = k_out * e_y + (1 - k_out) * e, k_out * e_y_in + (1 - k_out) * e_in
            x, x_in = k * x + (1 - k) * z, k * x_in + (1 - k) * now
            V = k * V + (1 - k) * (W @ z + W_in @ now) - V_th * z
            slope = 0.3 / V_th * np.maximum(0, 1 - np.abs(V - V_th) / V_th)
            e, e_in = slope[:, None] * x, slope[:, None] * x_in
            z = (V - V_th >= 0).astype(float)
            error = (W_out @ f)[0] - wanted
            loss += error**2 / steps
            dW = dW + 2 / steps * error * B[:, None] * e_y
            dW_in = dW_in + 2 / steps * error * B[:, None] * e_y_in
            dW_out = dW_out + 2 / steps * error * f[None]
        found.append(loss)
        W, W_in, W_out = (
            m - task["rate"] * d for m, d in ((W, dW * (1 - np.eye(units))), (W_in, dW_in), (W_out, dW_out))
        )
    return found


bn.teach.check("21.3", losses)
