"""`brainnb lab` as a newcomer starts it: a real server, headless, that serves the notebooks."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOKEN = "a-token-for-the-test"


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A running server in a folder of its own, and where it answers."""
    home = tmp_path_factory.mktemp("home")
    port = free_port()
    variables = {**os.environ, "HOME": str(home), "JUPYTER_TOKEN": TOKEN, "JUPYTER_CONFIG_DIR": str(home)}
    command = [
        sys.executable,
        "-m",
        "brainnb.cli",
        "lab",
        str(home / "course"),
        "--port",
        str(port),
        "--no-browser",
    ]
    process = subprocess.Popen(
        command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/api", process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_for(url: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert process.poll() is None, process.stdout.read()
        try:
            get(url)
        except urllib.error.URLError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"no answer from {url}")


def test_it_answers_without_a_token(server):
    assert "version" in json.loads(get(f"{server}/api"))


def test_the_course_is_there(server):
    listed = json.loads(get(f"{server}/api/contents?token={TOKEN}"))["content"]
    shipped = {path.name for path in (ROOT / "notebooks").iterdir() if path.is_file()}
    assert {entry["name"] for entry in listed} >= shipped


def test_a_stranger_without_the_token_reads_nothing(server):
    with pytest.raises(urllib.error.HTTPError, match="403"):
        get(f"{server}/api/contents")


def test_only_this_machine_is_served(server):
    port = int(server.rpartition(":")[2])
    own_addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in own_addresses - {"127.0.0.1"}:
        with socket.socket() as s:
            s.settimeout(2)
            assert s.connect_ex((address, port)) != 0
