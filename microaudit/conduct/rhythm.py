"""When a host may be asked next. No clock of its own: times are seconds of the caller's monotonic clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

DEFAULT_WAIT = 60.0  # seconds, where a busy site does not say how long; doubled each time
LONGEST_WAIT = 900.0  # seconds in all that one host is waited for before it is left alone
TRIES = 3  # busy answers in a row after which a host is left alone
SILENCES = 9  # requests in a row without an answer after which a host is given up: three addresses, tried thrice
SLOWEST = 60.0  # seconds that a slow server's own pace may come to


@dataclass(slots=True)
class Host:
    """What is known of one host."""

    free_at: float = 0.0  # nothing is sent before
    crawl_delay: float = 0.0  # that robots.txt asks for
    slowed: float = 1.0  # grows with each busy answer, for the rest of the crawl
    busy: int = 0  # busy answers in a row
    waited: float = 0.0  # seconds asked for by busy answers so far
    silences: int = 0  # requests in a row without an answer


class Rhythm:
    """The pace of each host: `least` seconds from an answer to the next request, more where the host needs it."""

    def __init__(self, least: float) -> None:
        self.least = least
        self.hosts: dict[str, Host] = {}

    def host(self, name: str) -> Host:
        return self.hosts.setdefault(name, Host())

    def wait(self, name: str, now: float) -> float:
        """Seconds until the host may be asked."""
        return max(0.0, self.host(name).free_at - now)

    def answered(self, name: str, now: float, latency: float = 0.0) -> None:
        """An answer came, or none did: rest for the delay, longer the longer it took."""
        host = self.host(name)
        # Without a delay of its own the server is one's own, and may be kept busy.
        slow = min(2 * latency, SLOWEST) if self.least else 0.0
        delay = max(self.least * host.slowed, host.crawl_delay, slow)
        host.free_at = max(host.free_at, now + delay)

    def calm(self, name: str) -> None:
        """The host served a page: it is not busy any more."""
        self.host(name).busy = self.host(name).silences = 0

    def silent(self, name: str) -> bool:
        """A request got no answer. True: one too many."""
        self.host(name).silences += 1
        return self.host(name).silences >= SILENCES

    def rest(self, name: str, now: float, asked: float | None) -> bool:
        """The host is busy and asks for so many seconds (None: does not say). False: it is to be left alone."""
        host = self.host(name)
        seconds = DEFAULT_WAIT * 2**host.busy if asked is None else asked
        host.busy += 1
        host.slowed = min(2 * host.slowed, 8.0)
        host.waited += seconds
        host.free_at = max(host.free_at, now + seconds)
        return host.busy <= TRIES and host.waited <= LONGEST_WAIT


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for: a number or an HTTP date (RFC 9110); None for neither."""
    text = value.strip()
    if text.isdecimal() and text.isascii():
        return float(text[:12])
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return None
