"""The whole way from pools to bundles: on one core or several, stopped, out of time, with helpers that die."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from geo.progress import SILENT
from planning.bundles.engine.components import parts
from planning.bundles.engine.exact import Search
from planning.bundles.engine.graph import Part
from planning.bundles.engine.partition import Partition
from planning.bundles.engine.search import greedy
from planning.bundles.proposal import workers
from planning.bundles.proposal.propose import Proposal, propose
from planning.bundles.proposal.stages import Cover, Stop
from planning.bundles.settings import BundleSettings
from tests.planning.bundle_town import LIMITS, town_pools

Shape = list[tuple[tuple[str, ...], tuple[int, ...], int, int]]


def shape(proposal: Proposal) -> Shape:
    return [(one.part.ids, one.partition.masks(), one.bound, one.given_up) for one in proposal.answers]


def proposed(
    n: int = 60, *, seed: int = 1, seconds: float = 60.0, limits: BundleSettings = LIMITS, progress: object = SILENT
) -> Proposal:
    """A town of two streets."""
    return propose(
        town_pools(n, seed=seed, n_streets=2),
        limits,
        seed=1,
        seconds=seconds,
        progress=progress,  # type: ignore[arg-type]
    )


class StopAfter:
    """A user who cancels after so many updates."""

    def __init__(self, updates: int) -> None:
        self.left = updates
        self.shares: list[float] = []

    @property
    def stopped(self) -> bool:
        return self.left <= 0

    def update(self, share: float, text: str) -> None:
        assert text
        self.shares.append(share)
        self.left -= 1


@pytest.fixture()
def helped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two cores, and every problem worth a helper."""
    monkeypatch.setattr(workers, "cores", lambda: 2)
    monkeypatch.setattr(workers, "WORTH_IT", 1)


@pytest.fixture(scope="module")
def whole() -> Proposal:
    """What one process finds, undisturbed."""
    return proposed()


def valid(proposal: Proposal) -> None:
    for one in proposal.answers:
        Partition.of(one.part, one.partition.masks())
        assert one.households + one.given_up <= one.bound <= one.part.total


# --------------------------------------------------------------------------------------------------------- the answer


def test_every_part_is_proven_and_its_figures_add_up(whole: Proposal) -> None:
    valid(whole)
    assert whole.proven
    assert whole.bound == whole.households == sum(one.households for one in whole.answers)
    assert whole.metres == pytest.approx(sum(g.metres for one in whole.answers for g in one.partition.groups.values()))
    assert whole.given_up == 0


def test_the_same_seed_gives_the_same_bundles(whole: Proposal) -> None:
    assert shape(proposed()) == shape(whole)


def test_coverage_alone_is_the_same_coverage_in_no_shorter_ways(whole: Proposal) -> None:
    plain = propose(town_pools(60, seed=1, n_streets=2), LIMITS, seed=1, seconds=60, progress=SILENT, shorten=False)
    assert (plain.households, plain.bound) == (whole.households, whole.bound)
    assert plain.metres >= whole.metres


@pytest.mark.parametrize("share", [0.005, 0.05])
def test_near_gives_up_at_most_its_share_of_each_street(whole: Proposal, share: float) -> None:
    near = proposed(limits=replace(LIMITS, mode="near", near_share=share))
    valid(near)
    assert near.proven
    assert near.bound == whole.bound
    assert near.households == whole.households - near.given_up
    assert near.metres <= whole.metres
    pools = town_pools(60, seed=1, n_streets=2)
    for pool in pools:
        own = set(pool.ids)
        covered = sum(one.households for one in whole.answers if own.issuperset(one.part.ids))
        given = sum(one.given_up for one in near.answers if own.issuperset(one.part.ids))
        assert given <= share * covered
    if share > 0.01:
        assert near.given_up > 0
        assert near.metres < whole.metres


def test_near_with_nothing_to_give_is_exact(whole: Proposal) -> None:
    assert shape(proposed(limits=replace(LIMITS, mode="near", near_share=0.0))) == shape(whole)


def test_balance_keeps_the_coverage_for_two_percent_more_way(whole: Proposal) -> None:
    even = proposed(limits=replace(LIMITS, balance=True))
    valid(even)
    assert (even.households, even.bound) == (whole.households, whole.bound)
    assert even.metres <= 1.02 * whole.metres + 0.1


def test_no_pools_and_empty_pools_give_no_bundles() -> None:
    assert propose([], LIMITS, seed=1, seconds=1, progress=SILENT) == Proposal(())
    nothing = proposed(2)
    assert nothing.answers == ()
    assert nothing.proven
    assert nothing.households == nothing.bound == 0


# ------------------------------------------------------------------------------------------------------ time and users


def test_no_time_gives_the_greedy_bundles_with_an_honest_bound() -> None:
    proposal = proposed(seconds=0.0)
    valid(proposal)
    for one in proposal.answers:
        assert one.partition.score[:3] >= greedy(one.part).score[:3]
        assert one.bound == one.part.total


def test_no_time_starts_no_helpers(helped: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_Helper", None)
    valid(proposed(seconds=0.0))


@pytest.mark.parametrize("with_helpers", [False, True])
@pytest.mark.parametrize("updates", [1, 4])
def test_cancelled_work_keeps_what_is_proven(
    whole: Proposal, updates: int, with_helpers: bool, request: pytest.FixtureRequest
) -> None:
    if with_helpers:
        request.getfixturevalue("helped")
    progress = StopAfter(updates)
    begun = time.monotonic()
    proposal = proposed(progress=progress)
    assert time.monotonic() - begun < 30
    valid(proposal)
    assert proposal.households <= whole.households
    assert proposal.bound >= whole.bound
    assert progress.shares == sorted(progress.shares)


def test_progress_rises_to_the_end() -> None:
    progress = StopAfter(10**6)
    proposed(progress=progress)
    assert progress.shares == sorted(progress.shares)
    assert progress.shares[-1] == pytest.approx(1.0)


def test_a_running_proof_is_stopped_at_once() -> None:
    stop = Stop(60.0)
    with stop.watched(Search()) as search:
        stop.tell()
        assert search._stopped
    with stop.watched(Search()) as search:
        assert search._stopped, "a search that begins after the stop does not run"
    assert stop.now()
    assert stop.left_s() == 0.0


# ------------------------------------------------------------------------------------------------------------- helpers


def test_helpers_find_what_one_process_finds(whole: Proposal, helped: None) -> None:
    assert shape(proposed()) == shape(whole)


@pytest.fixture()
def started(helped: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[workers._Helper]]:
    """The helpers that get started."""
    found: list[workers._Helper] = []

    class Seen(workers._Helper):
        def __init__(self) -> None:
            super().__init__()
            found.append(self)

    monkeypatch.setattr(workers, "_Helper", Seen)
    yield found
    assert all(one._process.poll() is not None for one in found), "a helper outlived its work"


def test_helpers_end_with_the_work(started: list[workers._Helper]) -> None:
    proposed(40)
    assert len(started) == 1


def test_a_killed_helper_costs_nothing_but_time(whole: Proposal, started: list[workers._Helper]) -> None:
    def kill() -> None:
        while not started:
            time.sleep(0.01)
        time.sleep(0.3)
        os.kill(started[0]._process.pid, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)

    killer = threading.Thread(target=kill)
    killer.start()
    assert shape(proposed()) == shape(whole)
    killer.join()


def test_a_helper_that_cannot_start_costs_nothing_but_time(
    whole: Proposal, helped: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert shape(proposed()) == shape(whole)


class _Broken(Cover):
    """Fails wherever it runs."""

    def done(self, stop: Stop) -> tuple[tuple[int, ...], int]:
        raise ValueError("a fault of the program")


def test_a_fault_of_the_program_is_not_hidden(helped: None) -> None:
    (part,) = _parts()
    with workers.Crew(1000, 30.0) as crew, pytest.raises(ValueError, match="a fault of the program"):
        crew.submit(_Broken(part, 1)).result()


class _Deaf(Cover):
    """Does not listen to a stop in a helper."""

    def done(self, stop: Stop) -> tuple[tuple[int, ...], int]:
        if os.getpid() != MAIN:
            time.sleep(600)
        return super().done(stop)


MAIN = os.getpid()


def test_a_helper_that_does_not_listen_is_ended(helped: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_GRACE_S", 0.5)
    (part,) = _parts()
    with workers.Crew(1000, 60.0) as crew:
        waiting = [crew.submit(_Deaf(part, 1)) for _ in range(2)]
        time.sleep(0.5)
        crew.tell_to_stop()
        for one in waiting:
            masks, bound = one.result(timeout=30)
            Partition.of(part, masks)
            assert bound <= part.total


def _parts() -> list[Part]:
    return [part for pool in town_pools(20, seed=1) for part in parts(pool)][-1:]
