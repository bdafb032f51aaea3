"""Memory and speed of cutting dumps of any size, for each format and container.

    python benchmarks/streaming.py                       # all cases, 64 MB each
    python benchmarks/streaming.py --mb 2048 text.gz     # some of them, 2 GB each

A writer process makes the dump and a reader process cuts it, with nothing but a pipe between
them: a dump of 2 GB needs no disk, and nothing can be read twice. Of packed dumps, the same 4 MB
are packed once and written again and again, so that the writer is no bottleneck. The exit status
is 1 where a reader needed more than ``LIMIT``.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import io
import itertools
import json
import lzma
import resource
import subprocess
import sys
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage

import zstandard
from corpus import Writer

LIMIT = 250  # MB of resident memory
CHUNK_ARTICLES = 1600  # about 4 MB

Articles = list[tuple[str, list[str]]]


@dataclass(frozen=True)
class Chunk:
    """What a dump is made of: ``head``, then ``body`` any number of times, then ``tail``."""

    head: bytes
    body: bytes
    tail: bytes


def text(articles: Articles) -> Chunk:
    lines = []
    for number, (title, paragraphs) in enumerate(articles):
        lines.append(f"{number % 28 + 1:02}.02.2026, 09:{number % 60:02} {number}")
        lines += [title, *paragraphs]
    return Chunk(b" date 2026-03-01\n", ("\n".join(lines) + "\n").encode(), b"")


def untimed(articles: Articles) -> Chunk:
    """Text without time lines: titles are told by their shape."""
    lines = [line for title, paragraphs in articles for line in (title, "Images", *paragraphs)]
    return Chunk(b"", ("\n".join(lines) + "\n").encode(), b"")


def _record(number: int, title: str, paragraphs: list[str]) -> str:
    return json.dumps(
        {
            "title": title,
            "published": f"2026-02-{number % 28 + 1:02}T09:{number % 60:02}:00Z",
            "views": number,
            "url": f"https://norland.example/{number}",
            "body": "\n".join(paragraphs),
        },
        ensure_ascii=False,
    )


def _records(articles: Articles) -> list[str]:
    return [_record(number, *article) for number, article in enumerate(articles)]


def json_lines(articles: Articles) -> Chunk:
    return Chunk(b"", ("\n".join(_records(articles)) + "\n").encode(), b"")


def json_array(articles: Articles) -> Chunk:
    return Chunk(b'[{"title": "The first", "body": "Text."}', _behind_commas(articles), b"]")


def json_document(articles: Articles) -> Chunk:
    head = b'{"meta": {"count": 1}, "data": {"articles": [{"title": "The first", "body": "Text."}'
    return Chunk(head, _behind_commas(articles), b"]}}")


def _behind_commas(articles: Articles) -> bytes:
    return "".join(f",{record}" for record in _records(articles)).encode()


def html_in_json(articles: Articles) -> Chunk:
    pages = [(title, ["".join(f"<p>{each}</p>" for each in body)]) for title, body in articles]
    return json_lines(pages)


def mbox(articles: Articles) -> Chunk:
    letters = []
    for number, (title, paragraphs) in enumerate(articles):
        letter = EmailMessage()
        letter["From"], letter["Subject"] = "desk@norland.example", title
        letter["Date"] = f"Sun, {number % 28 + 1:02} Feb 2026 09:00:00 +0000"
        letter["Message-ID"] = f"<{number}@norland.example>"
        letter.set_content("\n\n".join(paragraphs))
        letters.append(b"From desk Sun Feb  1 09:00:00 2026\n" + letter.as_bytes() + b"\n\n")
    return Chunk(b"", b"".join(letters), b"")


def warc(articles: Articles) -> Chunk:
    records = []
    for number, (title, paragraphs) in enumerate(articles):
        body = "".join(f"<p>{each}</p>" for each in paragraphs)
        page = f"<!doctype html><title>{title}</title><article><h1>{title}</h1>{body}</article>"
        answer = (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page.encode()
        )
        head = (
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2026-02-01T09:00:00Z\r\n"
            f"WARC-Target-URI: https://norland.example/{number}\r\n"
            f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012}>\r\n"
            "Content-Type: application/http; msgtype=response\r\n"
            f"Content-Length: {len(answer)}\r\n\r\n"
        )
        records.append(head.encode() + answer + b"\r\n\r\n")
    return Chunk(b"", b"".join(records), b"")


def tar(articles: Articles) -> Chunk:
    """A file of forty articles each."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tape:
        for number, data in enumerate(_files(articles)):
            header = tarfile.TarInfo(f"day-{number}.txt")
            header.size = len(data)
            tape.addfile(header, io.BytesIO(data))
        end = tape.offset
    return Chunk(b"", out.getvalue()[:end], bytes(1024))


def zipped(articles: Articles) -> Chunk:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, data in enumerate(_files(articles)):
            archive.writestr(f"day-{number}.txt", data)
        end = archive.start_dir
    return Chunk(b"", out.getvalue()[:end], b"PK\5\6" + bytes(18))


def _files(articles: Articles) -> list[bytes]:
    dumps = (text(articles[start : start + 40]) for start in range(0, len(articles), 40))
    return [dump.head + dump.body for dump in dumps]


FORMATS: dict[str, Callable[[Articles], Chunk]] = {
    "text": text,
    "text-untimed": untimed,
    "json-lines": json_lines,
    "json-array": json_array,
    "json-document": json_document,
    "json-html": html_in_json,
    "tar": tar,
    "zip": zipped,
    "mbox": mbox,
    "warc": warc,
}
PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "gz": lambda data: gzip.compress(data, 1) if data else b"",
    "bz2": bz2.compress,
    "xz": lambda data: lzma.compress(data, preset=1) if data else b"",
    "zst": lambda data: zstandard.compress(data) if data else b"",
}
CASES = (
    "text",
    "text-untimed",
    "json-lines",
    "json-array",
    "json-document",
    "json-html",
    "tar",
    "zip",
    "mbox",
    "warc",
    *(f"{name}.{packing}" for name in ("text", "json-lines", "tar") for packing in PACKINGS),
    "json-array.gz",
    "json-document.zst",
    "warc.gz",
)


def write(case: str, megabytes: int) -> None:
    """Write the dump to standard output, until the reader ends or it is that large, unpacked."""
    name, _, packing = case.partition(".")
    writer = Writer()
    articles = [writer.article() for _ in range(CHUNK_ARTICLES)]
    chunk = FORMATS[name](articles)
    size = max(len(chunk.body), sum(map(len, _files(articles))) if name == "zip" else 0)
    pack = PACKINGS.get(packing, bytes)
    out = sys.stdout.buffer
    body = pack(chunk.body)
    try:
        out.write(pack(chunk.head))
        for _ in itertools.repeat(None, max(megabytes * 1_000_000 // size, 1)):
            out.write(body)
        out.write(pack(chunk.tail))
        out.flush()
    except BrokenPipeError:
        sys.stderr.close()


def read() -> None:
    """Cut the dump on standard input; prints one JSON object."""
    from monitor.config import SourceSettings
    from monitor.dumps import parse
    from monitor.model import Article

    profile = SourceSettings(name="norland", boilerplate=("Images",))
    articles = bad = size = 0
    started = time.perf_counter()
    for segment in parse(sys.stdin.buffer, profile, name="dump"):
        if isinstance(segment, Article):
            articles += 1
            size += len(segment.title) + sum(map(len, segment.paragraphs))
        else:
            bad += 1
    figures = {
        "articles": articles,
        "bad": bad,
        "characters": size,
        "seconds": time.perf_counter() - started,
        "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(figures))


def measure(case: str, megabytes: int) -> float:
    """Print one row; returns the peak of resident memory in MB."""
    me = [sys.executable, __file__]
    with subprocess.Popen([*me, "--write", case, "--mb", str(megabytes)], stdout=-1) as writer:
        found = subprocess.run([*me, "--read"], stdin=writer.stdout, stdout=-1, check=False)
        assert writer.stdout is not None
        writer.stdout.close()
    if found.returncode:
        raise SystemExit(f"{case} was not read (status {found.returncode})")
    row = json.loads(found.stdout)
    print(
        f"{case:20} {row['articles']:>10,} {row['bad']:>4} {row['characters'] / 1e6:>9,.0f}"
        f" {row['seconds']:>8.1f} {row['characters'] / 1e6 / row['seconds']:>7.1f}"
        f" {row['rss']:>6.0f}",
        flush=True,
    )
    return float(row["rss"])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(CASES))
    parser.add_argument("--mb", type=int, default=64, help="size of each dump, unpacked")
    parser.add_argument("--write", metavar="CASE", help=argparse.SUPPRESS)
    parser.add_argument("--read", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        write(options.write, options.mb)
        return
    if options.read:
        read()
        return
    if unknown := set(options.cases) - set(CASES):
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    print(
        f"{options.mb} MB each, unpacked; Python {sys.version.split()[0]}, zlib {zlib.ZLIB_VERSION}"
    )
    print(
        f"{'case':20} {'articles':>10} {'bad':>4} {'MB text':>9} {'seconds':>8} {'MB/s':>7}"
        f" {'RSS MB':>6}"
    )
    peaks = [measure(case, options.mb) for case in options.cases or CASES]
    print(f"highest peak: {max(peaks):.0f} MB of {LIMIT} MB allowed")
    if max(peaks) > LIMIT:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
