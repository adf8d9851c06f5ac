"""Which addresses may be asked, and which network addresses may be connected to.

Two gates, because neither is enough alone: `HostGuard` refuses by the address as written, at every hop;
`PublicResolver` refuses by what the name stands for, and what it checked is what is connected to.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

# Names and numbers in their plain form. Whatever else a parser could read as a host, another may read otherwise.
PLAIN_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
PLAIN_URL = re.compile(r"https?://[^/?#\\@\s\x00-\x1f\x7f]+(?:[/?][^\\\s\x00-\x1f\x7f]*)?", re.IGNORECASE)
PORTS = (None, 443)
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AddressRefusedError(IgnoreRequest):
    """The address is private, oddly written, not of the platform, or not to be asked in the clear."""


def is_public(address: str) -> bool:
    """Whether a numeric address is on the public internet; one that carries an IPv4 address is judged by that."""
    try:
        value = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(value, ipaddress.IPv6Address):
        inner = value.ipv4_mapped or value.sixtofour or (value.teredo or (None, None))[1]
        if value in NAT64 or int(value) >> 32 == 0:  # the second: IPv4-compatible, long deprecated
            inner = ipaddress.IPv4Address(int(value) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return value.is_global and not value.is_multicast and not value.is_reserved


def check_url(url: str, allowed: Collection[str], may_request: Callable[[str], bool]) -> None:
    """AddressRefusedError unless `url` may be asked; hosts in `allowed` may be private, unencrypted, on any port."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise AddressRefusedError("not an address") from None
    if not PLAIN_URL.fullmatch(url):
        raise AddressRefusedError(f"{host} is written in a way that programs read differently")
    if not may_request(url):
        raise AddressRefusedError(f"{parts.path} on {host} is nothing that this crawl asks for")
    if host in allowed:
        return
    if parts.scheme != "https" or port not in PORTS:
        raise AddressRefusedError(f"{host} is asked by https on its own port only")
    if not PLAIN_HOST.fullmatch(host):
        raise AddressRefusedError(f"{host} is not the name of a public host")


class PublicResolver(CachingThreadedResolver):
    """Resolves names to public addresses only: the address that is checked is the one connected to."""

    def __init__(self, reactor: Any, cache_size: int, timeout: float, allowed: tuple[str, ...] = ()) -> None:
        super().__init__(reactor, cache_size, timeout)
        self.allowed = allowed

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> PublicResolver:
        settings = crawler.settings
        size = settings.getint("DNSCACHE_SIZE") if settings.getbool("DNSCACHE_ENABLED") else 0
        return cls(reactor, size, settings.getfloat("DNS_TIMEOUT"), tuple(settings.getlist("MICROAUDIT_ALLOW_HOSTS")))

    def getHostByName(self, name: str, timeout: Any = (60,)) -> Deferred[str]:  # noqa: N802 - Twisted's name
        return super().getHostByName(name, timeout).addCallback(self.check, name)

    def check(self, address: str, name: str) -> str:
        """The address that `name` resolved to, if it may be connected to."""
        if name not in self.allowed and not is_public(address):
            raise DNSLookupError(f"{name} resolves to the private address {address}")
        return address


class HostGuard:
    """Lets a request through only to what the platform's spider may ask for, redirects included."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.allowed = frozenset(crawler.settings.getlist("MICROAUDIT_ALLOW_HOSTS"))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> HostGuard:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        # robots.txt may be kept on another host (RFC 9309, 2.3.1.2); every other rule holds for it too.
        check_url(request.url, self.allowed, _anywhere if request.meta.get("is_robots_txt") else self._may_request)

    def _may_request(self, url: str) -> bool:
        return bool(self.crawler.spider.may_request(url))  # type: ignore[union-attr]


def _anywhere(url: str) -> bool:
    return True
