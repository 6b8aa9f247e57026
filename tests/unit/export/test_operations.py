"""Every operation against JAX: one process of JavaScript computes the whole table, on numbers and in loops."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from in_javascript import apart, engine
from jax import lax

from brainnb.channels.base import exprel
from brainnb.export.block import Block, Function
from brainnb.export.flow import leaves
from brainnb.export.graph import KINDS, SMALL, long, small
from brainnb.export.lower import Lowering
from brainnb.export.module import runtime
from brainnb.export.names import Names
from brainnb.export.tables import constant
from brainnb.integrators.phi import phi
from brainnb.ops.counts import counted

X = np.array([-2.5, -1.0, -0.3, 0.0, 0.4, 1.7, 3.2])
POSITIVE, INSIDE = (
    np.array([1e-3, 0.2, 0.5, 1.0, 2.5, 7.3, 40.0]),
    np.array([-0.999, -0.6, -0.1, 0.0, 0.3, 0.9, 0.99999]),
)
WHOLE = np.array([-(2**31), -77, -1, 0, 3, 1234567, 2**31 - 1], np.int32)
WORDS = np.array([0, 1, 5, 0x80000000, 0xDEADBEEF, 0xFFFFFFFF, 12345], np.uint32)
Y = np.array([0.5, -1.25, 2.0, 0.0, -0.4, 1.7, -3.0])
FLAGS = np.array([True, False, True, True, False, False, True])

CASES = {
    **{
        f.__name__: (f, X)
        for f in (
            jnp.exp,
            jnp.expm1,
            jnp.sin,
            jnp.cos,
            jnp.tan,
            jnp.tanh,
            jnp.sinh,
            jnp.cosh,
            jnp.arctan,
            jnp.arcsinh,
            jnp.abs,
            jnp.sign,
            jnp.floor,
            jnp.ceil,
            jnp.round,
            jnp.square,
            jnp.isfinite,
            jnp.exp2,
            jnp.cbrt,
        )
    },
    **{f.__name__: (f, POSITIVE) for f in (jnp.log, jnp.log1p, jnp.sqrt, lax.rsqrt, lax.lgamma, lax.digamma)},
    **{f.__name__: (f, INSIDE) for f in (jnp.arcsin, jnp.arccos, jnp.arctanh, lax.erf_inv)},
    "erf": (lax.erf, np.linspace(-6, 6, 7)),
    "erfc": (lax.erfc, np.linspace(-4, 20, 7)),
    "lgamma of negative numbers": (lax.lgamma, X - 0.05),
    "phi": (phi, np.array([0.0, -0.0399, 0.0401, 0.3, -2.0, 70.0, -1e4])),
    "exprel": (exprel, np.array([0.0, -0.0199, 0.0201, 0.3, -2.0, 30.0, -30.0])),
    "logistic": (jax.nn.sigmoid, X * 20),
    "not finite": (lambda x: jnp.stack([1 / (x - x), (x - x) / (x - x), jnp.isnan(x / (x - x)) * 1.0]), X),
    **{
        name: (f, X, Y)
        for name, f in {
            "add": lax.add,
            "sub": lax.sub,
            "mul": lax.mul,
            "div": lax.div,
            "max": lax.max,
            "min": lax.min,
            "atan2": lax.atan2,
            "rem": lax.rem,
            "precedence": lambda x, y: (x - (y - x)) / (y / (x * (1.0 - (-y)))) - -x,
        }.items()
    },
    "pow": (lax.pow, POSITIVE, Y),
    "Poisson numbers": (lambda x: counted(jax.random.key(3), 20 * x), POSITIVE),
    **{f"integer_pow {n}": (lambda x, n=n: lax.integer_pow(x + 3.0, n), X) for n in (-3, -1, 0, 2, 3, 5, 8)},
    **{f"compare {f.__name__}": (f, X, Y) for f in (lax.eq, lax.ne, lax.lt, lax.le, lax.gt, lax.ge)},
    "select": (jnp.where, FLAGS, X, Y),
    "select of many": (lambda i, x, y: lax.select_n(jnp.abs(i) % 3, x, y, x * y), WHOLE[1:], X[1:], Y[1:]),
    "clamp": (lambda x: jnp.clip(x, -1.0, 2.0), X),
    "logic": (lambda a, x: (a & (x > 0)) | ~a ^ (x < -1), FLAGS, X),
    **{
        f"whole {f.__name__}": (f, WHOLE, WHOLE[::-1].copy())
        for f in (lax.add, lax.sub, lax.mul, lax.max, lax.bitwise_and, lax.bitwise_or, lax.bitwise_xor)
    },
    "whole quotients": (lambda x: jnp.stack([lax.div(x, jnp.int32(7)), lax.rem(x, jnp.int32(7)), -x, ~x]), WHOLE),
    **{
        f"words {f.__name__}": (f, WORDS, WORDS[::-1].copy())
        for f in (lax.add, lax.sub, lax.mul, lax.bitwise_and, lax.bitwise_xor)
    },
    "shifts": (lambda x: jnp.stack([x << 5, x >> 7, lax.shift_right_logical(x, jnp.uint32(31))]), WORDS),
    "shifts that vary": (lambda x: jnp.stack([lax.shift_left(x, x % 40), lax.shift_right_logical(x, x % 40)]), WORDS),
    "shifts with a sign": (lambda x: jnp.stack([x >> 3, lax.shift_right_logical(x, jnp.int32(3)), x << 2]), WHOLE),
    "bits": (lambda x: jnp.stack([lax.population_count(x), lax.clz(x)]), WORDS),
    "casts": (
        lambda x: [
            x.astype(jnp.int32),
            jnp.abs(x).astype(jnp.uint32),
            x.astype(bool),
            x.astype(jnp.int64),
            x.astype(jnp.float32),
        ],
        X,
    ),
    "casts of what is too large": (lambda x: (x * 1e10).astype(jnp.int32), X),
    "casts of words": (lambda x: [x.astype(jnp.int32), x.astype(float), x.astype(bool)], WORDS),
    "sums": (
        lambda x: [
            x.sum(),
            x.max(),
            x.min(),
            jnp.prod(x + 3),
            (x > 0).any(),
            (x > -9).all(),
            jnp.argmax(x),
            jnp.argmin(x),
            x.mean(),
            x.std(),
        ],
        X,
    ),
    "sums of rows": (
        lambda x: [jnp.outer(x, x).sum(0), jnp.outer(x, x + 1).max(1), jnp.argmin(jnp.outer(x, 1 - x), 1)],
        X,
    ),
    "running sums": (lambda x: [jnp.cumsum(x), jnp.cumprod(x), lax.cummax(x), lax.cumsum(x, reverse=True)], X),
    "sorted": (
        lambda x, i: [
            jnp.sort(x),
            jnp.argsort(-x),
            jnp.sort(i),
            jnp.sort(i > 0),
            jnp.argsort(jnp.floor(x / 2)),
            jnp.sort(jnp.outer(x, x[:4]), 0),
            jnp.sort(jnp.outer(x, x), 1, descending=True),
            lax.sort((jnp.outer(x, x), jnp.outer(x, i)), dimension=0, num_keys=1)[1],
            jnp.median(x),
        ],
        X,
        WHOLE,
    ),
    "sorted by several keys": (
        lambda x, i, b: [*lax.sort((jnp.abs(i) % 3, b, x), num_keys=2), *lax.sort((b, i, x), num_keys=3)],
        X,
        WHOLE,
        FLAGS,
    ),
    "sorted in order where equal": (
        lambda x: lax.sort((jnp.where(x < 0, jnp.nan, jnp.where(x < 1, (x - 0.2) * 0.0, 1 / (x - x))), x)),
        X,
    ),
    "products of matrices": (lambda x, y: [jnp.outer(x, y) @ x, x @ y, jnp.outer(x, y).T @ jnp.outer(y, y)], X, Y),
    "moved": (
        lambda x, y: [
            x[::-1],
            jnp.outer(x, y).T,
            jnp.roll(x, 2),
            x[1:5:2],
            jnp.concatenate([x, y, x[:2]]),
            jnp.pad(x, 2),
            jnp.stack([x, y], 1),
            jnp.repeat(x, 2),
            jnp.tile(y, 3),
            jnp.diff(x),
            jnp.arange(5.0) * x[1],
        ],
        X,
        Y,
    ),
    "gathered": (
        lambda x, i: [
            x[jnp.abs(i) % 7],
            jnp.take(x, i, mode="fill"),
            jnp.outer(x, x)[:, jnp.abs(i) % 5],
            jnp.outer(x, x)[jnp.abs(i) % 5, 2],
        ],
        X,
        WHOLE,
    ),
    "scattered": (
        lambda x, i: [
            x.at[jnp.abs(i) % 3].add(x),
            x.at[2].set(9.0),
            jnp.zeros(30).at[jnp.abs(i) % 20].add(1.0),
            x.at[jnp.abs(i) % 3].max(1.0),
            x.at[i].set(5.0, mode="drop"),
            jnp.outer(x, x).at[1].add(x),
        ],
        X,
        WHOLE,
    ),
    "slices that move": (
        lambda x, i: [
            lax.dynamic_slice(x, (i[4] + 1,), (3,)),
            lax.dynamic_update_slice(x, x[:2], (i[4],)),
            lax.dynamic_index_in_dim(jnp.outer(x, x), i[4]),
        ],
        X,
        WHOLE,
    ),
    "branches": (
        lambda x: [
            lax.cond(x[0] < 0, lambda v: v + 1, lambda v: v * 2, x),
            lax.switch(2, [jnp.sin, jnp.cos, jnp.exp], x),
            lax.switch((x[4] * 5).astype(int), [jnp.sin, jnp.cos, jnp.exp], x),
        ],
        X,
    ),
    "while": (
        lambda x: lax.while_loop(
            lambda c: c[0].sum() < 50, lambda c: (c[0] * c[1] + 1, c[1] + 0.1, c[2] + 1), (x, 1.0, 0)
        ),
        np.abs(X),
    ),
    "while changes its arrays": (lambda x: lax.fori_loop(0, 3, lambda k, c: c.at[k].add(c[k + 1]), x), X),
    "scan": (lambda x: lax.scan(lambda c, v: (c * 0.5 + v, (c, v * c)), 1.0, jnp.tile(x, 4)), X),
    "scan backwards": (
        lambda x: lax.scan(lambda c, v: (c + v, c * v), x, jnp.outer(jnp.arange(12.0), x), reverse=True),
        X,
    ),
    "short scan": (lambda x: lax.scan(lambda c, v: (c + v, c), 0.0, x[:4]), X),
    "derivatives": (jax.grad(lambda x: jnp.sum(jnp.tanh(x) * jnp.exp(-x) / (1 + x * x))), X),
    "constants": (
        lambda x: x * jnp.asarray(Y[0]) + np.float64(1e-300) - 1e300 * 0.0 + jnp.asarray(np.linspace(0, 1, x.size)),
        X,
    ),
}


def longer(x):
    """The same values in an array that becomes a loop."""
    return np.resize(x, 21)


def written(function, *args):
    """A JAX function as the text of a JavaScript function without arguments, which returns its results in a list."""
    closed = jax.make_jaxpr(function)(*args)
    low, shared, at, data = Lowering(), Function(Names(), {}), {}, {}
    shared.data, given, head = data, [], []
    for k, x in enumerate(args):
        kind = KINDS[np.asarray(x).dtype.name]
        head.append(constant(f"given_{k}", x, kind))
        if x.size > SMALL:
            node = low.graph.input(f"{k}", kind, x.size)
            at[node] = f"given_{k}"
            given.append(long(kind, x.shape, node))
            continue
        nodes = [low.graph.input(f"{k} {i}", kind) for i in range(x.size)]
        at |= {n: f"(given_{k}[{i}]{' === 1' if kind == 'bool' else ''})" for i, n in enumerate(nodes)}
        given.append(small(kind, nodes, x.shape))
    results = [leaves(low, r) for r in low.run(closed.jaxpr, closed.consts, given)]
    block = Block(shared, at)
    texts = iter(block.write([n for nodes in results for n in nodes]))
    shown = ", ".join(
        f"[{', '.join(next(texts).text for _ in nodes)}].map((x) => ArrayBuffer.isView(x) ? Array.from(x) : x).flat()"
        for nodes in results
    )
    tables = [constant(*entry) for entry in data.values()]
    body = [
        *runtime(shared.used | {"decode", "unpack"}),
        *tables,
        *head,
        *shared.buffers,
        *block.lines,
        f"return [{shown}];",
    ]
    return "(() => {\n" + "\n".join(body) + "\n})()"


@pytest.fixture(scope="module")
def table():
    """What JavaScript makes of every case, small and long."""
    with jax.enable_x64(True):
        entries = {}
        for name, (function, *args) in CASES.items():
            for size, how in (("numbers", np.asarray), ("loop", longer)):
                entries[name, size] = (function, [how(x) for x in args])
        run = engine()
        found = run("return [\n" + ",\n".join(written(f, *args) for f, args in entries.values()) + "];")
        run.close()
        given = [args for _, args in entries.values()]
        wanted = jax.jit(
            lambda given: [f(*args) for (f, _), args in zip(entries.values(), given, strict=True)],
            compiler_options={"xla_backend_optimization_level": 0, "xla_cpu_use_fusion_emitters": False},
        )  # one program of hundreds of operations that runs once: to optimise it would take longest of all
        expected = wanted(given)
        return {key: (js, jax.tree.leaves(x)) for key, js, x in zip(entries, found, expected, strict=True)}


LOOSE = {"lgamma": 1e-13, "lgamma of negative numbers": 1e-12, "digamma": 1e-12}


@pytest.mark.parametrize("size", ["numbers", "loop"])
@pytest.mark.parametrize("name", CASES)
def test_operation(table, name, size):
    found, expected = table[name, size]
    assert len(found) == len(expected)
    for js, x in zip(found, expected, strict=True):
        limit = 0.0 if np.asarray(x).dtype.kind in "iub" else LOOSE.get(name, 3e-15)
        assert apart(js, x) <= limit, (js, x)
