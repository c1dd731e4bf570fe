"""Writes a comment to a pull request on GitHub, over the one it wrote before."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

API = "https://api.github.com"
PAGE = 100
_SECONDS = 30
# Only the account that runs workflows may own the comment: anybody can write the marker.
AUTHOR = "github-actions[bot]"


class CommentError(RuntimeError):
    """The comment could not be written; the text says why."""


def post(text: str, marker: str, repository: str, number: int, env: Mapping[str, str]) -> str:
    """Write the text over our comment that begins with the marker, or as a new one.

    Args:
        repository: owner and name, with a slash between.
        number: of the pull request.
        env: GITHUB_TOKEN, and GITHUB_API_URL where it is not GitHub's own.

    Returns:
        "updated" or "written".

    Raises:
        CommentError: there is no token, or GitHub refuses or cannot be reached.
    """
    if not env.get("GITHUB_TOKEN"):
        raise CommentError("GITHUB_TOKEN is not set.")
    base = f"{env.get('GITHUB_API_URL') or API}/repos/{repository}/issues"
    found = _find(f"{base}/{number}/comments", marker, env["GITHUB_TOKEN"])
    if found is None:
        _call("POST", f"{base}/{number}/comments", env["GITHUB_TOKEN"], {"body": text})
        return "written"
    _call("PATCH", f"{base}/comments/{found}", env["GITHUB_TOKEN"], {"body": text})
    return "updated"


def _find(url: str, marker: str, token: str) -> int | None:
    page = 1
    while True:
        comments = _call("GET", f"{url}?per_page={PAGE}&page={page}", token)
        for one in comments:
            if str(one.get("body")).startswith(marker) and one["user"]["login"] == AUTHOR:
                return int(one["id"])
        if len(comments) < PAGE:
            return None
        page += 1


def _call(method: str, url: str, token: str, body: Mapping[str, str] | None = None) -> Any:
    request = urllib.request.Request(
        url,
        method=method,
        data=json.dumps(body).encode() if body else None,
        headers={
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "Content-Type": "application/json",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise CommentError(f"GitHub answered {error.code} to {method} {url}") from None
    except (OSError, ValueError) as error:
        raise CommentError(f"GitHub cannot be reached: {type(error).__name__}") from None
