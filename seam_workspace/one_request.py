"""One request to Seam, put together for the SDK's client in one go.

For each request httpx parses its address several times, letter by letter, merges headers, cookies, parameters and
credentials that are always the same or never there, and asks itself whether the answer passes on: all of that takes the
processor as long as the request itself. What goes to the transport here is the same request, but for cookies: those of
earlier answers are not sent.
"""

import copy
import re
from collections.abc import Mapping
from json import dumps
from typing import Any

import httpx
from seam.client import SeamHttpClient
from seam.null import replace_null
from seam.strict_url_search_params_serializer import serialize_url_search_params

_PATH = re.compile(r"/[a-z_/]+")
"""The SDK's are no others: nothing in them has to be written otherwise in an address."""


class OneRequest:
    """Takes the place of the client's `request`. Safe to use from many threads."""

    def __init__(self, client: SeamHttpClient):
        self._client = client
        self._otherwise = client.request
        base = client.base_url
        self._base = base
        self._is_known = not base.userinfo and not base.query
        self._headers = [(b"Host", base.netloc), *client.headers.raw]
        self._extensions = {"timeout": client.timeout.as_dict()}

    def __call__(self, method: str, url: Any, **parts: Any) -> Any:
        """As `SeamHttpClient.request`."""
        params, body = parts.pop("params", None) or {}, parts.pop("json", None)
        has_no_body = body is None and method in ("POST", "PUT", "PATCH")
        is_usual = isinstance(params, Mapping) and isinstance(url, str) and _PATH.fullmatch(url)
        if not self._is_known or has_no_body or not is_usual or any(one is not None for one in parts.values()):
            return self._otherwise(method, url, **parts, params=params, json=body)
        client = self._client
        request = self._made(method, url, params, body)
        for tell in client.event_hooks["request"]:
            tell(request)
        response = client._transport.handle_request(request)
        response.request = request
        for tell in client.event_hooks["response"]:
            tell(response)
        return client._handle_response(response)

    def _made(self, method: str, path: str, params: Mapping[str, Any], body: Any) -> httpx.Request:
        address = copy.copy(self._base)
        base = self._base._uri_reference
        # It is in the words of an address already: httpx would look at each letter to find that out.
        query = serialize_url_search_params(params) or None if params else None
        address._uri_reference = base._replace(path=base.path.rstrip("/") + path, query=query)
        content, headers = b"", self._headers
        if body is not None:
            # As httpx writes it.
            text = dumps(replace_null(body), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
            content = text.encode()
            size = str(len(content)).encode()
            headers = [*headers, (b"Content-Length", size), (b"Content-Type", b"application/json")]
        stream = httpx.ByteStream(content)
        request = httpx.Request(method, address, headers=headers, stream=stream, extensions=self._extensions)
        request.read()
        return request
