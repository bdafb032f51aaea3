"""What routes say of time and groups, and what of it is refused with its place."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.app.policy import compile_policy
from monitor.config import load_settings
from monitor.config.routes import Handed, RouteSettings
from monitor.errors import ConfigError

HEAD = """\
inbox: {inbox}
state: {state}
rules:
  - {{name: water, any: water, labels: {{team: wet}}}}
receivers:
  - name: desk
  - name: night
time_intervals:
  - name: nights
    time_intervals:
      - times: [{{start_time: "22:00", end_time: "24:00"}}]
  - name: never
    time_intervals:
      - {{months: february, days_of_month: "30"}}
  - name: past
    time_intervals:
      - {{years: "2020"}}
route:
"""


def loaded(folder: Path, route: str) -> None:
    """Load and compile it, as a start does."""
    file = folder / "config.yaml"
    head = HEAD.format(inbox=folder / "inbox", state=folder / "state")
    file.write_text(head + "".join(f"  {line}\n" for line in route.splitlines()), "utf-8")
    settings = load_settings(file)
    compile_policy(settings, settings.base_url)


@pytest.mark.parametrize(
    "route",
    [
        "receiver: desk\nmute_time_intervals: nights",
        "receiver: desk\nactive_time_intervals: [nights]\nmuted: drop",
        'receiver: desk\ngroup_by: ["..."]\ngroup_interval: 5m\nmax_age: off\nold: drop',
        "receiver: desk\ngroup_by: [team, article, language]",
        'receiver: desk\nroutes:\n  - digest: {at: ["08:00", "18:00"], days: monday}',
        "receiver: desk\ngroup_by: source\nroutes:\n  - {digest: {every: 1h}, group_by: []}",
    ],
)
def test_routes_in_time(tmp_path: Path, route: str) -> None:
    """They are taken as they are written."""
    loaded(tmp_path, route)


@pytest.mark.parametrize(
    ("route", "said"),
    [
        ("group_wait: 1s", "route: receiver is missing"),
        (
            "receiver: desk\nroutes:\n  - mute_time_intervals: [nihgts]",
            r"21:29: .*\[0\].mute_time_intervals\[0\]: there is no time interval 'nihgts'",
        ),
        (
            "receiver: desk\nroutes:\n  - active_time_intervals: [never]",
            r"21:7: route.routes\[0\].active_time_intervals: nothing is ever told here",
        ),
        ("receiver: desk\nactive_time_intervals: past", "nothing is ever told here"),
        (
            "receiver: desk\nactive_time_intervals: nights\nmute_time_intervals: nights",
            "nothing is ever told here",
        ),
        ("receiver: desk\nmuted: drop", "no interval is muted here"),
        ("receiver: desk\ngroup_by: [tema]", r"group_by\[0\]: there is no label 'tema'"),
        ("receiver: desk\ngroup_by: [a-b]", "not the name of a label: 'a-b'"),
        ("receiver: desk\ngroup_by: rule\ndigest: {every: 1h}", "a digest is one message"),
        ("receiver: desk\ndigest: {at: 8 o'clock}", "not a time of the day"),
        ("receiver: desk\nmax_age: never", "max_age: not a duration: 'never'"),
        ("receiver: desk\nold: forget", "old"),
    ],
)
def test_what_is_refused(tmp_path: Path, route: str, said: str) -> None:
    """At the place where it stands."""
    with pytest.raises(ConfigError, match=said):
        loaded(tmp_path, route)


@pytest.mark.parametrize(
    ("storm", "said"),
    [
        ("{max_messages: 0}", r"storm.max_messages: .*greater than or equal to 1"),
        ("{per: 0s}", "storm.per"),
        ("{most: 1}", "unknown key"),
        ("none", "storm"),
    ],
)
def test_what_is_no_storm(tmp_path: Path, storm: str, said: str) -> None:
    """It is refused, with its place."""
    file = tmp_path / "config.yaml"
    file.write_text(f"receivers: [{{name: desk, storm: {storm}}}]\n", "utf-8")
    with pytest.raises(ConfigError, match=said):
        load_settings(file)


def test_storms_may_be_off(tmp_path: Path) -> None:
    """Then there is no maximum; by itself there is one."""
    file = tmp_path / "config.yaml"
    file.write_text("receivers: [{name: a, storm: off}, {name: b}]\n", "utf-8")
    off, default = load_settings(file).receivers
    assert off.storm is None
    assert default.storm is not None
    assert (default.storm.max_messages, default.storm.per) == (20, timedelta(minutes=10))


def test_intervals_of_one_name(tmp_path: Path) -> None:
    """Are one too many."""
    file = tmp_path / "config.yaml"
    file.write_text("time_intervals:\n" + "  - {name: a, time_intervals: [{}]}\n" * 2, "utf-8")
    with pytest.raises(
        ConfigError, match=r"3:\d+: time_intervals\[1\].name: the name 'a' is taken"
    ):
        load_settings(file)


def test_what_is_handed_down() -> None:
    """Receiver, groups, times and ages, unless the route below says otherwise: empty is otherwise
    too."""
    top = Handed().to(
        RouteSettings.model_validate(
            {"receiver": "desk", "group_by": "source", "group_wait": "5m", "max_age": "off"}
        )
    )
    assert (top.group_interval, top.drop_old) == (timedelta(0), False)
    same = top.to(
        RouteSettings.model_validate({"matchers": "rule=water", "digest": {"every": "1h"}})
    )
    assert same == top
    other = top.to(
        RouteSettings.model_validate(
            {
                "receiver": "night",
                "group_by": [],
                "group_wait": "0s",
                "group_interval": "1h",
                "max_age": "1d",
                "old": "drop",
            }
        )
    )
    assert other == Handed(
        "night", (), timedelta(0), timedelta(hours=1), timedelta(days=1), drop_old=True
    )
