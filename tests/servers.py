"""Servers of the tests' own, on free ports of the loopback address."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager

from aiohttp import web
from sanic import Sanic

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def bound_socket() -> socket.socket:
    """A socket with a port of its own, not yet listening."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


def free_port() -> int:
    """A port on which nothing listens."""
    with closing(bound_socket()) as bound:
        return int(bound.getsockname()[1])


@asynccontextmanager
async def served(app: Sanic) -> AsyncIterator[str]:
    """The address of a real server of a Sanic app, in the running loop."""
    # Otherwise Sanic rewrites its own source at each start, which works once a process.
    Sanic.test_mode = True
    bound = bound_socket()
    server = await app.create_server(
        sock=bound, return_asyncio_server=True, access_log=False, debug=False
    )
    await server.startup()
    await server.before_start()
    await server.start_serving()
    await server.after_start()
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        await server.before_stop()
        server.close()
        await server.wait_closed()
        for connection in tuple(server.connections):
            connection.close_if_idle()


@asynccontextmanager
async def answering(handler: Handler) -> AsyncIterator[str]:
    """The address of an aiohttp server that hands every request to the handler."""
    runner = await _start(handler)
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@contextmanager
def answering_thread(handler: Handler) -> Iterator[int]:
    """The port of the same server in a thread, for code that runs a loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    runner = asyncio.run_coroutine_threadsafe(_start(handler), loop).result(10)
    try:
        yield int(runner.addresses[0][1])
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _start(handler: Handler) -> web.AppRunner:
    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner
