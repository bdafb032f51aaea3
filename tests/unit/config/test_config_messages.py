"""Every mistake is told as ``file:line:column: key.path: message``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from monitor.config import load_settings
from monitor.errors import ConfigError

ONE_MISTAKE = {
    "unknown key at the top": (
        "inboks: ./x",
        "c.yaml:1:1: inboks: unknown key; did you mean inbox?",
    ),
    "unknown key in a section": (
        """\
        inbox:
          path: ./x
          setle: 2s
        """,
        "c.yaml:3:3: inbox.setle: unknown key; did you mean settle?",
    ),
    "unknown key in a list": (
        """\
        rules:
          - name: a
            any: x
          - name: b
            scpe: y
            any: z
        """,
        "c.yaml:5:5: rules[1].scpe: unknown key; did you mean scope?",
    ),
    "unknown key that is like no other": (
        "web: {zzzzzz: 1}",
        "c.yaml:1:7: web.zzzzzz: unknown key",
    ),
    "unknown key where the real one is a reserved word": (
        """\
        receivers: [{name: a}]
        route:
          receiver: a
          continu: true
        """,
        "c.yaml:4:3: route.continu: unknown key; did you mean continue?",
    ),
    "duplicate key": (
        """\
        log:
          level: info
          format: json
          level: debug
        """,
        "c.yaml:4:3: log.level: this key stands here twice (first in line 2)",
    ),
    "duplicate rule name": (
        """\
        rules:
          - {name: water, any: a}
          - {name: b, any: b}
          - {name: water, any: c}
        """,
        "c.yaml:4:6: rules[2].name: the name 'water' is taken by rules[0]",
    ),
    "duplicate source name": (
        "sources: [{name: a}, {name: a}]",
        "c.yaml:1:23: sources[1].name: the name 'a' is taken by sources[0]",
    ),
    "duplicate receiver name": (
        "receivers: [{name: a}, {name: a}]",
        "c.yaml:1:25: receivers[1].name: the name 'a' is taken by receivers[0]",
    ),
    "bad name": (
        "rules: [{name: Big Rule, any: x}]",
        "c.yaml:1:10: rules[0].name: not a name: 'Big Rule' (small letters a-z, digits, '.', '_'"
        " and '-', at most 64, a letter or digit first)",
    ),
    "wrong zone": (
        "sources: [{name: a, zone: Asia/Almati}]",
        "c.yaml:1:21: sources[0].zone: no such time zone: 'Asia/Almati'"
        " (did you mean Asia/Almaty?)",
    ),
    "zone unlike any": (
        "sources: [{name: a, zone: '../../etc/passwd'}]",
        "c.yaml:1:21: sources[0].zone: no such time zone: '../../etc/passwd'"
        " (an IANA name like Asia/Almaty or UTC)",
    ),
    "text where a list belongs": ("rules: x", "c.yaml:1:1: rules: expected a list"),
    "text where keys belong": ("rules: [x]", "c.yaml:1:9: rules[0]: expected keys and values"),
    "a list where keys belong": ("web: [1]", "c.yaml:1:1: web: expected keys and values"),
    "keys where text belongs": (
        "rules: [{name: a, any: [{x: y}]}]",
        "c.yaml:1:25: rules[0].any[0]: expected text",
    ),
    "a list where a path belongs": (
        "state: [a]",
        "c.yaml:1:1: state: expected the path of a file or folder",
    ),
    "not a number": ("web: {port: http}", "c.yaml:1:7: web.port: expected a whole number"),
    "half a number": ("web: {port: 80.5}", "c.yaml:1:7: web.port: expected a whole number"),
    "number out of range": (
        "web: {port: 65536}",
        "c.yaml:1:7: web.port: input should be less than or equal to 65535",
    ),
    "neither true nor false": (
        "web: {enabled: perhaps}",
        "c.yaml:1:7: web.enabled: expected true or false",
    ),
    "not one of the choices": (
        "inbox: {after: burn}",
        "c.yaml:1:9: inbox.after: input should be 'archive', 'delete' or 'keep'",
    ),
    "missing key": (
        "rules: [{any: x}]",
        "c.yaml:1:9: rules[0].name: this key is needed and missing",
    ),
    "missing value": (
        """\
        rules:
          - name:
            any: x
        """,
        "c.yaml:2:5: rules[0].name: this key is needed and missing",
    ),
    "empty text": ("rules: [{name: a, any: ['']}]", "c.yaml:1:25: rules[0].any[0]: empty"),
    "an empty item": (
        "rules: [{name: a, any: [~]}]",
        "c.yaml:1:25: rules[0].any[0]: expected text",
    ),
    "rule of nothing": (
        "rules: [{name: a, none: x}]",
        "c.yaml:1:9: rules[0]: nothing to look for: give query, any, all or entity"
        " (a rule of only none would match nearly everything)",
    ),
    "entity and words": (
        "rules: [{name: a, any: x, entity: {name: y}}]",
        "c.yaml:1:9: rules[0]: a rule is either an entity or any/all, not both",
    ),
    "no event": ("rules: [{name: a, any: x, on: []}]", "c.yaml:1:27: rules[0].on: empty"),
    "an event that there is not": (
        "rules: [{name: a, any: x, on: [changed]}]",
        "c.yaml:1:32: rules[0].on[0]: input should be 'new', 'revised', 'started' or 'dropped'",
    ),
    "duration without unit": (
        "inbox: {settle: 5}",
        "c.yaml:1:9: inbox.settle: not a duration: '5' (numbers with units, like 2s, 5m or 1h30m)",
    ),
    "endless duration": (
        "delivery: {max_retry: 99999999999999w}",
        "c.yaml:1:12: delivery.max_retry: too long a duration",
    ),
    "a list of which all is wrong": (  # and which is not empty
        "time_intervals: [{name: n, time_intervals: [{weekdays: moonday}]}]",
        "c.yaml:1:46: time_intervals[0].time_intervals[0].weekdays: not one of monday, tuesday,"
        " wednesday, thursday, friday, saturday, sunday: 'moonday'",
    ),
    "duration past the end of the calendar": (
        "receivers: [{name: a}]\nroute: {receiver: a, digest: {every: 9999999w}}",
        "c.yaml:2:31: route.digest.every: too long a duration (a century at most)",
    ),
    "duration that must not be zero": (
        "inbox: {rescan: 0s}",
        "c.yaml:1:9: inbox.rescan: input should be greater than 0 seconds",
    ),
    "bad pattern": (
        "sources: [{name: a, header: '(?P<time>x'}]",
        "c.yaml:1:21: sources[0].header: not a regular expression: missing ), unterminated"
        " subpattern at position 0",
    ),
    "header without its group": (
        "sources: [{name: a, header: 'x'}]",
        "c.yaml:1:21: sources[0].header: the header pattern needs a group (?P<time>...)",
    ),
    "crawl prefix without its group": (
        "sources: [{name: a, crawl_prefix: 'x'}]",
        "c.yaml:1:21: sources[0].crawl_prefix: the crawl prefix needs a group (?P<date>...)",
    ),
    "time format that is none": (
        "sources: [{name: a, time_format: '%Y %Q'}]",
        "c.yaml:1:21: sources[0].time_format: not a strptime format: 'Q' is a bad directive in"
        " format '%Y %Q'",
    ),
    "time format without a year": (
        "sources: [{name: a, time_format: '%d.%m. %H:%M'}]",
        "c.yaml:1:21: sources[0].time_format: the time format has no year (%Y)",
    ),
    "time format without minutes": (
        "sources: [{name: a, time_format: '%d.%m.%Y'}]",
        "c.yaml:1:21: sources[0].time_format: the time format does not tell day, hour and minute",
    ),
    "unknown encoding": (
        "sources: [{name: a, encoding: klingon-8}]",
        "c.yaml:1:21: sources[0].encoding: no such encoding: 'klingon-8'",
    ),
    "codec that is no text encoding": (
        "sources: [{name: a, encoding: base64}]",
        "c.yaml:1:21: sources[0].encoding: no such encoding: 'base64'",
    ),
    "home folder of nobody": (
        "state: ~nobody-has-this-name/x",
        "c.yaml:1:1: state: no such home folder: ~nobody-has-this-name",
    ),
    "receiver that is not there": (
        """\
        receivers: [{name: editors}]
        route:
          receiver: editors
          routes:
            - receiver: editor
        """,
        "c.yaml:5:7: route.routes[0].receiver: there is no receiver 'editor';"
        " did you mean editors?",
    ),
    "route without receivers": (
        "route: {receiver: a}",
        "c.yaml:1:9: route.receiver: there is no receiver 'a'",
    ),
    "matchers at the top": (
        """\
        receivers: [{name: a}]
        route: {receiver: a, matchers: kind="new"}
        """,
        "c.yaml:2:22: route.matchers: the top route takes every alert; matchers go below it",
    ),
    "matcher for a rule that is not there": (
        """\
        receivers: [{name: a}]
        rules: [{name: water, any: x}]
        route: {receiver: a, routes: [{receiver: a, matchers: [rule="watr"]}]}
        """,
        "c.yaml:3:56: route.routes[0].matchers[0]: there is no rule 'watr'; did you mean water?",
    ),
    "matcher for a kind that is not there": (
        """\
        receivers: [{name: a}]
        route: {receiver: a, routes: [{receiver: a, matchers: [kind=droped]}]}
        """,
        "c.yaml:2:56: route.routes[0].matchers[0]: there is no kind 'droped';"
        " did you mean dropped?",
    ),
    "matcher for a priority that is not there": (
        """\
        receivers: [{name: a}]
        route: {receiver: a, routes: [{receiver: a, matchers: [priority!="hihg"]}]}
        """,
        "c.yaml:2:56: route.routes[0].matchers[0]: there is no priority 'hihg'; did you mean high?",
    ),
    "matcher for a language in words": (
        """\
        receivers: [{name: a}]
        route: {receiver: a, routes: [{receiver: a, matchers: [language=Russian]}]}
        """,
        "c.yaml:2:56: route.routes[0].matchers[0]: not a language code: 'Russian'"
        " (ISO 639: en, ru, kk, ...)",
    ),
    "matcher for a label that no rule has": (
        """\
        receivers: [{name: a}]
        rules: [{name: water, any: x, labels: {team: south}}]
        route: {receiver: a, routes: [{receiver: a, matchers: ['taem=~"s.*"']}]}
        """,
        "c.yaml:3:56: route.routes[0].matchers[0]: there is no label 'taem'; did you mean team?",
    ),
    "rule for a source that is not there": (
        """\
        sources: [{name: gazette}]
        rules: [{name: water, any: x, sources: [gazete]}]
        """,
        "c.yaml:2:31: rules[0].sources: there is no source 'gazete'; did you mean gazette?",
    ),
    "not an email address": (
        "receivers: [{name: a, email_configs: [{to: b@example.org, from: me}]}]",
        "c.yaml:1:59: receivers[0].email_configs[0].from: not an email address: 'me'",
    ),
    "no recipients": (
        "receivers: [{name: a, email_configs: [{to: [], from: a@b}]}]",
        "c.yaml:1:40: receivers[0].email_configs[0].to: empty",
    ),
    "username without password": (
        "receivers: [{name: a, email_configs: [{to: a@b, from: a@b, username: u}]}]",
        "c.yaml:1:39: receivers[0].email_configs[0]: password is missing: username is set"
        " (or password_file, or oauth2)",
    ),
    "webhook without address": (
        "receivers: [{name: a, webhook_configs: [{timeout: 1s}]}]",
        "c.yaml:1:41: receivers[0].webhook_configs[0]: url is missing: where to post (or url_file)",
    ),
    "header that is none": (
        "receivers: [{name: a, webhook_configs: [{url: 'http://h/', headers: {'a b': c}}]}]",
        "c.yaml:1:60: receivers[0].webhook_configs[0].headers: not the name of a header: 'a b'",
    ),
    "another kind of database": (
        "database: mysql://localhost/x",
        "c.yaml:1:1: database: not a sqlite:// or postgresql:// address",
    ),
    "the old name of PostgreSQL": (
        "database: postgres://localhost/x",
        "c.yaml:1:1: database: not a sqlite:// or postgresql:// address; write postgresql://",
    ),
    "retries that shrink": (
        "delivery: {first_retry: 2h}",
        "c.yaml:1:1: delivery.max_retry: shorter than first_retry",
    ),
    "a timeout longer than a lease allows": (
        "receivers: [{name: a, command_configs: [{command: [x], timeout: 61s}]}]",
        "c.yaml:1:56: receivers[0].command_configs[0].timeout: 1m1s is more than half of"
        " delivery.lease (2m), in which a message is sent",
    ),
    "a lease shorter than timeouts that are not given": (
        "{receivers: [{name: a, command_configs: [{command: [x]}]}], delivery: {lease: 10s}}",
        "c.yaml:1:42: receivers[0].command_configs[0].timeout: 30s is more than half of"
        " delivery.lease (10s), in which a message is sent",
    ),
    "feed limits that cross": (
        "feeds: {min_entries: 50, max_entries: 20}",
        "c.yaml:1:26: feeds.max_entries: less than min_entries",
    ),
    "the file is text": ("hello", "c.yaml:1:1: expected keys and values"),
    "the file is a list": ("\n- a\n", "c.yaml:2:1: expected keys and values"),
}


@pytest.mark.parametrize("case", ONE_MISTAKE)
def test_a_mistake_is_told_with_its_place(messages, case):
    """One mistake gives one message: file, line, column, key path and what is wrong."""
    text, expected = ONE_MISTAKE[case]
    assert messages(text) == [expected]


@pytest.mark.parametrize("zone", ["Asia", "", "/etc/localtime", "UTC\\0", "Ä"])
def test_no_zone_name_does_more_than_fail(messages, zone):
    """A folder, a path or an odd character in the place of a zone is one clear message."""
    (message,) = messages(f'sources: [{{name: a, zone: "{zone}"}}]')
    assert message.startswith("c.yaml:1:21: sources[0].zone: no such time zone: ")


def test_all_mistakes_are_told_in_the_order_of_the_file(messages):
    """Mistakes of all kinds in one file are reported together, by line and column."""
    told = messages(
        """\
        inbox: {setle: 2s}
        state: ${NOWHERE}
        rules:
          - name: a
            any: *nothing
        log: {level: info, level: info}
        web: {port: x}
        """
    )
    assert [message.split(": ")[0] + " " + message.split(": ")[1] for message in told] == [
        "c.yaml:1:9 inbox.setle",
        "c.yaml:2:8 state",
        "c.yaml:4:5 rules[0]",
        "c.yaml:5:10 rules[0].any",
        "c.yaml:6:20 log.level",
        "c.yaml:7:7 web.port",
    ]


def test_a_value_behind_an_alias_is_told_where_it_is_written(messages):
    """A mistake that came in through an alias points at the text itself."""
    told = messages(
        """\
        rules:
          - name: a
            any: &words
              - good
              - [bad]
          - name: b
            any: *words
        """
    )
    assert told == [
        "c.yaml:5:9: rules[0].any[1]: expected text",
        "c.yaml:5:9: rules[1].any[1]: expected text",
    ]


# --------------------------------------------------------------------------- the file itself


def _refused(file: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load_settings(file, {})
    return str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    """A missing file is a configuration error with its name, not a traceback."""
    file = tmp_path / "config.yaml"
    assert _refused(file) == f"{file}:1:1: cannot be read: No such file or directory"


def test_a_folder_in_place_of_the_file(tmp_path):
    """So is a folder."""
    assert _refused(tmp_path) == f"{tmp_path}:1:1: cannot be read: Is a directory"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path):
    """So is a file without the right to read it."""
    file = tmp_path / "config.yaml"
    file.touch(mode=0o000)
    assert _refused(file) == f"{file}:1:1: cannot be read: Permission denied"


def test_a_file_that_is_not_utf8(tmp_path):
    """The first wrong byte is told by line and column, counted in characters."""
    file = tmp_path / "config.yaml"
    file.write_bytes("feeds:\n  title: Žž ".encode() + b"\xe9\n")
    assert _refused(file) == f"{file}:2:13: not UTF-8 text"


def test_a_utf16_file_is_told_apart(tmp_path):
    """A file saved as UTF-16 is refused as what it is not."""
    file = tmp_path / "config.yaml"
    file.write_bytes("feeds: {title: x}".encode("utf-16"))
    assert _refused(file) == f"{file}:1:1: not UTF-8 text"


@pytest.mark.parametrize("content", ["", "\n\n", "# only a comment\n", "---\n", "\ufeff"])
def test_an_empty_file_means_all_defaults(tmp_path, content):
    """Nothing in the file: every setting has its default."""
    file = tmp_path / "config.yaml"
    file.write_text(content, "utf-8")
    settings = load_settings(file, {})
    assert settings.inbox.path == tmp_path / "inbox"
    assert settings.rules == ()
    assert settings.web.port == 8808


def test_windows_line_ends_and_byte_order_mark(tmp_path):
    """An editor on Windows may have saved the file."""
    file = tmp_path / "config.yaml"
    file.write_bytes(b"\xef\xbb\xbffeeds:\r\n  title: News\r\nweb:\r\n  prt: 1\r\n")
    assert _refused(file) == f"{file}:4:3: web.prt: unknown key; did you mean port?"
