"""Pieces of one field, worked on side by side."""

import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from tensorfem.kron.threads import VARIABLE, cores, in_threads, inside, thread_count, with_threads


def test_every_piece_is_worked_on_once():
    done = np.zeros(37, dtype=int)
    in_threads(lambda i: np.add(done[i : i + 1], 1, out=done[i : i + 1]), range(37), threads=3)
    np.testing.assert_array_equal(done, 1)


def test_pieces_run_side_by_side():
    for count in (2, 3):
        meeting = threading.Barrier(count, timeout=20)  # each waits for the others: in turn they would never meet
        in_threads(lambda _, meeting=meeting: meeting.wait(), range(count), threads=count)


def test_one_thread_is_the_callers_own():
    names = []
    in_threads(lambda _: names.append(threading.current_thread()), range(3), threads=1)
    assert set(names) == {threading.current_thread()}


def test_work_within_work_starts_no_threads():
    inner, known, meeting = [], [], threading.Barrier(2, timeout=20)

    def outer(_):
        meeting.wait()  # so that the caller's thread takes pieces, and one of the pool does
        known.append(inside())
        in_threads(lambda _: inner.append(threading.current_thread()), range(2), threads=2)

    in_threads(outer, range(4), threads=2)  # would wait for itself for ever, if the inner work had to wait for a thread
    assert len(inner) == 8
    assert known == [True] * 4
    assert not inside()


def test_the_first_error_is_raised_after_all_pieces_are_done():
    done = []

    def work(i):
        if i in (1, 3):
            raise ValueError(f"piece {i}")
        done.append(i)

    with pytest.raises(ValueError, match="piece 1"):
        in_threads(work, range(5), threads=2)
    assert sorted(done) == [0, 2, 4]


def test_it_comes_back_when_all_pieces_are_done():
    done, meeting = [], threading.Barrier(2, timeout=20)

    def work(i):
        meeting.wait()
        if threading.current_thread() is not threading.main_thread():
            time.sleep(0.05)  # the caller's thread has nothing left to do meanwhile
        done.append(i)

    in_threads(work, range(2), threads=2)
    assert sorted(done) == [0, 1]


def test_an_interrupt_ends_the_work():
    taken, meeting = [], threading.Barrier(2, timeout=20)

    def work(i):
        taken.append(i)
        if i < 2:
            meeting.wait()
        if threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt
        time.sleep(0.05)  # until the caller's thread has seen it

    with pytest.raises(KeyboardInterrupt):
        in_threads(work, range(9), threads=2)
    assert len(taken) < 9
    assert not inside()


def test_the_callers_floating_point_rules_hold_in_threads():
    def divide(_):
        np.ones(3) / np.zeros(3)

    with np.errstate(divide="ignore"):
        in_threads(divide, range(4), threads=2)
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError, match="divide by zero"):
        in_threads(divide, range(4), threads=2)


def test_the_count_is_what_the_environment_says(monkeypatch):
    monkeypatch.setenv(VARIABLE, "3")
    assert thread_count() == 3
    monkeypatch.delenv(VARIABLE)
    assert 1 <= thread_count() <= cores()


@pytest.mark.parametrize("given", ["0", "many", "", "-2", "1.5"])
def test_a_count_that_is_none_is_refused(monkeypatch, given):
    monkeypatch.setenv(VARIABLE, given)
    with pytest.raises(ValueError, match=f"{VARIABLE}: got {given!r}; allowed is a whole number of at least 1"):
        thread_count()


def test_within_a_block_the_count_is_what_was_asked_for(monkeypatch):
    monkeypatch.setenv(VARIABLE, "5")
    counts = []
    with with_threads(2):
        in_threads(lambda _: counts.append(thread_count()), range(3))  # in other threads too
        with with_threads(None):
            assert thread_count() == 2
        with pytest.raises(KeyError), with_threads(3):
            raise KeyError
        assert thread_count() == 2
    assert counts == [2, 2, 2]
    assert thread_count() == 5


FORKED = """
import os, signal
from tensorfem.kron.threads import in_threads
in_threads(id, range(4), threads=2)
child = os.fork()
if not child:
    signal.alarm(20)  # ends a child that waits for threads that it does not have
    in_threads(id, range(4), threads=2)
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="without fork")
def test_a_forked_process_starts_threads_of_its_own():
    done = subprocess.run(
        [sys.executable, "-c", FORKED],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "0", done.stderr
