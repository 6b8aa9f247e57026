"""AUTO-07p as Debian packs it: the model in Fortran, its engine run with constants as the command line does it."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from common import E_L, FHN_REST, FHN_SPAN, HH_REST, HH_SPAN, g_Na, tau

AUTO = Path(os.environ.get("AUTO_DIR", "/usr/lib/auto-07p"))
if not (AUTO / "lib").is_dir() or not shutil.which("gfortran"):
    raise ImportError("apt-get install auto-07p gfortran")

FRAME = """
subroutine func(ndim, u, icp, par, ijac, f, dfdu, dfdp)
  implicit none
  integer, intent(in) :: ndim, icp(*), ijac
  double precision, intent(in) :: u(ndim), par(*)
  double precision, intent(out) :: f(ndim)
  double precision, intent(inout) :: dfdu(ndim, ndim), dfdp(ndim, *)
  double precision V, m, h, n, am, bm, ah, bh, an, bn
{field}
end subroutine
subroutine stpnt(ndim, u, par, t)
  implicit none
  integer, intent(in) :: ndim
  double precision, intent(inout) :: u(ndim), par(*)
  double precision, intent(in) :: t
  integer status
  character(64) value
{start}
end subroutine
subroutine bcnd
end subroutine
subroutine icnd
end subroutine
subroutine fopt
end subroutine
subroutine pvls
end subroutine
"""
FHN = """
  f(1) = u(1) - u(1)**3 / 3 - u(2) + par(1)
  f(2) = (u(1) + 0.7d0 - 0.8d0 * u(2)) / par(2)
"""
HH = f"""
  V = u(1); m = u(2); h = u(3); n = u(4)
  am = 0.1d0 * (V + 40) / (1 - exp(-(V + 40) / 10)); bm = 4 * exp(-(V + 65) / 18)
  ah = 0.07d0 * exp(-(V + 65) / 20); bh = 1 / (1 + exp(-(V + 35) / 10))
  an = 0.01d0 * (V + 55) / (1 - exp(-(V + 55) / 10)); bn = 0.125d0 * exp(-(V + 65) / 80)
  f(1) = par(1) - par(2) * m**3 * h * (V - 50) - 36 * n**4 * (V + 77) - 0.3d0 * (V - ({E_L}d0))
  f(2) = am * (1 - m) - bm * m
  f(3) = ah * (1 - h) - bh * h
  f(4) = an * (1 - n) - bn * n
"""
STEPS = {  # of the equilibria, then of the cycles: first, least, largest
    "FHN": (("0.02", "1e-4", "0.05"), ("0.02", "1e-6", "0.5")),
    "HH": (("0.5", "1e-3", "5.0"), ("0.5", "1e-5", "10.0")),
}
SHARED = "ILP=1, ISP=2, ISW=1, IRS={irs}, NTST={ntst}, NCOL=4, IAD=3, IADS=1, ITMX=8, ITNW=7, NWTN=3, IID=0, NPR=1000"
PRECISE = "EPSL=1e-7, EPSU=1e-7, EPSS=1e-5, MXBF=0, IPLT=0, JAC=0"
MODELS = {"FHN": (FHN, FHN_REST, FHN_SPAN, tau), "HH": (HH, HH_REST, HH_SPAN, g_Na)}
POINTS = 100
FOLDER = Path(tempfile.mkdtemp())
built: dict[str, Path] = {}


def versions() -> str:
    found = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "auto-07p"], capture_output=True, text=True)
    compiler = subprocess.run(["gfortran", "-dumpfullversion"], capture_output=True, text=True).stdout.strip()
    return f"AUTO-07p {found.stdout or AUTO}, gfortran {compiler}, one thread"


def build(name: str) -> Path:
    """The program of one model; the moving parameter is read from the environment when it starts."""
    if name in built:
        return built[name]
    field, rest, _, _ = MODELS[name]
    start = [f"  u({i + 1}) = {x!r}d0" for i, x in enumerate(rest)]
    start += ["  par(1) = 0", "  call get_environment_variable('MOVED', value)", "  read(value, *) par(2)"]
    folder = FOLDER / name
    folder.mkdir()
    (folder / "model.f90").write_text(FRAME.format(field=field, start="\n".join(start)))
    make = f"gfortran -O2 -fopenmp -w model.f90 -o model.exe {AUTO}/lib/*.o"
    subprocess.run(make, shell=True, cwd=folder, check=True, capture_output=True)
    built[name] = folder
    return folder


def engine(folder: Path, constants: str, moved: float) -> str:
    """One run of AUTO; its table."""
    done = subprocess.run(
        ["./model.exe"],
        cwd=folder,
        input=constants,
        env={**os.environ, "MOVED": repr(moved), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    if "Total Time" not in done.stdout:
        raise RuntimeError((done.stdout + done.stderr).strip()[-200:])
    return done.stdout


def follow(name: str, k: int, cycles: bool) -> list[str]:
    folder = build(name)
    _, rest, (lo, hi), moving = MODELS[name]
    (ds, least, most), (ds2, least2, most2) = STEPS[name]
    n = len(rest)
    constants = f"NDIM={n}, IPS=1, ICP=[1], NMX=400, RL0={lo}, RL1={hi}, DS={ds}, DSMIN={least}, DSMAX={most}\n"
    tables = [engine(folder, constants + SHARED.format(irs=0, ntst=40) + "\n" + PRECISE + "\n", moving(k))]
    if cycles:
        first = next(line.split()[3] for line in tables[0].splitlines() if " HB " in line)
        (folder / "fort.8").replace(folder / "s.rest")
        constants = f"NDIM={n}, IPS=2, ICP=[1, 11], NMX={POINTS}, RL0={lo}, RL1={hi}, DS={ds2}, DSMIN={least2}, DSMAX={most2}, s='rest'\n"
        tables.append(engine(folder, constants + SHARED.format(irs=first, ntst=64) + "\n" + PRECISE + "\n", moving(k)))
    return tables


def read(tables: list[str]) -> dict:
    rows = [line.split() for line in tables[0].splitlines()]
    found = {"positions": {"hopf": sorted(float(row[4]) for row in rows if len(row) > 4 and row[2] == "HB")}}
    if len(tables) > 1:
        found["points"] = max(int(line.split()[1]) for line in tables[1].splitlines() if line.split()[:1] == ["2"])
    return found


TASKS = {
    "equilibria 2": (lambda k: follow("FHN", k, False), read),
    "equilibria 4": (lambda k: follow("HH", k, False), read),
    "cycles 2": (lambda k: follow("FHN", k, True), read),
    "cycles 4": (lambda k: follow("HH", k, True), read),
}
