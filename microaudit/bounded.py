"""Work with a time limit: some markup keeps a parser busy for hours.

An alarm ends what runs in Python. One call of the C parser hears no alarm: on a large page it can take hours, so
that such a page is read in a child process, which can be killed. On a small one, no single call takes long.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar

LARGE = 512 * 1024  # bytes
SECONDS = 30.0

T = TypeVar("T")


class TooLongError(Exception):
    """The work was not done in time, or its process died of it."""


def within(seconds: float, work: Callable[[], T], fork: bool = False) -> T:
    """What `work` returns or raises, done here or in a fork of this process; TooLongError after so many seconds."""
    if fork:
        return _forked(seconds, work)
    if threading.current_thread() is not threading.main_thread():  # only the main thread hears signals
        return work()
    before = signal.signal(signal.SIGALRM, _too_long)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)  # and each second after, lest one is caught on its way
    try:
        return work()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _too_long(*_: object) -> None:
    raise TooLongError("not done in time")


def _forked(seconds: float, work: Callable[[], T]) -> T:
    receiver, sender = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=_child, args=(work, sender), daemon=True)
    child.start()
    sender.close()
    try:
        if not receiver.poll(seconds):
            raise TooLongError("not done in time")
        value, error = receiver.recv()
    except EOFError:
        raise TooLongError("its process died") from None
    finally:
        child.kill()
        child.join()
        receiver.close()
    if error is not None:
        raise error
    return value  # type: ignore[no-any-return]


def _child(work: Callable[[], T], sender: Connection) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):  # the parent answers these
        signal.signal(number, signal.SIG_IGN)
    try:
        sender.send((work(), None))
    except Exception as error:  # it is raised again on the other side
        sender.send((None, error))
    os._exit(0)
