"""tar and ZIP: what is in them, what of it is read, and what becomes of the rest."""

from __future__ import annotations

import gzip
import io
import random
import struct
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config import SourceSettings
from monitor.dumps.container import limits

from .archives import add, dump, taken, tar_of, titles_of, zip_of

FILES = {f"day-{number}.txt": dump(number) for number in range(4)}
NOISE = random.Random(3).randbytes(20_000).hex().encode()

ARCHIVES = {
    "tar": tar_of(FILES),
    "tar-gnu": tar_of(FILES, tarfile.GNU_FORMAT),
    "tar-ustar": tar_of(FILES, tarfile.USTAR_FORMAT),
    "tar.gz": gzip.compress(tar_of(FILES)),
    "zip": zip_of(FILES),
    "zip-stored": zip_of(FILES, zipfile.ZIP_STORED),
    "zip-bzip2": zip_of(FILES, zipfile.ZIP_BZIP2),
    "zip-streamed": zip_of(FILES, streamed=True),
    "zip-streamed-stored": zip_of(FILES, zipfile.ZIP_STORED, streamed=True),
    "zip-streamed-bzip2": zip_of(FILES, zipfile.ZIP_BZIP2, streamed=True),
    "zip-of-gz": zip_of({f"{name}.gz": gzip.compress(data) for name, data in FILES.items()}),
    "zip-of-zip": zip_of({"a.zip": zip_of(FILES)}),
    "tar-of-tar": tar_of({"a.tar": tar_of(FILES)}),
    "gz-of-zip-of-tar.gz": gzip.compress(zip_of({"a.tgz": gzip.compress(tar_of(FILES))})),
}
archives = pytest.mark.parametrize("data", ARCHIVES.values(), ids=ARCHIVES)


@archives
def test_whole(data: bytes) -> None:
    """The articles of all members, in their order, numbered through."""
    assert taken(data) == (titles_of(0, 1, 2, 3), [], "")


@archives
@settings(max_examples=30, deadline=None)
@given(share=st.floats(0.0, 0.999))
def test_truncated(data: bytes, share: float) -> None:
    """Articles that are whole come first, the one that is cut off is bad, then the error."""
    cut = data[: max(int(len(data) * share), 600)]
    titles, reasons, error = taken(cut)
    expected = titles_of(0, 1, 2, 3)
    assert titles == expected[: len(titles)]
    # The directory at the end of a ZIP archive is not asked for, so it may be missing.
    assert "truncated" in error or titles == expected
    assert len(reasons) <= 3


@archives
@settings(max_examples=40, deadline=None)
@given(place=st.floats(0.0, 0.999), bit=st.integers(0, 7))
def test_damaged(data: bytes, place: float, bit: int) -> None:
    """A wrong bit anywhere costs something, or nothing; only DumpError is ever raised."""
    damaged = bytearray(data)
    damaged[int(len(data) * place)] ^= 1 << bit
    taken(bytes(damaged))


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([b"PK\x03\x04", tar_of({"a": b""})[:512], b"\x28\xb5\x2f\xfd", b"PK\x07\x08"]),
    st.binary(max_size=300),
)
def test_any_bytes_behind_a_magic_number(magic: bytes, rest: bytes) -> None:
    """Nothing but DumpError is ever raised."""
    taken(magic + rest)


# ------------------------------------------------------------------ members


@pytest.mark.parametrize("make", [tar_of, zip_of])
def test_names(make: object) -> None:
    """Nothing is ever written under a member's name, so any will do; what systems and people hide
    is left out."""
    data = make(  # type: ignore[operator]
        {
            "/etc/day.txt": dump(0),
            "../../day.txt": dump(1),
            "каталог/день.txt": dump(2),
            "__MACOSX/._day.txt": b"\0\5\x16\7" * 99,
            ".DS_Store": b"\0\0\0\1Bud1" * 99,
            "pages/.git/config": b"[core]\nbare = false",
            "Thumbs.db": b"\xd0\xcf\x11\xe0" * 99,
            "a/" * 120 + "day.txt": dump(3),
        }
    )
    assert taken(data) == (titles_of(0, 1, 2, 3), [], "")


def test_tar_special_members() -> None:
    """Links and devices are named with a reason; folders and pax headers of all say nothing."""
    out = io.BytesIO()
    headers = {"comment": "of all"}
    with tarfile.open(fileobj=out, mode="w", pax_headers=headers) as tape:
        add(tape, "pages", type=tarfile.DIRTYPE)
        add(tape, "pages/one.txt", dump(1))
        add(tape, "soft", type=tarfile.SYMTYPE, linkname="/etc/passwd")
        add(tape, "hard", type=tarfile.LNKTYPE, linkname="pages/one.txt")
        add(tape, "null", type=tarfile.CHRTYPE)
        add(tape, "pipe", type=tarfile.FIFOTYPE)
        add(tape, "two.txt", dump(2), pax_headers={"path": "pages/two.txt", "mtime": "1.5"})
    titles, reasons, error = taken(out.getvalue())
    assert (titles, error) == (titles_of(1, 2), "")
    assert [reason.partition(":")[0] for reason in reasons] == ["soft", "hard", "null", "pipe"]
    assert "link" in reasons[0]
    assert "device" in reasons[2]


def test_sparse_member(tmp_path: Path) -> None:
    """A file with holes is not read as if it had none."""
    with (tmp_path / "holes.txt").open("wb") as file:
        file.seek(1 << 20)
        file.write(b"end")
    for form in ("gnu", "pax"):
        archive = tmp_path / f"{form}.tar"
        command = [
            "tar",
            "-C",
            tmp_path,
            "--sparse",
            f"--format={form}",
            "-cf",
            archive,
            "holes.txt",
        ]
        subprocess.run(command, check=True)
        titles, reasons, error = taken(archive.read_bytes())
        assert (titles, error) == ([], "")
        assert "sparse" in reasons[0]


def test_joined_tapes() -> None:
    """Archives one behind the other are one."""
    assert taken(tar_of({"a": dump(0)}) + tar_of({"b": dump(1)}))[0] == titles_of(0, 1)


def test_tar_without_end_mark() -> None:
    """Where the last member may not have been the last, the dump is not taken for whole."""
    data = tar_of({"a": dump(0)}).rstrip(b"\0")
    data += bytes(-len(data) % 512)
    assert taken(data) == (titles_of(0), [], "truncated: the tar archive ends without its end mark")


def test_tar_header_without_end() -> None:
    """A header that claims to be gigabytes is passed over, not held."""
    header = tarfile.TarInfo("long")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 70_000
    data = header.tobuf() + b"n" * 70_000 + bytes(-70_000 % 512) + tar_of({"a.txt": dump(0)})
    assert taken(data)[0] == titles_of(0)
    header.size = 8 << 30
    assert "truncated" in taken(header.tobuf() + b"n" * 5000)[2]


def test_damaged_header_of_a_tape() -> None:
    """The next good header is found; one member is lost and told."""
    data = bytearray(tar_of(FILES))
    data[data.index(b"day-1.txt")] ^= 1
    titles, reasons, error = taken(bytes(data))
    assert (titles, error) == (titles_of(0, 2, 3), "")
    assert len(reasons) == 1
    assert "damaged" in reasons[0]


@pytest.mark.parametrize("streamed", [False, True])
def test_encrypted_and_unusual_packings(streamed: bool) -> None:
    """Members that cannot be read are told, the others are read."""
    data = bytearray(zip_of(FILES, streamed=streamed))
    second = data.index(b"PK\x03\x04", 10)
    data[second + 6] |= 1
    third = data.index(b"PK\x03\x04", second + 10)
    data[third + 8] = 9
    titles, reasons, error = taken(bytes(data))
    assert (titles, error) == (titles_of(0, 3), "")
    assert reasons == [
        "day-1.txt: encrypted",
        "day-2.txt: packed in a way that is not read (Deflate64)",
    ]


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("streamed", [False, True])
def test_damaged_member_of_a_zip(packing: int, streamed: bool) -> None:
    """It costs itself alone, wherever its size stands; its articles come with a warning."""
    data = bytearray(
        zip_of({**FILES, "day-2.txt": dump(2) + b"\n" + NOISE}, packing, streamed=streamed)
    )
    place = data.index(b"PK\x03\x04", data.index(b"day-2.txt")) - 5000
    data[place] ^= 1
    titles, reasons, error = taken(bytes(data))
    assert error == ""
    assert titles[:6] == titles_of(0, 1)
    assert titles[-3:] == titles_of(3)
    assert any("day-2.txt" in reason for reason in reasons)


def test_damaged_header_of_a_zip() -> None:
    """The next one is found."""
    data = bytearray(zip_of(FILES, zipfile.ZIP_STORED))
    data[data.index(b"PK\x03\x04", 10)] = 0
    titles, reasons, error = taken(bytes(data))
    assert (titles, error) == (titles_of(0, 2, 3), "")
    assert "damaged: no ZIP header" in reasons[0]


def test_stored_archive_in_a_streamed_one() -> None:
    """Headers and descriptors inside stored data do not end it."""
    inner = zip_of({"a.txt": dump(0), "b.txt": dump(1)}, zipfile.ZIP_STORED, streamed=True)
    outer = zip_of({"inner.zip": inner, "c.txt": dump(2)}, zipfile.ZIP_STORED, streamed=True)
    assert taken(outer) == (titles_of(0, 1, 2), [], "")


def test_zip64() -> None:
    """Sizes of eight bytes, in the header and behind the data."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(2):
            with archive.open(f"{number}.txt", "w", force_zip64=True) as file:
                file.write(dump(number))
    assert taken(memory.getvalue()) == (titles_of(0, 1), [], "")
    name, data = b"a.txt", dump(0)
    crc = struct.pack("<I", zipfile.crc32(data))  # type: ignore[attr-defined]
    extra = struct.pack("<HHQQ", 1, 16, 0, 0)
    header = struct.pack("<4sHHHIIIIHH", b"PK\3\4", 45, 8, 0, 0, 0, 0, 0, len(name), len(extra))
    sizes = struct.pack("<QQ", len(data), len(data))
    stream = header + name + extra + data + b"PK\7\x08" + crc + sizes + b"PK\5\6" + bytes(18)
    assert taken(stream) == (titles_of(0), [], "")


@pytest.mark.parametrize("name", ["[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF"])
def test_office_documents(name: str) -> None:
    """They are ZIP archives, and no dumps."""
    data = zip_of({name: b"<?xml version='1.0'?>", "word/document.xml": b"<w/>"})
    assert taken(data) == (
        [],
        [],
        "not a dump: it looks like an office document, a book or a program",
    )


@pytest.mark.parametrize(
    "data",
    [zip_of({}), zip_of({"a/": b""}), tar_of({".hidden": b"x"})],
    ids=["zip", "folder", "hidden"],
)
def test_nothing_in_it(data: bytes) -> None:
    """An archive without a file is an empty dump."""
    assert taken(data) == ([], [], "empty: there is no file in it")


# ------------------------------------------------------------------ as a dump


def test_files_that_are_no_dumps() -> None:
    """Pictures, styles and scripts are told as one piece; an empty file is told on its own."""
    files = {f"img/{number}.png": b"\x89PNG\r\n\x1a\n" + bytes(99) for number in range(30)}
    files |= {
        "style.css": b"p { color: red }",
        "day.txt": dump(0),
        "none.txt": b"",
        "x.pdf": b"%PDF-1",
    }
    titles, reasons, error = taken(zip_of(files))
    assert (titles, error) == (titles_of(0), "")
    assert reasons == [
        "none.txt: empty: there is no text in it",
        "files in it that are no dumps: a PNG image (30), a style sheet (1), a PDF document (1)",
    ]


def test_only_files_that_are_no_dumps() -> None:
    """Then there is no article, and no error beside the reason."""
    assert taken(zip_of({"a.png": b"\x89PNG"})) == (
        [],
        ["files in it that are no dumps: a PNG image (1)"],
        "",
    )


def test_broken_archive_in_an_archive() -> None:
    """What is whole of it is read, the break is told, and the archive around it goes on."""
    inner = zip_of(FILES)
    cut = inner[: inner.index(b"day-2.txt")]
    titles, reasons, error = taken(tar_of({"in.zip": cut, "more.txt": dump(9)}))
    assert (titles, error) == (titles_of(0, 1, 9), "")
    assert reasons == ["in.zip: truncated: the ZIP archive ends early"]


def test_bomb_in_an_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bomb costs itself; what was unpacked of it is read."""
    monkeypatch.setattr(limits, "RATIO_FROM", 1 << 20)
    bomb = dump(1) + b"\n" + b"word " * 800_000
    files = {"a.txt": dump(0), "b.txt": bomb, "c.txt": dump(2)}
    titles, reasons, error = taken(zip_of(files))
    assert (titles, error) == (titles_of(0) + titles_of(1)[:2] + titles_of(2), "")
    assert any("b.txt" in reason and "bomb" in reason for reason in reasons)
    packed = {name: gzip.compress(data) for name, data in files.items()}
    assert taken(tar_of(packed))[0] == titles


def test_limits_of_the_whole_dump(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond them nothing more is read, and the dump is not taken for whole."""
    monkeypatch.setattr(limits, "MAX_MEMBERS", 3)
    titles, _, error = taken(zip_of(FILES))
    assert (titles, error) == (titles_of(0, 1, 2), "holds more than 3 files")
    monkeypatch.setattr(limits, "MAX_UNPACKED", 600)
    titles, _, error = taken(zip_of(FILES))
    assert titles == titles_of(0, 1)
    assert error.startswith("unpacks to more than")


def test_depth() -> None:
    """An archive that is nested too deeply is a bad record; what stands beside it is read."""
    data = dump(0)
    for _ in range(limits.MAX_DEPTH):
        data = zip_of({"in.zip": data})
    titles, reasons, error = taken(zip_of({"deep.zip": data, "day.txt": dump(1)}))
    assert (titles, error) == (titles_of(1), "")
    assert len(reasons) == 1
    assert "packed more than 6 times over" in reasons[0]
    assert taken(data)[0] == titles_of(0)


def test_a_quine_ends() -> None:
    """An archive that holds itself (droste.zip, Russ Cox 2010) would be opened for ever: here, its
    like, many times the same layer."""
    data = zip_of({f"{number}": b"" for number in range(3)})
    for _ in range(12):
        data = zip_of({"r/r.zip": data})
    titles, reasons, error = taken(data)
    assert (titles, error) == ([], "")
    assert "packed more than" in reasons[0]


def test_each_member_has_its_own_crawl_date_and_encoding() -> None:
    """What stands in one file does not hold for the next."""
    russian = (
        "06.01.2026, 13:14\nПрезидент подписал закон о воде\nГлава государства подписал закон."
    )
    data = tar_of(
        {"a": b" date 2026-01-05\n" + dump(0, 1), "b": russian.encode("cp1251"), "c": dump(1, 1)}
    )
    titles, reasons, error = taken(data, SourceSettings(name="test"))
    assert (reasons, error) == ([], "")
    assert titles == [
        *titles_of(0, articles=1),
        "Президент подписал закон о воде",
        *titles_of(1, articles=1),
    ]
