"""A solver process: reads pickled tasks from standard input, writes pickled answers to standard output, until the end.

Started as ``python -m planning.quarter.solver.worker`` by ``planning.quarter.solver.pool``.
"""

from __future__ import annotations

import os
import pickle
import struct
import sys
from typing import BinaryIO

_HEADER = struct.Struct("!Q")


def write_message(stream: BinaryIO, value: object) -> None:
    """One pickle with its length in front."""
    body = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_HEADER.pack(len(body)))
    stream.write(body)
    stream.flush()


def read_message(stream: BinaryIO) -> object:
    """The next message.

    Raises
    ------
    EOFError
        If the other side has closed the pipe.
    """
    header = stream.read(_HEADER.size)
    if len(header) < _HEADER.size:
        raise EOFError("the other side closed the pipe")
    (length,) = _HEADER.unpack(header)
    body = stream.read(length)
    if len(body) < length:
        raise EOFError("the other side closed the pipe within a message")
    return pickle.loads(body)


def main() -> int:
    """Serve tasks until the parent closes the pipe (also when it dies)."""
    from planning.quarter.solver.routing import solve_routing

    # Libraries may print: standard output belongs to the answers alone.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            task = read_message(sys.stdin.buffer)
        except EOFError:
            return 0
        try:
            answer: tuple[bool, object] = (True, solve_routing(task))  # type: ignore[arg-type]
        except Exception as error:  # noqa: BLE001 - handed to the parent, which raises it
            answer = (False, f"{type(error).__name__}: {error}")
        write_message(answers, answer)


if __name__ == "__main__":
    raise SystemExit(main())
