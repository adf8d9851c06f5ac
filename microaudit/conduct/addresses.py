"""Which hosts may be asked, and which network addresses may be connected to."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError


class AddressRefusedError(IgnoreRequest):
    """The address is private, or no host of the platform."""


def is_public(address: str) -> bool:
    """Whether a numeric address is on the public internet."""
    try:
        value = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(value, "ipv4_mapped", None)
    return is_public(str(mapped)) if mapped else value.is_global and not value.is_multicast


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
        return super().getHostByName(name, timeout).addCallback(self._check, name)

    def _check(self, address: str, name: str) -> str:
        if name not in self.allowed and not is_public(address):
            raise DNSLookupError(f"{name} resolves to the private address {address}")
        return address


class HostGuard:
    """Lets a request through only to the platform's own hosts, redirects included, and to allowed ones."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.allowed = set(crawler.settings.getlist("MICROAUDIT_ALLOW_HOSTS"))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> HostGuard:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        if host in self.allowed:
            return
        if parts.scheme not in ("http", "https") or not self._is_own(request.url):
            raise AddressRefusedError(f"{host} is not a host of this crawl")
        if _is_numeric(host) and not is_public(host):
            raise AddressRefusedError(f"{host} is a private address")

    def _is_own(self, url: str) -> bool:
        may_ask = getattr(self.crawler.spider, "may_ask", None)
        return may_ask is None or bool(may_ask(url))


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
