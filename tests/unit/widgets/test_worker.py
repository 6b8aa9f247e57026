"""The newest-only worker: nothing queues, nothing old overwrites, nothing is left behind."""

import threading
import time

import pytest
from waiting import until

from brainnb.widgets.worker import NewestOnly


class Work:
    """Work that takes its time and writes down what it did."""

    def __init__(self, seconds=0.02):
        self.seconds, self.done, self.given_up = seconds, [], []
        self.started = threading.Event()

    def __call__(self, job):
        end = time.monotonic() + self.seconds
        self.started.set()
        while time.monotonic() < end:
            if not job.go_on():
                self.given_up.append(job.request)
                return
            time.sleep(0.001)
        self.done.append(job.request)


def test_a_burst_leaves_the_first_and_the_newest():
    begun, all_asked, done = threading.Event(), threading.Event(), []

    def work(job):
        begun.set()
        assert all_asked.wait(20)
        done.append(job.request)

    worker = NewestOnly(work)
    worker.submit(0, 0, urgent=False)
    assert begun.wait(20)
    for i in range(1, 100):
        worker.submit(i, i, urgent=False)
    all_asked.set()
    assert worker.wait(20)
    assert done == [0, 99]


def test_an_urgent_request_ends_the_run_under_way():
    work = Work(seconds=5)
    worker = NewestOnly(work)
    worker.submit("old", 1)
    assert work.started.wait(2)
    work.seconds = 0.01
    worker.submit("new", 2)
    assert worker.wait(2)
    assert work.given_up == ["old"]
    assert work.done == ["new"]


def test_a_long_run_gives_way_without_being_hurried(monkeypatch):
    monkeypatch.setattr("brainnb.widgets.worker.PATIENCE", 0.05)
    work = Work(seconds=5)
    worker = NewestOnly(work)
    worker.submit("old", 1, urgent=False)
    assert work.started.wait(2)
    work.seconds = 0.01
    worker.submit("new", 2, urgent=False)
    assert worker.wait(2)
    assert work.done == ["new"]


def test_stop_ends_the_run_and_forgets_the_waiting_one():
    work = Work(seconds=5)
    worker = NewestOnly(work)
    worker.submit("running", 1, urgent=False)
    assert work.started.wait(2)
    worker.submit("waiting", 2, urgent=False)
    assert worker.stop()
    assert worker.wait(2)
    assert work.given_up == ["running"]
    assert work.done == []


def test_stop_with_nothing_to_stop_says_so():
    assert not NewestOnly(Work()).stop()


def test_no_thread_stays_behind():
    before = threading.active_count()
    worker = NewestOnly(Work(0.001))
    for i in range(20):
        worker.submit(i, i)
    assert worker.wait(5)
    until(lambda: threading.active_count() <= before)


def test_many_threads_may_ask():
    work = Work(0.001)
    worker = NewestOnly(work)
    threads = [threading.Thread(target=lambda k=k: [worker.submit((k, i), i) for i in range(200)]) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    worker.submit("last", 999)
    assert worker.wait(10)
    assert work.done[-1] == "last"


def test_waiting_for_oneself_is_refused():
    said = []

    def work(job):
        try:
            worker.wait()
        except RuntimeError as error:
            said.append(str(error))

    worker = NewestOnly(work)
    worker.submit(1, 1)
    assert worker.wait(5)
    assert said == ["A run cannot wait for itself: do not read .result inside a progress callback."]


def test_the_worker_survives_an_error_in_the_work(monkeypatch):
    seen = []
    monkeypatch.setattr(threading, "excepthook", lambda args: seen.append(args.exc_type))

    def work(job):
        if job.request == "bad":
            raise OSError("broken")
        seen.append(job.request)

    worker = NewestOnly(work)
    worker.submit("bad", 1)
    worker.wait(2)
    worker.submit("good", 2)
    assert worker.wait(2)
    assert seen == [OSError, "good"]


def test_wait_reports_that_time_was_short():
    worker = NewestOnly(Work(60))
    worker.submit(1, 1)
    assert not worker.wait(0.01)
    assert worker.busy
    assert worker.stop()
    assert worker.wait(20)
    assert not worker.busy


@pytest.mark.parametrize("urgent", [True, False])
def test_a_finished_run_is_not_called_stopped(urgent):
    jobs = []
    worker = NewestOnly(jobs.append)
    worker.submit(1, 7, urgent=urgent)
    assert worker.wait(2)
    assert not jobs[0].stopped
    assert not jobs[0].gave_way
    assert jobs[0].generation == 7
