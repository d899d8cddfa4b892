"""A small HTTP client for load: keep-alive connections that ask again as soon as they are answered."""

import asyncio
import itertools
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class UnexpectedAnswerError(Exception):
    """The server did not answer 200 with a length: its speed means nothing."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one round of load came to."""

    requests: int
    seconds: float
    page_bytes: int


def request_bytes(host: str, cookie: str = "", path: str = "/", *more: str) -> bytes:
    """A page as a browser asks for it; `more` are header lines."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Accept: text/html", f"Cookie: {cookie}" if cookie else "", *more]
    return "\r\n".join(filter(None, lines)).encode() + b"\r\n\r\n"


def run_load(port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> Load:
    """Keeps `connections` busy for `seconds`; the requests are sent in turn."""
    return asyncio.run(_run(port, itertools.cycle(requests), connections, seconds))


def run_paced(port: int, requests: Sequence[Sequence[bytes]], *, pause: float) -> list[float]:
    """People who ask one after the other, `pause` seconds apart, whatever the others do: seconds of each answer.

    Each has a connection and a list of requests; they begin spread over the first pause.
    """
    return asyncio.run(_paced(port, requests, pause))


def get_page(port: int, request: bytes) -> bytes:
    """One page's body."""

    async def get() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            return await _exchange(reader, writer, request)
        finally:
            writer.close()

    return asyncio.run(get())


async def _run(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Load:
    start = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_ask(port, requests, start + seconds)) for _ in range(connections)]
    elapsed = time.perf_counter() - start
    counts, sizes = zip(*(task.result() for task in tasks), strict=True)
    return Load(sum(counts), elapsed, max(sizes))


async def _paced(port: int, requests: Sequence[Sequence[bytes]], pause: float) -> list[float]:
    async with asyncio.TaskGroup() as group:
        waits = [pause * place / len(requests) for place in range(len(requests))]
        people = [group.create_task(_type(port, mine, wait, pause)) for mine, wait in zip(requests, waits, strict=True)]
    return [seconds for person in people for seconds in person.result()]


async def _type(port: int, requests: Sequence[bytes], wait: float, pause: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    start, answers = time.perf_counter() + wait, []
    try:
        for number, request in enumerate(requests):
            due = start + number * pause
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await _exchange(reader, writer, request)
            answers.append(time.perf_counter() - due)  # what waited because of the answer before counts
    finally:
        writer.close()
    return answers


async def _ask(port: int, requests: Iterator[bytes], until: float) -> tuple[int, int]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    count = size = 0
    try:
        while time.perf_counter() < until:
            size = len(await _exchange(reader, writer, next(requests)))
            count += 1
    finally:
        writer.close()
    return count, size


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = LENGTH.search(head)
    if not head.startswith(b"HTTP/1.1 200") or length is None:
        raise UnexpectedAnswerError(head.decode("latin-1")[:300])
    return await reader.readexactly(int(length[1]))
