"""Scrapy settings. Every line that departs from Scrapy's default says why; the values are the program's promise.

The commands add what a run needs (the store, the crawl's number, its source); nothing here is read from a site.
"""

from __future__ import annotations

import os

from microaudit import __version__

BOT_NAME = "microaudit"
SPIDER_MODULES = ["microaudit.spiders"]
NEWSPIDER_MODULE = "microaudit.spiders"


# --- Who we are -----------------------------------------------------------------------------------
# A site must be able to see who asks and to write to them; `crawl` refuses to go live without a contact.
def user_agent() -> str:
    """The program, its version and the contact address that is set now."""
    contact = os.environ.get("MICROAUDIT_CONTACT") or "not set"
    return f"microaudit/{__version__} (audit of public task listings; contact: {contact})"


USER_AGENT = user_agent()

# --- Manners --------------------------------------------------------------------------------------
ROBOTSTXT_OBEY = False  # Scrapy's own reader fails open on errors; microaudit.conduct.robots replaces it
CONCURRENT_REQUESTS = 1  # one request at a time, always
CONCURRENT_REQUESTS_PER_DOMAIN = 1
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 1  # bytes: the next page is asked for when the last one is stored
POLITE_DELAY = 5.0  # seconds between two requests to one host
DOWNLOAD_DELAY = max(float(os.environ.get("MICROAUDIT_DOWNLOAD_DELAY") or POLITE_DELAY), POLITE_DELAY)
DOWNLOAD_DELAY_JITTER = 0  # a plain rhythm can be checked against the promise
AUTOTHROTTLE_ENABLED = False  # conduct.waiting slows down for slow servers and also knows Crawl-delay
RETRY_TIMES = 2
RETRY_HTTP_CODES = [500, 502, 504, 522, 524, 408]  # 429 and 503 are answered by waiting, see conduct.waiting
REDIRECT_MAX_TIMES = 5
METAREFRESH_ENABLED = False  # a page that sends visitors on is that page; bot walls do so
MICROAUDIT_PAGE_BUDGET = 1000  # pages a crawl without --max-pages; --resume goes on from there
REFERRER_POLICY = "no-referrer"  # nothing of where we come from
COOKIES_ENABLED = False  # no session, no log-in; stray cookies also make Scrapy fetch a suffix list
HTTPERROR_ALLOW_ALL = True  # a refusal or an error page is a result: the spider names it

# --- Safety ---------------------------------------------------------------------------------------
DOWNLOAD_VERIFY_CERTIFICATES = True  # Scrapy's default is off
DOWNLOAD_MAXSIZE = 8 * 1024 * 1024  # bytes, inflated; the default of 1 GiB lets a gzip bomb through
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = 60  # seconds
TWISTED_DNS_RESOLVER = "microaudit.conduct.addresses.PublicResolver"  # private addresses do not resolve
TELNETCONSOLE_ENABLED = False  # no listening port
REMOTE_CONTROL_ENABLED = False  # no listening port
HTTPPROXY_ENABLED = True  # a newsroom's proxy, if its environment names one

# --- The way of a page ----------------------------------------------------------------------------
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # conduct.addresses is stricter
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "microaudit.conduct.addresses.HostGuard": 50,
    "microaudit.conduct.robots.Robots": 100,
    "microaudit.conduct.waiting.Waiting": 890,  # nearest to the network: sees every answer, retries and redirects too
}
ITEM_PIPELINES = {
    "pipelines.forgotten.Forgotten": 50,  # what was erased on request does not come back
    "pipelines.validate.Validate": 100,  # refuses what contradicts the contract
    "pipelines.redact.Redact": 150,  # what is hashed, judged and stored holds no private address
    "pipelines.recall.Recall": 200,  # joins what earlier pages showed; leaves out what has been judged
    "pipelines.stages.Language": 300,
    "pipelines.stages.Classify": 400,
    "pipelines.stages.Locate": 500,
    "pipelines.store.Store": 600,  # one page, one transaction
}
EXTENSIONS = {
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.remote_control.RemoteControl": None,
    "microaudit.recorder.Recorder": 100,  # what happened, for the run's row and the exit status
}
CONCURRENT_ITEMS = 1  # pages are stored one after the other, in the order in which they came

# --- Log ------------------------------------------------------------------------------------------
LOG_LEVEL = "WARNING"  # the commands print their own account
STATS_DUMP = False
