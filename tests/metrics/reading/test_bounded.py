"""The Graphite client of the API's requests: few threads at once, one client for each process."""

from __future__ import annotations

import os

import pytest

from app.metrics.reading.bounded import BoundedGraphite, GraphiteBusy

NOWHERE = "http://127.0.0.1:9"


def test_no_more_threads_than_allowed_have_a_turn() -> None:
    bounded = BoundedGraphite(NOWHERE, at_once=2, timeout=1)
    with bounded.turn() as first, bounded.turn() as second:
        assert first is second
        with pytest.raises(GraphiteBusy), bounded.turn():
            pass
    with bounded.turn():
        pass


def test_a_turn_is_free_again_after_an_error() -> None:
    bounded = BoundedGraphite(NOWHERE, at_once=1, timeout=1)
    with pytest.raises(ZeroDivisionError), bounded.turn():
        raise ZeroDivisionError
    with bounded.turn():
        pass


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # threads of other tests; this one starts none
def test_a_forked_process_has_a_client_of_its_own() -> None:
    bounded = BoundedGraphite(NOWHERE, at_once=1, timeout=1)
    with bounded.turn() as parents:
        pass
    child = os.fork()
    if not child:
        with bounded.turn() as own:
            os._exit(own is parents)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with bounded.turn() as again:
        assert again is parents
