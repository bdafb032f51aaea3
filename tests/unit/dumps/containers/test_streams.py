"""Packed streams: whole, joined, truncated, damaged, and larger than they look."""

from __future__ import annotations

import bz2
import functools
import gzip
import io
import lzma
import random
import struct
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.dumps.container import limits, open_container
from monitor.dumps.container.source import Part, Source
from monitor.errors import DumpError

Pack = Callable[[bytes], bytes]


def _zstd(data: bytes) -> bytes:
    """As the command line tool packs a pipe: with a checksum, without the size."""
    stream = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    return stream.compress(data) + stream.flush()


PACKS: dict[str, Pack] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.compress,
    "zstd-checksum": _zstd,
}
packs = pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
NOISE = random.Random(7)
WORDS = " ".join(f"{NOISE.random():.6f}" for _ in range(15_000)).encode()


@functools.cache
def _packed(pack: Pack) -> bytes:
    return pack(WORDS)


def _unpack(data: bytes) -> tuple[bytes, str]:
    """What can be unpacked, and the message of the error behind it, or ""."""
    source = open_container(io.BytesIO(data))
    parts = []
    try:
        while part := source.read(10_007):
            parts.append(part)
    except DumpError as error:
        return b"".join(parts), str(error)
    return b"".join(parts), ""


@packs
@pytest.mark.parametrize("data", [b"x", b"word " * 300_000, WORDS], ids=["byte", "same", "noise"])
def test_whole(pack: Pack, data: bytes) -> None:
    """One stream, several joined, padded with zeros, an empty one before, packed twice."""
    packed = pack(data)
    assert _unpack(packed) == (data, "")
    assert _unpack(packed + packed) == (data + data, "")
    assert _unpack(packed + bytes(1024)) == (data, "")
    assert _unpack(packed + bytes(4) + packed) == (data + data, "")
    assert _unpack(pack(b"") + packed) == (data, "")
    assert _unpack(pack(packed)) == (data, "")


@packs
@settings(max_examples=25, deadline=None)
@given(share=st.floats(0.0, 0.9999))
def test_truncated(pack: Pack, share: float) -> None:
    """What is whole comes first, then an error that says so."""
    packed = _packed(pack)
    cut = packed[: max(int(len(packed) * share), 16)]
    found, message = _unpack(cut)
    assert message.startswith("truncated: ")
    assert WORDS.startswith(found)
    joined, message = _unpack(packed + cut)
    assert message.startswith("truncated: ")
    assert (WORDS + WORDS).startswith(joined)
    assert len(joined) >= len(WORDS)


@packs
@settings(max_examples=25, deadline=None)
@given(share=st.floats(0.05, 0.95), bit=st.integers(0, 7))
def test_damaged(pack: Pack, share: float, bit: int) -> None:
    """A wrong bit is found, or does no harm; nothing but DumpError is raised."""
    packed = bytearray(_packed(pack))
    packed[int(len(packed) * share)] ^= 1 << bit
    found, message = _unpack(bytes(packed))
    if not message:
        assert len(found) == len(WORDS)  # zstd without a checksum
    else:
        assert "corrupt" in message or "truncated" in message or "bomb" in message


@pytest.mark.parametrize("name", ["gzip", "xz"])
def test_damage_far_behind_loses_little(name: str) -> None:
    """Most of what stands before the damage is given, and given right."""
    packed = bytearray(_packed(PACKS[name]))
    packed[-len(packed) // 10] ^= 0x10
    found, message = _unpack(bytes(packed))
    assert "corrupt" in message
    assert WORDS.startswith(found[: len(WORDS) * 85 // 100])
    assert len(found) > len(WORDS) * 85 // 100


@pytest.mark.parametrize("behind", [b"what is this?", b"\x1f", b"BZ", b"\xfd7z"])
@packs
def test_trailing_bytes(pack: Pack, behind: bytes) -> None:
    """What is behind the last stream, and is none, does not count."""
    assert _unpack(pack(b"some text") + behind) == (b"some text", "")


@pytest.mark.parametrize("name", ["gzip", "bzip2", "xz", "zstd-checksum"])
@pytest.mark.parametrize("place", [0.0, 0.5, 0.98])
@pytest.mark.parametrize("size", [50, 5000, 80_000])
def test_recovery(name: str, place: float, size: int) -> None:
    """Behind a damaged stream the next one is found, for who asks; nothing is passed over
    unsaid."""
    noise = random.Random(size)
    parts = [b"%d:" % number + noise.randbytes(size // 2).hex().encode() for number in range(4)]
    packed = [bytearray(PACKS[name](part)) for part in parts]
    at = min(int(len(packed[1]) * place), len(packed[1]) - 1)
    packed[1][at : at + 9] = bytes(byte ^ 0xFF for byte in packed[1][at : at + 9])
    source = open_container(io.BytesIO(b"".join(packed)))
    found, errors = b"", 0
    while True:
        try:
            part = source.read(4096)
        except DumpError:
            errors += 1
            if not source.recover():
                break
            continue
        if not part:
            break
        found += part
    assert errors == 1
    assert found.startswith(parts[0])
    assert found.endswith(parts[2] + parts[3])
    assert not source.recover()


def test_no_recovery() -> None:
    """Of a plain file, a truncated one, or before all is read, there is nothing to go on with."""
    data = gzip.compress(WORDS)
    for broken in (data[:9000], data[:9000] + b"\xff" * 99 + data[9099:]):
        source = open_container(io.BytesIO(broken))
        assert not source.recover()
        assert source.read(1)
        assert not source.recover()
        with pytest.raises(DumpError):
            while source.read(1 << 20):
                pass
        assert not source.recover()
        with pytest.raises(DumpError):
            source.read(1)


def test_skippable_frames() -> None:
    """Frames of zstd that hold no data are passed over, wherever they stand."""
    skip = struct.pack("<II", 0x184D2A53, 70_000) + bytes(70_000)
    nothing = struct.pack("<II", 0x184D2A50, 0)
    frame = zstandard.compress(b"text")
    assert _unpack(skip + frame + nothing + frame + skip) == (b"texttext", "")
    assert _unpack(nothing + frame + skip[:-1])[1].startswith("truncated")


@packs
def test_bombs(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two limits: on the ratio of a layer from some size on, on the size in any case."""
    monkeypatch.setattr(limits, "RATIO_FROM", 1 << 20)
    bomb = pack(bytes(3_000_000))
    found, message = _unpack(bomb)
    assert "bomb" in message
    assert len(found) < 1_500_000
    monkeypatch.setattr(limits, "MAX_RATIO", 1 << 30)
    assert _unpack(bomb)[1] == ""
    monkeypatch.setattr(limits, "MAX_UNPACKED", 2_000_000)
    assert _unpack(bomb)[1] == "unpacks to more than 1 MiB"
    assert _unpack(pack(pack(bytes(1_900_000))))[1] == ""


def test_bomb_of_blocks() -> None:
    """A block of four bytes stands for 128 KiB: however many come at once, memory is bounded."""
    frame = struct.pack("<IBB", 0xFD2FB528, 0, 0x58)  # a window of 2 MiB
    blocks = (131072 << 3 | 1 << 1).to_bytes(3, "little") + b"a"
    end = (1).to_bytes(3, "little")
    source = open_container(io.BytesIO(frame + blocks * 400 + end))
    size = 0
    while part := source.read(1 << 16):
        size += len(part)
    assert size == 400 * 131072


def test_too_much_memory() -> None:
    """A window that is larger than what is granted is refused, not granted."""
    frame = struct.pack("<IBB", 0xFD2FB528, 0, 0xF8)  # a window of 2 TiB
    assert "corrupt" in _unpack(frame + (1).to_bytes(3, "little"))[1]


def test_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    """Layers are counted, whatever they are of."""
    data = b"some text"
    for name in ("gzip", "xz", "zstd", "bzip2", "gzip", "zstd"):
        data = PACKS[name](data)
    assert _unpack(data) == (b"some text", "")
    with pytest.raises(DumpError, match="packed more than 6 times over"):
        open_container(io.BytesIO(gzip.compress(data)))


class _Drip:
    """A stream that gives another number of bytes each time."""

    def __init__(self, data: bytes, seed: int) -> None:
        self._data, self._sizes = io.BytesIO(data), random.Random(seed)

    def read(self, size: int) -> bytes:
        return self._data.read(min(size, self._sizes.randint(1, 3000)))


@packs
def test_read_sizes_do_not_matter(pack: Pack) -> None:
    """However the stream below delivers its bytes."""
    packed = pack(WORDS) + pack(b"end")
    for seed in range(3):
        source = open_container(_Drip(packed, seed))  # type: ignore[arg-type]
        assert source.peek(5) == WORDS[:5]
        assert source.read(len(WORDS) + 100) == WORDS + b"end"
        assert source.read(10) == b""


def test_source_gives_back() -> None:
    """What was read too many comes next, before all else."""
    source = Source(io.BytesIO(b"abcdef").read)
    assert source.read(4) == b"abcd"
    source.give_back(b"cd")
    assert source.peek(3) == b"cde"
    assert source.read(9) == b"cdef"
    source.give_back(b"f")
    assert source.read(9) == b"f"
    assert source.read(9) == b""


def test_error_comes_last_and_stays() -> None:
    """All bytes before an error are read first, and then every read tells it."""
    parts = iter([b"abc", b"de"])

    def pull(_: int) -> bytes:
        for part in parts:
            return part
        raise DumpError("broken")

    source = Source(pull)
    assert source.peek(100) == b"abcde"
    assert source.read(100) == b"abcde"
    for _ in range(2):
        with pytest.raises(DumpError, match="broken"):
            source.read(1)
    assert source.peek(1) == b""


def test_part() -> None:
    """So many bytes and no more; a whole that is shorter is truncated."""
    whole = Source(io.BytesIO(b"abcdefgh").read)
    part = Part(whole, 5, "it")
    assert part.pull(3) == b"abc"
    part.finish()
    assert part.pull(3) == b""
    short = Part(whole, 5, "it")
    assert short.pull(9) == b"fgh"
    with pytest.raises(DumpError, match="truncated: it ends early"):
        short.finish()
