"""Durations, paths, patterns, addresses, matchers: what each value means."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from monitor.config import RuleSettings, Settings, SourceSettings, load_settings, parse_settings
from monitor.config.matchers import Matcher, parse_matcher
from monitor.config.types import DURATION_PATTERN, format_duration, parse_duration

# --------------------------------------------------------------------------- durations


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("250ms", 0.25),
        ("0s", 0),
        ("1.5s", 1.5),
        ("2m", 120),
        ("1h30m", 5400),
        ("1d", 86400),
        ("1w2d3h4m5s6ms", 788_645.006),
        (" 5s ", 5),
    ],
)
def test_durations(text, seconds):
    """Numbers with units, the largest first, fractions allowed."""
    assert parse_duration(text) == timedelta(seconds=seconds)


NO_DURATIONS = "5||s|5 s|-5s|5x|5S|1m1h|1s1s|1e3s|.5s|5.s|٣s|99999999999w|" + "9" * 400 + "s"


@pytest.mark.parametrize("value", [*NO_DURATIONS.split("|"), 5, None, True, ["5s"]])
def test_no_durations(value):
    """Bare numbers, other units, another order, other digits and absurd lengths are refused."""
    with pytest.raises(ValueError, match="duration"):
        parse_duration(value)


@given(st.integers(min_value=0, max_value=10**13).map(lambda ms: timedelta(milliseconds=ms)))
def test_durations_survive_their_notation(duration):
    """What is written of a duration reads back as the same one, by code and by schema."""
    text = format_duration(duration)
    assert parse_duration(text) == duration
    assert re.fullmatch(DURATION_PATTERN, text)


# --------------------------------------------------------------------------- paths


def test_relative_paths_start_at_the_files_folder(tmp_path, monkeypatch):
    """Wherever the program was started, paths mean what they mean beside the file."""
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "ca.pem").touch()
    (tmp_path / "conf" / "c.yaml").write_text(
        "inbox: in\nstate: ../st\ndatabase: sqlite:///news.db\n"
        "receivers: [{name: a, email_configs: [{to: a@b, from: a@b, ca_file: ca.pem}]}]",
        "utf-8",
    )
    monkeypatch.chdir(tmp_path)
    settings = load_settings(Path("conf/c.yaml"), {})
    assert settings.inbox.path == tmp_path / "conf" / "in"
    assert settings.state == tmp_path / "conf" / ".." / "st"
    assert settings.receivers[0].email_configs[0].ca_file == tmp_path / "conf" / "ca.pem"
    assert settings.database.get_secret_value() == f"sqlite:///{tmp_path}/conf/news.db"


def test_the_defaults_start_there_too(settings, tmp_path):
    """A path that is not given is relative to the file as well."""
    assert settings("").inbox.path == tmp_path / "inbox"
    assert settings("").state == tmp_path / "state"


def test_absolute_paths_and_home_folders(settings, monkeypatch):
    """An absolute path stays; ~ is the home folder."""
    monkeypatch.setenv("HOME", "/home/somebody")
    read = settings("inbox: {path: ~/in}\nstate: /var/lib/monitor")
    assert read.inbox.path == Path("/home/somebody/in")
    assert read.state == Path("/var/lib/monitor")


def test_the_inbox_may_be_written_as_its_path(settings):
    """The short form and the long form are the same settings."""
    assert settings("inbox: ./x") == settings("inbox: {path: x}")


def test_certificates_that_are_not_there(messages, tmp_path):
    """A missing ca_file is told at start, not by the first mail."""
    assert messages(
        "receivers: [{name: a, email_configs: [{to: a@b, from: a@b, ca_file: x.pem}]}]"
    ) == [f"c.yaml:1:60: receivers[0].email_configs[0].ca_file: no such file: {tmp_path / 'x.pem'}"]


# --------------------------------------------------------------------------- databases


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:////var/lib/news.db",
        "postgresql://u:p@h:5432/x?sslmode=require",
        "postgresql+psycopg:///x?host=/run/postgresql",
    ],
)
def test_databases_that_stay_as_written(settings, url):
    """Only the file of a relative SQLite address is completed."""
    assert settings(f"database: '{url}'").database.get_secret_value() == url


# --------------------------------------------------------------------------- texts and lists


def test_one_text_is_a_list_of_one(settings):
    """Lists of texts take a single text without brackets."""
    read = settings(
        """\
        inbox: {path: x, ignore: "*.bad"}
        sources: [{name: s, match: kt-*, boilerplate: Images}]
        rules:
          - {name: a, any: x, none: y}
          - {name: b, entity: {name: c, aliases: d, exclude: e}}
        receivers: [{name: r, email_configs: [{to: a@b, from: c@d}]}]
        route: {receiver: r, routes: [{receiver: r, matchers: rule="a"}]}
        """
    )
    assert read.inbox.ignore == ("*.bad",)
    assert (read.sources[0].match, read.sources[0].boilerplate) == (("kt-*",), ("Images",))
    assert (read.rules[0].any, read.rules[0].all, read.rules[0].none) == (("x",), (), ("y",))
    assert (read.rules[1].entity.aliases, read.rules[1].entity.exclude) == (("d",), ("e",))
    assert read.receivers[0].email_configs[0].to == ("a@b",)
    assert read.route.routes[0].matchers == ('rule="a"',)


def test_rules_from_python_take_numbers_too():
    """A rule made of Python values, not of YAML, is as tolerant."""
    assert RuleSettings.model_validate({"name": "a", "any": [2026, "x"]}).any == ("2026", "x")
    assert RuleSettings.model_validate({"name": "a", "all": 7}).all == ("7",)


def test_a_source_without_more_than_a_name():
    """The defaults cut a plain listing page."""
    source = SourceSettings(name="a")
    assert source.header.fullmatch("06.01.2026, 13:14 18816")["views"] == "18816"
    assert source.header.fullmatch("06.01.2026, 19:21")["views"] is None
    assert source.header.fullmatch("on 06.01.2026, 19:21") is None
    assert source.crawl_prefix.match(" date 2026-01-07 06.01.2026, 13:14")["date"] == "2026-01-07"
    assert source.zone.key == "UTC"


def test_a_base_url_for_links(settings):
    """Without base_url, links lead to the address listened on; IPv6 gets its brackets."""
    assert settings("").base_url == "http://127.0.0.1:8808"
    assert settings("web: {host: '::1', port: 1}").base_url == "http://[::1]:1"
    assert settings("web: {base_url: 'https://n.example.org/m/'}").base_url == (
        "https://n.example.org/m"
    )


# --------------------------------------------------------------------------- frozen


def test_settings_do_not_change():
    """A setting cannot be assigned; a reload makes new settings."""
    settings = Settings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.state = Path("elsewhere")
    with pytest.raises(ValidationError, match="frozen"):
        settings.web.port = 1


def test_settings_compare_and_hash_by_value(tmp_path):
    """The same text gives equal settings with one hash, so a reload can tell what changed."""
    text = "sources: [{name: a, zone: Asia/Almaty}]\nrules: [{name: b, any: c, labels: {d: e}}]"
    a, b = (parse_settings(text, folder=tmp_path, env={}) for _ in range(2))
    other = parse_settings(text.replace("e}", "f}"), folder=tmp_path, env={})
    assert a == b
    assert hash(a) == hash(b)
    assert a != other
    assert a.sources == other.sources


def test_settings_of_another_text_may_be_equal(tmp_path):
    """Comments, and where a text comes from, are no part of what it says."""
    a = parse_settings("log: {level: info}", "a.yaml", folder=tmp_path, env={})
    b = parse_settings("# b\nlog:\n  level: info", "b.yaml", folder=tmp_path, env={})
    assert a == b
    assert (a.origin.file, b.origin.text[:3]) == ("a.yaml", "# b")


def test_labels_do_not_change():
    """Labels are a mapping that can be read and written out, not changed."""
    rule = RuleSettings(name="a", any=("b",), labels={"team": "water", "desk": "2"})
    assert rule.labels == {"desk": "2", "team": "water"}
    assert repr(rule.labels) == "{'team': 'water', 'desk': '2'}"
    assert rule.model_dump()["labels"] == {"team": "water", "desk": "2"}
    assert RuleSettings.model_validate(rule.model_dump()) == rule
    with pytest.raises(TypeError):
        rule.labels["team"] = "fire"


# --------------------------------------------------------------------------- matchers


@pytest.mark.parametrize(
    ("text", "matcher"),
    [
        ('rule="water"', Matcher("rule", "=", "water")),
        ("rule=water", Matcher("rule", "=", "water")),
        (' source != "kt" ', Matcher("source", "!=", "kt")),
        ('kind=~"new|revised"', Matcher("kind", "=~", "new|revised")),
        (r'rule="a\"b\\c"', Matcher("rule", "=", 'a"b\\c')),
        (r'rule=~"a\.b"', Matcher("rule", "=~", r"a\.b")),
        ('rule=""', Matcher("rule", "=", "")),
        ("_Team2=~a.*", Matcher("_Team2", "=~", "a.*")),
    ],
)
def test_matchers(text, matcher):
    """label, operator, value; quotes and blanks as in Alertmanager."""
    assert parse_matcher(text) == matcher


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("water", "not a matcher"),
        ("rule==x", "not a matcher"),
        ('rule="x', "not a matcher"),
        ('rule="x" y', "not a matcher"),
        ("", "not a matcher"),
        ("2team=red", "not a matcher"),
        ("équipe=red", "not a matcher"),
        ("team-name=red", "not a matcher"),
        ('rule=~"("', "not a regular expression"),
    ],
)
def test_no_matchers(text, said):
    """What is no matcher says what is wrong."""
    with pytest.raises(ValueError, match=re.escape(said)):
        parse_matcher(text)


def test_matching():
    """Equality and anchored regular expressions, and their opposites."""
    assert parse_matcher("rule=a").matches("a")
    assert not parse_matcher("rule=a").matches("ab")
    assert parse_matcher("rule!=a").matches("ab")
    assert parse_matcher('rule=~"a|b"').matches("b")
    assert not parse_matcher('rule=~"a|b"').matches("abc")
    assert parse_matcher('rule!~"a|b"').matches("abc")


def test_patterns_may_name_rules_to_come(settings):
    """Only plain names must exist."""
    read = settings(
        "receivers: [{name: r}]\n"
        "route: {receiver: r, routes: [{receiver: r, matchers: ['rule=~\"x.*\"', kind=new]}]}"
    )
    assert len(read.route.routes[0].matchers) == 2
