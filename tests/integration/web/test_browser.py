"""The page in a real browser: it loads whole and obeys its own policy."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import Site
from .samples import WATER

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium in PATH")


def dump_dom(url: str, folder: Path) -> tuple[str, str]:
    """The document after the browser built it, and the browser's console."""
    done = subprocess.run(
        [
            str(CHROMIUM),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--enable-logging=stderr",
            f"--user-data-dir={folder / 'profile'}",
            "--window-size=390,844",
            "--dump-dom",
            url,
        ],
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


@pytest.mark.parametrize("path", ["/", f"/articles/{WATER}", "/nowhere"])
def test_a_browser_takes_the_page(site: Site, path: str, tmp_path: Path) -> None:
    """The whole page is built, and nothing in it is refused by the content security policy."""
    document, console = dump_dom(site.url + path, tmp_path)
    assert "</footer>" in document
    assert "press-monitor 1.2.3" in document
    complaints = [line for line in console.splitlines() if ":CONSOLE" in line]
    # the browser reports the status of an error page itself
    assert [line for line in complaints if "status of 404" not in line] == []


def test_a_browser_shows_the_matched_words(site: Site, tmp_path: Path) -> None:
    """What the browser holds as marked are the matched words."""
    document, _ = dump_dom(site.url, tmp_path)
    assert re.findall("<mark>(.*?)</mark>", document) == [
        "Ministry of Water",
        "Ministry of Water",
        "Ulba",
    ]
