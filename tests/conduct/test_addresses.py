"""Addresses that try to lead a crawl astray: into the own network, or to where nobody sent it."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.error import DNSLookupError
from twisted.internet.interfaces import IReactorThreads

from microaudit.conduct.addresses import AddressRefusedError, PublicResolver, check_url, is_public
from microaudit.spiders import platform
from tests.conftest import Outcome, Site
from tests.market import fill

KWORK = platform("kwork")()
ASTRAY = """
https://127.0.0.1/projects
https://127.1/projects
https://127.0.1/projects
https://127.255.255.254/projects
https://2130706433/projects
https://0x7f000001/projects
https://0x7f.0x0.0x0.0x1/projects
https://0177.0.0.1/projects
https://0177.0000.0000.0001/projects
https://017700000001/projects
https://0/projects
https://0.0.0.0/projects
https://0x0/projects
https://10.0.0.1/projects
https://172.16.0.1/projects
https://192.168.0.1/projects
https://192.168.1/projects
https://3232235521/projects
https://169.254.169.254/latest/meta-data/
https://0xa9fea9fe/latest/meta-data/
https://2852039166/latest/meta-data/
https://0251.0376.0251.0376/latest/meta-data/
https://100.64.0.1/projects
https://198.18.0.1/projects
https://192.0.2.1/projects
https://224.0.0.1/projects
https://240.0.0.1/projects
https://255.255.255.255/projects
https://8.8.8.8/projects
https://[::]/projects
https://[::1]/projects
https://[0:0:0:0:0:0:0:1]/projects
https://[::127.0.0.1]/projects
https://[::ffff:127.0.0.1]/projects
https://[::ffff:7f00:1]/projects
https://[0:0:0:0:0:ffff:10.0.0.1]/projects
https://[64:ff9b::7f00:1]/projects
https://[2002:7f00:1::]/projects
https://[fe80::1]/projects
https://[fe80::1%25eth0]/projects
https://[fc00::1]/projects
https://[fd00:ec2::254]/projects
https://[ff02::1]/projects
https://localhost/projects
https://LOCALHOST/projects
https://localhost./projects
https://localhost.localdomain/projects
https://127.0.0.1.nip.io/projects
https://7f000001.nip.io/projects
https://localtest.me/projects
https://kwork.ru.127.0.0.1.nip.io/projects
https://127.0.0.1./projects
https://kwork.ru./projects
https://kwork.ru@127.0.0.1/projects
https://kwork.ru:443@127.0.0.1/projects
https://127.0.0.1@kwork.ru/projects
https://user:secret@kwork.ru/projects
https://kwork.ru%40127.0.0.1/projects
https://kwork.ru#@127.0.0.1/projects
https://kwork.ru\\@127.0.0.1/projects
https://127.0.0.1\\@kwork.ru/projects
https://127.0.0.1#.kwork.ru/projects
https://127.0.0.1?.kwork.ru/projects
https://127.0.0.1%2f.kwork.ru/projects
https://127.0.0.1%00.kwork.ru/projects
https://kwork.ru:22/projects
https://kwork.ru:8443/projects
https://kwork.ru:0/projects
https://kwork.ru:99999/projects
https://kwork.ru:+443/projects
http://kwork.ru/projects
http://kwork.ru:443/projects
https://evilkwork.ru/projects
https://kwork.ru.evil.org/projects
https://kwоrk.ru/projects
https://xn--kwrk-55d.ru/projects
https://ｋｗｏｒｋ.ru/projects
https://kwork。ru/projects
https://①②⑦.⓪.⓪.①/projects
https://１２７.0.0.1/projects
https://ⓛocalhost/projects
https:kwork.ru/projects
https:///projects
https:////127.0.0.1/projects
//127.0.0.1/projects
https://kwork.ru/inbox
https://kwork.ru/../projects
https://kwork.ru/projects?page=2
file:///etc/passwd
ftp://kwork.ru/projects
gopher://127.0.0.1:6379/_FLUSHALL
data:text/html,projects
javascript:alert(1)
s3://kwork.ru/projects
https://[kwork.ru/projects
https://_kwork.ru/projects
https://-.kwork.ru/projects
https://127.0.0.1:80:443/projects
https://kwork.ru /projects
 https://127.0.0.1/projects
https://kwork.ru\t.evil.org/projects
https://kwork.ru\r\nHost: evil.org/projects
""".strip("\n").split("\n")


def refused(url: str, allowed: tuple[str, ...] = ()) -> bool:
    try:
        check_url(url, allowed, KWORK.may_request)
    except AddressRefusedError:
        return True
    return False


@pytest.mark.parametrize("url", [url.replace("\\t", "\t").replace("\\r\\n", "\r\n") for url in ASTRAY])
def test_an_address_that_leads_astray_is_refused(url: str) -> None:
    assert refused(url)


def test_there_are_enough_of_them() -> None:
    assert len(set(ASTRAY)) >= 60


@pytest.mark.parametrize(
    "url",
    ["https://kwork.ru/projects", "https://www.kwork.ru/projects", "https://KWORK.ru/projects",
     "https://kwork.com/projects/1/view", "https://kwork.ru:443/projects?c=11"],
)  # fmt: skip
def test_the_platforms_own_addresses_pass(url: str) -> None:
    assert not refused(url)


class Anywhere:
    """A spider that would ask for anything: what is left is the guard's own refusal."""

    @staticmethod
    def may_request(url: str) -> bool:
        return True


@pytest.mark.parametrize("url", [url for url in ASTRAY if "kw" not in url and "://" in url])
def test_the_guard_and_the_resolver_refuse_without_the_spiders_help(url: str) -> None:
    """Whatever the guard lets through as a public name must then resolve, and a private answer is refused."""
    try:
        check_url(url, (), Anywhere.may_request)
    except AddressRefusedError:
        return
    host = url.split("/")[2]
    with pytest.raises(DNSLookupError):
        resolver().check(PRIVATE_NAMES[host], host)


# What public name services answer to these names.
PRIVATE_NAMES = dict.fromkeys(
    ("127.0.0.1.nip.io", "7f000001.nip.io", "localtest.me", "localhost.localdomain"), "127.0.0.1"
)


def resolver(*allowed: str) -> PublicResolver:
    reactor: Any = IReactorThreads
    return PublicResolver(reactor, 0, 10, allowed)


@pytest.mark.parametrize("name", ["localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0", "127.0.0.1"])
def test_what_the_system_resolves_to_a_private_address_is_refused(name: str) -> None:
    with pytest.raises(DNSLookupError, match="private"):
        resolver().check(socket.gethostbyname(name), name)


def test_allow_host_opens_exactly_the_named_host() -> None:
    assert resolver("localhost").check("127.0.0.1", "localhost") == "127.0.0.1"
    for other in ("127.0.0.1", "localhost.", "a.localhost", "LOCALHOST"):
        with pytest.raises(DNSLookupError):
            resolver("localhost").check("127.0.0.1", other)


@pytest.mark.parametrize(
    ("address", "public"),
    [("8.8.8.8", True), ("2606:4700::1111", True), ("::ffff:8.8.8.8", True), ("64:ff9b::808:808", True),
     ("::ffff:10.0.0.1", False), ("2002:c0a8:101::", False), ("::127.0.0.1", False), ("nonsense", False)],
)  # fmt: skip
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public


def resolve_to_loopback() -> None:
    """A resolver under an attacker's control: every name is a loopback address."""
    socket.gethostbyname = lambda name: "127.0.0.1"  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("allow", "met"), [("127.0.0.1", "CannotResolveHostError"), ("www.guru.com", "DownloadConnectionRefusedError")]
)
def test_a_name_that_turns_to_loopback_is_not_connected_to(
    crawl: Callable[..., Outcome], tmp_path: Path, allow: str, met: str
) -> None:
    """Only where the name itself is allowed is a connection tried: nothing listens there."""
    done = crawl("guru", "--base-url", "https://www.guru.com", allow=allow, first=resolve_to_loopback)
    assert done.status == 7
    with sqlite3.connect(tmp_path / "s.db") as store:
        (conduct,) = store.execute("SELECT conduct FROM crawl").fetchone()
    assert met in conduct


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}", "http://localhost:{port}", "http://127.1:{port}"])
def test_another_hosts_permission_opens_nothing(crawl: Callable[..., Outcome], site: Site, url: str) -> None:
    fill(site)
    done = crawl("guru", "--base-url", url.format(port=site.url.rsplit(":")[-1]), allow="127.0.0.2")
    assert (done.status, site.requests) == (6, [])
