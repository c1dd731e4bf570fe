"""Requests whose heads are checked, since Sanic 21.12 trusts them.

There, `Content-Length: -1` makes the server read for ever without a pause, for everybody; other
odd lengths and a NUL in the path end the connection with the path in the log.
"""

from __future__ import annotations

import re
from typing import Any

from httptools.parser.errors import HttpParserInvalidURLError
from sanic.compat import Header
from sanic.exceptions import InvalidUsage
from sanic.request import Request

_LENGTH = re.compile(r"[0-9]{1,15}")


class StrictRequest(Request):
    """A request as Sanic makes it, but for those whose length or path nobody can tell.

    Raises:
        InvalidUsage: the head is malformed; answered by 400.
    """

    __slots__ = ()

    def __init__(self, url_bytes: bytes, headers: Header, *args: Any, **kwargs: Any) -> None:
        wrong = not _has_length(headers)
        try:
            super().__init__(url_bytes, headers, *args, **kwargs)
        except HttpParserInvalidURLError:
            super().__init__(b"*", headers, *args, **kwargs)
            wrong = True
        # Without a head it is the request that Sanic makes up to answer a refused one.
        if wrong and self.head:
            raise InvalidUsage("Bad Request")

    def __repr__(self) -> str:
        """Return its kind alone: Sanic logs requests, and a path may hold anything."""
        return "<StrictRequest>"


def _has_length(headers: Header) -> bool:
    """Tell whether the body's length is given in no more than one way, and as a length."""
    lengths = headers.getall("content-length", [])
    codings = headers.getall("transfer-encoding", [])
    if len(lengths) + len(codings) > 1:
        return False
    return all(map(_LENGTH.fullmatch, lengths)) and codings in ([], ["chunked"])
