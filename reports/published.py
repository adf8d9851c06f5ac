"""Published figures of the literature, as context: other years, units and definitions.

Only figures are listed whose text was seen in the source itself or in a named source that repeats
it. Tables that nobody here has opened are not quoted.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Published:
    """One figure with its unit and period; `seen` says where its text was read."""

    platform: str
    share: str
    unit: str
    source: str
    seen: str


PUBLISHED = (
    Published(
        "Freelancer.com",
        "about 30 %",
        "of job posts, more than 7 years to 2011",
        "Motoyama, thesis abstract (escholarship.org/uc/item/87s441sw); Motoyama et al., USENIX Security 2011",
        "in the source",
    ),
    Published(
        "Mechanical Turk",
        "40.92 %",
        "of tasks sampled in 2010 (2,390 of 5,841), called spam",
        "Ipeirotis, 2010",
        "as repeated by brokenturk.blogspot.com, December 2010",
    ),
    Published(
        "Mechanical Turk",
        "12 %",
        "of tasks in 2011, called crowdturfing",
        "Wang et al., WWW 2012",
        "as reported by MIT Technology Review",
    ),
    Published(
        "Microworkers",
        "89.7 %",
        "of 1,856,316 microtasks in 365 days, “connected to online promotion”: wider than illicit",
        "Héder, Információs Társadalom 19(4), 2019 (arXiv 1803.07029)",
        "in the source",
    ),
    Published(
        "ShortTask",
        "95 %",
        "of tasks in 2011, called crowdturfing",
        "Wang et al., WWW 2012",
        "as reported by MIT Technology Review",
    ),
    Published(
        "Zhubajie and Sandaha",
        "about 90 %",
        "of all tasks on these two sites",
        "Wang et al., WWW 2012",
        "as cited by Lee et al., ICWSM 2013",
    ),
    Published(
        "Fiverr",
        "22.7 %",
        "of offers, not tasks (19,904 of 87,818, predicted by a classifier)",
        "Lee, Webb & Ge, ICWSM 2014",
        "in its abstract, as reposted",
    ),
)
