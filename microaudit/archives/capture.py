"""One page as an archive, a WARC file or a folder kept it, and the response it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from scrapy import Request
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from microaudit.items import Source


@dataclass(frozen=True, slots=True)
class Capture:
    """A page as captured: `observed_at` is the capture time (UTC), `headers` those of the site's answer."""

    url: str
    observed_at: datetime
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    source: Source = "file"

    def meta(self) -> dict[str, Any]:
        """What a request for this capture carries, so that a spider dates its tasks by the capture."""
        return {"observed_at": self.observed_at, "source": self.source, "follow": False}

    def response(self, request: Request | None = None) -> Response:
        """The Scrapy response, of the class that its content type and body call for."""
        headers = Headers({name: value for name, value in self.headers.items() if name.lower() != "content-encoding"})
        cls = responsetypes.from_args(headers=headers, url=self.url, body=self.body)
        request = request or Request(self.url, meta=self.meta())
        return cls(self.url, status=self.status, headers=headers, body=self.body, request=request)
