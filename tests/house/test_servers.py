"""`brainnb lab` and `brainnb app` as a newcomer starts them: real servers, headless, on this machine only."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from ..browser.ports import free_port

ROOT = Path(__file__).parents[2]
TOKEN = "a-token-for-the-test"
PATIENCE = 90  # seconds until a server answers, on a machine that is busy with other tests


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """Starts `brainnb ...` on a free port; gives its address once it answers; ends it after the tests."""
    running = []
    home = tmp_path_factory.mktemp("home")
    variables = {**os.environ, "HOME": str(home), "JUPYTER_CONFIG_DIR": str(home), "JUPYTER_TOKEN": TOKEN}

    def start_command(*words: str, answers_at: str) -> str:
        port = free_port()
        command = [sys.executable, "-m", "brainnb.cli", *words, "--port", str(port), "--no-browser"]
        log = home / f"{port}.log"
        with log.open("w") as output:
            process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=output, stderr=output)
        running.append(process)
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert process.poll() is None, log.read_text()
            try:
                get(address + answers_at)
            except OSError:  # nobody listens, or closes the line while it starts
                time.sleep(0.2)
            else:
                return address
        pytest.fail(f"no answer from {address}: {log.read_text()}")

    yield start_command
    for process in running:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def lab(start, tmp_path_factory):
    return start("lab", str(tmp_path_factory.mktemp("course")), answers_at="/api")


@pytest.fixture(scope="module")
def app(start):
    return start("app", "HodgkinHuxley", answers_at="/")


def test_lab_answers_without_a_token(lab):
    assert "version" in json.loads(get(f"{lab}/api"))


def test_lab_has_the_course(lab):
    listed = json.loads(get(f"{lab}/api/contents?token={TOKEN}"))["content"]
    shipped = {path.name for path in (ROOT / "notebooks").iterdir() if path.is_file()}
    assert {entry["name"] for entry in listed} >= shipped


def test_lab_shows_nothing_to_a_stranger(lab):
    with pytest.raises(urllib.error.HTTPError, match="403"):
        get(f"{lab}/api/contents")


def test_app_serves_the_explorer(app):
    page = get(f"{app}/HodgkinHuxley")
    assert re.search(r"<title>\s*HodgkinHuxley\s*</title>", page)


@pytest.mark.parametrize("name", ["lab", "app"])
def test_other_machines_are_not_served(name, request):
    port = int(request.getfixturevalue(name).rpartition(":")[2])
    outside = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in {*outside, "127.0.0.2"} - {"127.0.0.1"}:  # a server bound to everything answers on these too
        with socket.socket() as s:
            s.settimeout(2)
            assert s.connect_ex((address, port)) != 0


@pytest.mark.parametrize("query", ["v=" + "9" * 5000, "v=" + "[" * 20_000])
def test_long_queries_are_answered_before_they_are_read(app, query):
    with pytest.raises(urllib.error.HTTPError, match="414"):
        get(f"{app}/HodgkinHuxley?{query}")
    assert "<title>" in get(f"{app}/HodgkinHuxley?v=1")
