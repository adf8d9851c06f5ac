"""How the crawler behaves on other people's servers. Everything here runs between engine and network.

The parts tell each other, and the ledger, what they met by these Scrapy signals.
"""

ROBOTS_READ = object()  # verdict: conduct.robots.Verdict of one host
LEFT_ALONE = object()  # reason: why a site is asked nothing more in this crawl
UNREACHABLE = object()  # reason: too many requests in a row got no answer
