"""Posting: one comment on a pull request, ours, written over and over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from benchmarks.github import AUTHOR, CommentError, post
from benchmarks.pr_comment import MARKER, main
from tests.servers import answering_thread, free_port

REPOSITORY, TOKEN = "someone/guide", "t-123"


class GitHub:
    """The three calls of GitHub's API that posting makes."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.refuse = 0

    def write(self, body: str, login: str = AUTHOR) -> int:
        number = len(self.comments) + 1
        self.comments.append({"id": number, "body": body, "user": {"login": login}})
        return number

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        if self.refuse or request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({}, status=self.refuse or 401)
        if request.method == "GET":
            assert request.path == f"/repos/{REPOSITORY}/issues/7/comments"
            size, page = int(request.query["per_page"]), int(request.query["page"])
            return web.json_response(self.comments[size * (page - 1) : size * page])
        body = json.loads(await request.text())["body"]
        if request.method == "PATCH":
            number = int(request.path.removeprefix(f"/repos/{REPOSITORY}/issues/comments/"))
            self.comments[number - 1]["body"] = body
            return web.json_response(self.comments[number - 1])
        assert request.path == f"/repos/{REPOSITORY}/issues/7/comments"
        self.write(body)
        return web.json_response(self.comments[-1], status=201)


@pytest.fixture
def github() -> GitHub:
    return GitHub()


@pytest.fixture
def env(github: GitHub) -> Iterator[dict[str, str]]:
    with answering_thread(github) as port:
        yield {"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": f"http://127.0.0.1:{port}"}


def bodies(github: GitHub) -> list[str]:
    return [one["body"] for one in github.comments]


def test_the_first_run_writes_and_the_second_writes_over_it(
    github: GitHub, env: dict[str, str]
) -> None:
    github.write("Nice work")

    assert post(f"{MARKER} one", MARKER, REPOSITORY, 7, env) == "written"
    assert post(f"{MARKER} two", MARKER, REPOSITORY, 7, env) == "updated"

    assert bodies(github) == ["Nice work", f"{MARKER} two"]


def test_our_comment_is_found_behind_hundreds_of_others(
    github: GitHub, env: dict[str, str]
) -> None:
    for number in range(250):
        github.write(f"comment {number}")
    github.write(f"{MARKER} old")

    assert post(f"{MARKER} new", MARKER, REPOSITORY, 7, env) == "updated"

    assert bodies(github)[-1] == f"{MARKER} new"


def test_a_comment_of_somebody_else_is_left_alone_marker_or_not(
    github: GitHub, env: dict[str, str]
) -> None:
    github.write(f"{MARKER} not ours", login="someone")

    assert post(f"{MARKER} ours", MARKER, REPOSITORY, 7, env) == "written"

    assert bodies(github) == [f"{MARKER} not ours", f"{MARKER} ours"]


def test_a_refusal_is_told_without_the_token(github: GitHub, env: dict[str, str]) -> None:
    github.refuse = 403

    with pytest.raises(CommentError, match="GitHub answered 403 to GET") as refusal:
        post(MARKER, MARKER, REPOSITORY, 7, env)

    assert TOKEN not in str(refusal.value)


def test_without_a_token_or_a_network_nothing_is_posted() -> None:
    with pytest.raises(CommentError, match="GITHUB_TOKEN is not set"):
        post(MARKER, MARKER, REPOSITORY, 7, {})
    nowhere = {"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": f"http://127.0.0.1:{free_port()}"}
    with pytest.raises(CommentError, match="cannot be reached"):
        post(MARKER, MARKER, REPOSITORY, 7, nowhere)


def test_the_command_line_posts(
    github: GitHub, env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)

    assert main([str(tmp_path), "--post", REPOSITORY, "7"]) == 0
    github.refuse = 500
    assert main([str(tmp_path), "--post", REPOSITORY, "7"]) == 1

    assert bodies(github)[0].startswith(MARKER)
