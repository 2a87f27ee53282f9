"""Texts read on all cores: helper processes that each build the gazetteer once and answer batches of texts.

Like `geo.road_worker` the helpers are started as processes of their own and spoken to through pipes, which runs
nothing of the calling program a second time.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Final

import geopandas as gpd

from geo.blocks.damage import remove_ways
from geo.blocks.gazetteer import Gazetteer
from geo.blocks.outline import outline
from geo.blocks.resolve import resolve
from geo.blocks.sampling import Job, Reader
from geo.blocks.types import Outline, Resolved
from geo.progress import Progress, Stopped
from geo.road_worker import cores
from geo.sides import BoundaryText, parse

_log = logging.getLogger(__name__)

FAILED: Final = "程序读这段文字时出错"
"""Begins the note of an outline that could not be made because of a fault of the program."""
_ROOT: Final = Path(__file__).resolve().parent.parent.parent
_BATCH: Final = 24
"""Texts for one question to a helper: a few seconds at most, so that Ctrl-C is soon heard."""
_WORTH_IT: Final = 60
"""Fewer texts are read in this process."""


@dataclass(frozen=True, slots=True)
class Question:
    """One text with what the register knows beside it; position ``(lon, lat)`` EPSG:4490."""

    text: str
    point: tuple[float, float] | None
    area_m2: float | None
    blocks_only: bool = False
    """Only the block of each candidate is wanted, not what is set back from it."""


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """What names are looked up in: checked ``WAYS``, outlines of known places, ``(alias, name)`` pairs."""

    ways: gpd.GeoDataFrame
    places: gpd.GeoDataFrame | None = None
    aliases: tuple[tuple[str, str], ...] = ()


MapKey = tuple[float, int]
"""Share of ways removed, and the seed of the removal; ``(0.0, 0)`` is the whole map."""
WHOLE: Final[MapKey] = (0.0, 0)


class _Bench:
    """Answers questions in this process; keeps the gazetteer of the last map asked for."""

    def __init__(self, city: Map) -> None:
        self._city = city
        self._key: MapKey | None = None
        self._gazetteer: Gazetteer | None = None

    def answer(self, key: MapKey, questions: Sequence[Question]) -> list[Outline]:
        if self._gazetteer is None or key != self._key:
            share, seed = key
            ways = remove_ways(self._city.ways, share, seed) if share > 0 else self._city.ways
            self._gazetteer = Gazetteer.of(ways, places=self._city.places, aliases=self._city.aliases)
            self._key = key
        return [read_or_say(one, self._gazetteer) for one in questions]


def read(question: Question, gazetteer: Gazetteer) -> Outline:
    """Parse, resolve and outline one text."""
    resolved = resolve(parse(question.text), question.point, gazetteer)
    return outline(
        resolved,
        area_m2=question.area_m2,
        point=question.point,
        gazetteer=gazetteer,
        blocks_only=question.blocks_only,
    )


def read_or_say(question: Question, gazetteer: Gazetteer) -> Outline:
    """As `read`; a text that the program fails on gives no candidate, a note for the screen and the log, and stops no other.

    A register holds thousands of texts: a fault in one of them must not cost the office all others.
    """
    try:
        return read(question, gazetteer)
    except Exception as error:  # noqa: BLE001 - said in the outcome and logged with its place in the code
        _log.exception("boundary text failed: %r at %s, %s m2", question.text[:500], question.point, question.area_m2)
        note = f"{FAILED}（{type(error).__name__}），请把这段文字告诉系统管理员，先手绘边界"
        return Outline((), Resolved(BoundaryText(question.text, {}), (), None), False, (note,))


class _Helper:
    """One helper process."""

    def __init__(self, city: Map) -> None:
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH", ""))))
        self._process = subprocess.Popen(
            [sys.executable, "-c", "import sys; from geo.blocks.workers import main; sys.exit(main())"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        self._city: Map | None = city

    def answer(self, key: MapKey, questions: Sequence[Question]) -> list[Outline]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        try:
            if self._city is not None:
                _send(stdin, self._city)
                self._city = None
            _send(stdin, (key, list(questions)))
            return pickle.load(stdout)
        except (BrokenPipeError, EOFError) as error:
            raise RuntimeError(f"a boundary process ended with code {self._process.wait()}") from error

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


class Readers:
    """Readers for one map; make it with `readers`. Helper processes are started by the first read that is worth them."""

    def __init__(self, city: Map) -> None:
        self._city = city
        self._bench = _Bench(city)
        self._helpers: list[_Helper] = []
        self._free: SimpleQueue[_Helper] = SimpleQueue()

    def _start(self) -> bool:
        """Whether there are helpers: one a core, none on a single one."""
        if not self._helpers and cores() > 1:
            for _ in range(cores()):
                self._helpers.append(_Helper(self._city))
                self._free.put(self._helpers[-1])
        return bool(self._helpers)

    def read(
        self, batches: Sequence[tuple[MapKey, Sequence[Question]]], progress: Progress, words: str
    ) -> list[list[Outline]]:
        """The outlines of every batch, in order.

        Raises
        ------
        Stopped
            When the progress says so.
        """
        total = sum(len(questions) for _, questions in batches)
        if total < _WORTH_IT or not self._start():
            return self._here(batches, total, progress, words)
        pieces = [
            (number, key, questions[k : k + _BATCH])
            for number, (key, questions) in enumerate(batches)
            for k in range(0, len(questions), _BATCH)
        ]
        answers: dict[int, list[Outline]] = {}
        with ThreadPoolExecutor(len(self._helpers)) as threads:
            futures: dict[Future[list[Outline]], int] = {
                threads.submit(self._ask, key, questions): k for k, (_, key, questions) in enumerate(pieces)
            }
            pending = set(futures)
            done_n = 0
            try:
                while pending:
                    done, pending = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
                    for future in done:
                        answers[futures[future]] = future.result()
                        done_n += len(answers[futures[future]])
                    progress.update(done_n / max(total, 1), f"{words} {done_n}/{total}")
                    if progress.stopped:
                        raise Stopped
            except BaseException:
                for future in pending:
                    future.cancel()
                self.close()
                raise
        result: list[list[Outline]] = [[] for _ in batches]
        for k, (number, _, _) in enumerate(pieces):
            result[number].extend(answers[k])
        return result

    def _ask(self, key: MapKey, questions: Sequence[Question]) -> list[Outline]:
        helper = self._free.get()
        try:
            return helper.answer(key, questions)
        finally:
            self._free.put(helper)

    def _here(
        self, batches: Sequence[tuple[MapKey, Sequence[Question]]], total: int, progress: Progress, words: str
    ) -> list[list[Outline]]:
        result: list[list[Outline]] = []
        done = 0
        for key, questions in batches:
            found: list[Outline] = []
            for question in questions:
                if progress.stopped:
                    raise Stopped
                found += self._bench.answer(key, [question])
                done += 1
                progress.update(done / max(total, 1), f"{words} {done}/{total}")
            result.append(found)
        return result

    def close(self) -> None:
        """End the helpers, whatever they are doing."""
        for helper in self._helpers:
            helper.close()


@contextmanager
def readers(city: Map) -> Iterator[Readers]:
    """Readers for one map; the helper processes end with the block."""
    found = Readers(city)
    try:
        yield found
    finally:
        found.close()


def reader(found: Readers) -> Reader:
    """What `geo.blocks.fitting.fit` reads its cases with."""

    def read_jobs(jobs: Sequence[Job], progress: Progress) -> list[list[Outline]]:
        batches = [
            ((share, seed) if share > 0 else WHOLE, [Question(c.text, c.point, c.area_m2, True) for c in cases])
            for share, seed, cases in jobs
        ]
        return found.read(batches, progress, "拟合可信度模型")

    return read_jobs


def _send(pipe: IO[bytes], value: object) -> None:
    pickle.dump(value, pipe, protocol=5)
    pipe.flush()


def main() -> int:
    """Read the map, then answer each batch until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent closes its helpers
    answers, questions = sys.stdout.buffer, sys.stdin.buffer
    bench = _Bench(pickle.load(questions))
    while True:
        try:
            key, batch = pickle.load(questions)
        except EOFError:
            return 0
        _send(answers, bench.answer(key, batch))


if __name__ == "__main__":
    sys.exit(main())
