"""A real browser before a real server: start, watch, read.  Every host but 127.0.0.1 is cut off."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Page, sync_playwright
from ports import free_port

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]  # fmt: skip

# Times of key presses and of canvas strokes, and whatever a hostile text managed to run.
HOOK = """
(() => {
  window.__hit = []; window.__paints = []; window.__keys = []; window.__pics = [];
  const now = () => performance.timeOrigin + performance.now();
  window.alert = (x) => window.__hit.push(String(x));
  for (const name of ['stroke', 'drawImage', 'putImageData']) {
    const original = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...a) { window.__paints.push(now()); return original.apply(this, a); };
  }
  window.addEventListener('brainnb-picture', () => window.__pics.push(now()), true);
  window.addEventListener('keydown', () => window.__keys.push(now()), true);
})();
"""
IDLE = """() => { const w = window.jupyterapp?.shell?.currentWidget;
  return w?.sessionContext?.session?.kernel?.status === 'idle'; }"""


def chromium() -> str:
    """The browser of this machine; a missing one is answered with the command that brings it."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    with sync_playwright() as playwright:
        bundled = playwright.chromium.executable_path
    if Path(bundled).exists():
        return bundled
    raise RuntimeError(
        "The browser tests need Chromium: type `sudo apt-get install chromium`, or `python -m playwright install chromium`."
    )


def notebook(folder: Path, name: str, *cells: str) -> Path:
    """A notebook of code cells."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    book.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = folder / f"{name}.ipynb"
    nbformat.write(book, path)
    return path


def _command(mode: str, target: Path | list[Path], port: int) -> list[str]:
    if mode == "lab":
        return [
            "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token=",
            "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={target}", "--LabApp.expose_app_in_browser=True",
            "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ]  # fmt: skip
    if mode == "serve":
        files = [str(path) for path in (target if isinstance(target, list) else [target])]
        return ["-m", "panel", "serve", *files, "--port", str(port), "--address", "127.0.0.1"]
    return ["-m", "voila", str(target), f"--port={port}", "--no-browser", "--Voila.ip=127.0.0.1"]


@contextlib.contextmanager
def server(mode: str, target: Path | list[Path]) -> Iterator[int]:
    """JupyterLab over a folder, `panel serve` of files or Voila of a file; yields the port, ends the whole process group."""
    port = free_port()
    with tempfile.TemporaryDirectory() as scratch:
        env = dict(
            os.environ, PYTHONPATH=os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
            JUPYTER_CONFIG_DIR=f"{scratch}/config", JUPYTERLAB_SETTINGS_DIR=f"{scratch}/settings",
            JUPYTERLAB_WORKSPACES_DIR=f"{scratch}/workspaces", JUPYTER_RUNTIME_DIR=f"{scratch}/runtime",
            IPYTHONDIR=f"{scratch}/ipython", JUPYTER_ALLOW_INSECURE_WRITES="1", JAX_PLATFORMS="cpu",
        )  # fmt: skip
        env.pop("BRAINNB_HEADLESS", None)
        news = Path(scratch) / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
        news.parent.mkdir(parents=True)
        news.write_text('{"fetchNews": "false", "checkForUpdates": false}')
        log = Path(scratch) / "server.log"
        with log.open("w") as out:
            process = subprocess.Popen(
                [sys.executable, *_command(mode, target, port)],
                cwd=target if isinstance(target, Path) and target.is_dir() else scratch, env=env, stdout=out, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        try:
            _wait_for(port, process, log)
            yield port
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)


def _wait_for(port: int, process: subprocess.Popen, log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"The server did not start:\n{log.read_text()[-3000:]}")


class Watched:
    """A page with what was seen on its wires: requests to other hosts, errors, bytes."""

    def __init__(self, page: Page):
        self.page = page
        self.external: list[str] = []
        self.errors: list[str] = []
        self.received: list[tuple[float, int]] = []
        self.sent: list[tuple[float, int]] = []
        page.on("request", self._request)
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: self.errors.append(str(e)))
        page.on("websocket", self._socket)

    def _request(self, request: Any) -> None:
        if request.url.startswith("http") and not request.url.startswith("http://127.0.0.1"):
            self.external.append(request.url)

    def _socket(self, socket: Any) -> None:
        def size(frame: Any) -> int:
            return len(frame if isinstance(frame, bytes) else frame.encode())

        socket.on("framereceived", lambda f: self.received.append((time.time(), size(f))))
        socket.on("framesent", lambda f: self.sent.append((time.time(), size(f))))

    def open_lab(self, port: int, name: str) -> None:
        """Open a notebook in JupyterLab and run all its cells."""
        self.page.goto(f"http://127.0.0.1:{port}/lab/tree/{name}?reset", timeout=60_000)
        self.page.wait_for_function("() => document.querySelector('.jp-Notebook .jp-Cell')", timeout=60_000)
        self.page.wait_for_function(IDLE, timeout=60_000)
        self.page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")

    def explorer(self, timeout: float = 40_000) -> Any:
        """The first explorer, when it shows a picture; brought into view, as a notebook may have scrolled on."""
        root = self.page.locator(".brainnb[data-pictures]").first
        root.wait_for(state="visible", timeout=timeout)
        root.scroll_into_view_if_needed()
        return root

    def slider(self, path: str) -> Any:
        return self.page.locator(f'.brainnb input[type=range][data-path="{path}"]').first

    def box(self, path: str) -> Any:
        return self.page.locator(f'.brainnb input[type=number][data-path="{path}"]').first

    def message(self) -> str:
        return self.page.locator(".brainnb .nb-message").first.inner_text()

    def wait_message(self, text: str, timeout: float = 10_000) -> None:
        """Until the sentence under the picture contains ``text``."""
        self.page.locator(".brainnb .nb-message", has_text=text).first.wait_for(timeout=timeout)

    def trace(self, name: str = "live:0") -> dict[str, list[float]]:
        """The points that the picture holds for one trace."""
        return self.page.locator(".brainnb").first.evaluate(
            """(root, name) => { const d = root.explorer.figures.document.get_model_by_name(name).data;
            return {x: Array.from(d.x), y: Array.from(d.y)}; }""",
            name,
        )

    def colours(self) -> set[str]:
        """Opaque colours on the first canvas with marks of a trace, as #rrggbb."""
        return set(
            self.page.locator(".brainnb").first.evaluate(
                """(root) => { const deep = (r, o = []) => { r.querySelectorAll('*').forEach(e => {
                    if (e.tagName === 'CANVAS') o.push(e); if (e.shadowRoot) deep(e.shadowRoot, o); }); return o; };
                const found = new Map();
                for (const c of deep(root)) { if (!c.width || !c.height) continue;
                  const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
                  for (let i = 0; i < d.length; i += 4) if (d[i + 3] === 255) {
                    const k = '#' + [d[i], d[i + 1], d[i + 2]].map(v => v.toString(16).padStart(2, '0')).join('').toUpperCase();
                    found.set(k, (found.get(k) ?? 0) + 1); } }
                return [...found].filter(([, n]) => n > 30).map(([k]) => k); }"""
            )
        )

    def hits(self) -> list[str]:
        """What a hostile text managed to run."""
        return self.page.evaluate("() => window.__hit")

    def pictures(self) -> int:
        return int(self.page.locator(".brainnb").first.get_attribute("data-pictures") or 0)


@contextlib.contextmanager
def explored(mode: str, folder: Path, made: str, height: int = 900) -> Iterator[Watched]:
    """The explorer of ``bn.explore(made)`` in a notebook of JupyterLab (``lab``) or served, when it shows a picture."""
    app = folder / "app.py"
    app.write_text(f"import brainnb as bn\nimport panel as pn\n\npn.extension()\nbn.explore({made})\n")
    book = notebook(folder, "explorer", f"import brainnb as bn\nview = bn.explore({made})\nview")
    with server(mode, folder if mode == "lab" else app) as port, browser(1280, height) as watched:
        if mode == "lab":
            watched.open_lab(port, book.name)
        else:
            watched.page.goto(f"http://127.0.0.1:{port}/app")
        watched.explorer(timeout=90_000)
        yield watched


@contextlib.contextmanager
def browser(width: int = 1280, height: int = 900, **context: Any) -> Iterator[Watched]:
    """A fresh headless browser."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            made = launched.new_context(viewport={"width": width, "height": height}, accept_downloads=True, **context)
            made.add_init_script(HOOK)
            yield Watched(made.new_page())
        finally:
            launched.close()
