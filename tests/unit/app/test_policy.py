"""A configuration compiled: rules of files too, and routes that name them."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.app.policy import compile_policy
from monitor.config import load_settings
from monitor.errors import ConfigError

CONFIG = """\
sources: [{name: gazette, language: en, match: "g-*"}, {name: courier}]
rules: [{name: water, any: water}]
rule_files: [more.yaml, people.yaml]
receivers: [{name: desk}]
route:
  receiver: desk
  routes:
    - {receiver: desk, matchers: [rule=dam, team=south]}
    - {receiver: desk, matchers: rule!=erlan-karin}
"""
MORE = "rules: [{name: dam, any: dam, feed: false, labels: {team: south}}]\n"
PEOPLE = "rules: [{name: erlan-karin, entity: {name: Erlan Karin}}]\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "more.yaml").write_text(MORE)
    (tmp_path / "people.yaml").write_text(PEOPLE)
    file = tmp_path / "config.yaml"
    file.write_text(CONFIG)
    return file


def test_rules_of_all_files(config: Path) -> None:
    """Names in order, which of them have a feed, and the languages of sources that have one."""
    compiled = compile_policy(load_settings(config, {}), "http://page")
    assert compiled.feeds == {"water": True, "dam": False, "erlan-karin": True}
    assert list(compiled.feeds) == list(compiled.rules.names)
    assert compiled.policy.languages == {"gazette": "en"}


def test_compiled_rules_are_kept_where_they_may_be(config: Path, tmp_path: Path) -> None:
    """Without a folder for them nothing is written."""
    settings = load_settings(config, {})
    compile_policy(settings, "http://page")
    assert not settings.state.exists()
    first = compile_policy(settings, "http://page", cache=tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir())
    again = compile_policy(settings, "http://page", cache=tmp_path / "kept")
    assert again.feeds == first.feeds


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "rule=dam",
            "rule=dan",
            ":8:35: route.routes[0].matchers[0]: there is no rule 'dan'; did you mean dam?",
        ),
        (
            "team=south",
            'taem=~"s.*"',
            ":8:45: route.routes[0].matchers[1]: there is no label 'taem'; did you mean team?",
        ),
        (
            "erlan-karin",
            "erlan-karim",
            ":9:24: route.routes[1].matchers[0]: there is no rule 'erlan-karim';"
            " did you mean erlan-karin?",
        ),
    ],
)
def test_a_route_that_names_what_is_in_no_file(config: Path, old: str, new: str, said: str) -> None:
    """It is refused with its place in the configuration, whatever file the others are in."""
    config.write_text(CONFIG.replace(old, new))
    settings = load_settings(config, {})
    with pytest.raises(ConfigError) as caught:
        compile_policy(settings, "http://page")
    assert [str(problem) for problem in caught.value.problems] == [f"{config}{said}"]


def test_entries_of_no_use_are_placed(config: Path) -> None:
    """What only shows when channels are made has file, line, column and key too, all at once."""
    config.write_text(
        CONFIG.replace(
            "receivers: [{name: desk}]\n",
            "receivers:\n"
            "  - name: desk\n"
            "    console_configs: [{}]\n"
            "    email_configs:\n"
            "      - {to: a@b.org, from: c@d.org}\n"
            "      - {to: [a@b.org, e@b.org], from: c@d.org, ca_file: config.yaml}\n"
            "    command_configs: [{command: [no-such-program]}]\n",
        )
    )
    with pytest.raises(ConfigError) as caught:
        compile_policy(load_settings(config, {}), "http://page")
    assert [str(one).removeprefix(f"{config}:") for one in caught.value.problems] == [
        "9:9: receivers[0].email_configs[1]: email desk/email/1:"
        f" ca_file: no PEM certificate in {config}",
        "10:23: receivers[0].command_configs[0]: command desk/command/0:"
        " no such program: no-such-program",
    ]
