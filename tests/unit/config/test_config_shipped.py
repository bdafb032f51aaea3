"""What is shipped beside the code says what the code says: schema, reference, config.yaml."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml
from pydantic import BaseModel

from monitor.config import Settings, load_settings, parse_settings
from monitor.config.schema import json_schema, main, reference
from monitor.config.yaml import read_yaml

ROOT = Path(__file__).parents[3]
SHIPPED = (ROOT / "config.yaml").read_text("utf-8")
ENV = {
    "DB_PASSWORD": "p",
    "SLACK_BOT_TOKEN": "xoxb-1-2-x",
    "SLACK_WEBHOOK_URL": "https://hooks.example.org/T/B/x",
    "WEBHOOK_SECRET": "whsec_c2VjcmV0",
    "NTFY_TOKEN": "tk_x",
    "SMTP_PASSWORD": "p",
    "OAUTH_SECRET": "s",
    "OAUTH_REFRESH": "r",
}
# A setting that is switched off: "#key: value", and lines indented below it. Prose has one blank.
_OFF = re.compile(r"^( *)#(?! \S|$)", re.MULTILINE)


class _Yaml12(yaml.SafeLoader):
    """Takes ``on`` and ``no`` for text, as YAML 1.2 does and with it editors."""


_Yaml12.yaml_implicit_resolvers = {
    first: [
        (tag, made) for tag, made in resolvers if not (tag.endswith("bool") and first in "oOyYnN")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _check(text: str) -> Settings:
    return parse_settings(text, folder=ROOT, env=ENV)


def _switched_on(lines: list[str], chosen: range) -> str:
    """The file with the chosen lines' "#" taken away."""
    return "".join(_OFF.sub(r"\1", line) if i in chosen else line for i, line in enumerate(lines))


def _blocks() -> Iterator[tuple[str, range]]:
    """Runs of lines that are switched off, named by their first line and the comment above."""
    lines = SHIPPED.splitlines(keepends=True)
    prose: list[str] = []
    start = None
    for i, line in enumerate([*lines, "\n"]):
        off = _OFF.match(line) is not None
        if off and start is None:
            start = i
        if not off and start is not None:
            yield f"{lines[start].strip()} {' '.join(prose)}", range(start, i)
            start, prose = None, []
        if not off:
            prose = [*prose, line.strip("# \n")] if line.lstrip().startswith("# ") else []


BLOCKS = dict(_blocks())
EXAMPLES = {name: block for name, block in BLOCKS.items() if "Example" in name}


# --------------------------------------------------------------------------- config.yaml


def test_the_shipped_configuration_works_as_it_is():
    """No credentials, no environment: folders, page, console receiver and rules are there."""
    settings = load_settings(ROOT / "config.yaml", {})
    assert settings.inbox.path == ROOT / "inbox"
    assert settings.state == ROOT / "state"
    assert settings.base_url == "http://127.0.0.1:8808"
    assert [receiver.name for receiver in settings.receivers] == ["console"]
    assert settings.sources[0].zone.key == "Asia/Almaty"
    assert len(settings.sources[0].boilerplate) == 3
    names = [rule.name for rule in settings.rules]
    assert {"referendum", "summit", "foreign-ministry", "water", "tokayev"} <= set(names)
    assert (
        sum(rule.entity is not None and rule.entity.kind == "person" for rule in settings.rules)
        >= 6
    )


def test_the_first_line_names_the_schema():
    """Editors find the schema by this line."""
    assert SHIPPED.startswith("# yaml-language-server: $schema=./config.schema.json\n")


@pytest.mark.parametrize("name", [name for name in BLOCKS if name not in EXAMPLES])
def test_a_setting_that_is_switched_off_shows_its_default(name):
    """Taking the "#" away changes nothing: what stands there is the default."""
    text = _switched_on(SHIPPED.splitlines(keepends=True), BLOCKS[name])
    assert text != SHIPPED
    assert _check(text) == _check(SHIPPED)


@pytest.mark.parametrize("name", [name for name in EXAMPLES if not name.startswith("#route")])
def test_an_example_is_valid_once_it_is_switched_on(name):
    """Each example can be used by itself, and does something."""
    text = _switched_on(SHIPPED.splitlines(keepends=True), EXAMPLES[name])
    assert _check(text) != _check(SHIPPED)


def test_everything_switched_on_is_valid_and_shows_every_setting():
    """All lines together, routes included, are one valid file with every key there is."""
    text = _OFF.sub(r"\1", SHIPPED)
    settings = _check(text)
    assert [receiver.name for receiver in settings.receivers] == [
        "console",
        "newsroom",
        "newsroom-threads",
        "archive",
        "tickets",
        "phones",
        "editors",
        "chief",
    ]
    missing = {key for key in _all_keys() if not re.search(rf"\b{key}\b", text)}
    assert missing == set()
    nothing = set(re.findall(r"(\w+): ~$", text, re.MULTILINE))  # shown as "not given"
    files = {key for key in _all_keys() if key.endswith("_file")}  # shown in a comment
    fields = {field for field in _all_fields() if field.split(".")[1] not in files | nothing}
    assert fields - _given(settings) == set()


def _models(model: type[BaseModel] = Settings) -> Iterator[type[BaseModel]]:
    seen: list[type[BaseModel]] = []
    todo = [model]
    while todo:
        at = todo.pop()
        if at not in seen:
            seen.append(at)
            for field in at.model_fields.values():
                todo += _inside(field.annotation)
    return iter(seen)


def _inside(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in getattr(annotation, "__args__", ()) for found in _inside(part)]


def _all_keys() -> set[str]:
    return {f.alias or name for model in _models() for name, f in model.model_fields.items()}


def _all_fields() -> set[str]:
    return {f"{model.__name__}.{name}" for model in _models() for name in model.model_fields}


def _given(model: object) -> set[str]:
    """Every field that the text itself gave, as ``Model.field``."""
    if isinstance(model, tuple):
        return {key for item in model for key in _given(item)}
    if not isinstance(model, BaseModel):
        return set()
    found = {f"{type(model).__name__}.{name}" for name in model.model_fields_set}
    return found | {
        key for name in type(model).model_fields for key in _given(getattr(model, name))
    }


# --------------------------------------------------------------------------- schema


def test_the_schema_file_is_what_the_models_say():
    """config.schema.json is not behind; else: python -m monitor.config.schema."""
    written = json.loads((ROOT / "config.schema.json").read_text("utf-8"))
    assert written == json_schema()


def test_the_schema_is_a_schema():
    """Draft 2020-12, refusing unknown keys, with a description for every key."""
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)
    for model in (schema, *schema["$defs"].values()):
        assert model["additionalProperties"] is False
        assert model["description"]
        for key, node in model["properties"].items():
            assert node.get("description") or "$ref" in node, key


@pytest.mark.parametrize("file", ["config.yaml", "examples/config.yaml"])
def test_the_shipped_files_fit_the_schema(file):
    """An editor that knows the schema has nothing to say about them, read its own way."""
    data = yaml.safe_load((ROOT / file).read_text("utf-8"))
    jsonschema.validate(data, json_schema(), cls=jsonschema.Draft202012Validator)


def test_the_examples_fit_the_schema_too():
    """With everything switched on, and variables in place of numbers and choices."""
    text = _OFF.sub(r"\1", SHIPPED).replace("port: 8808", "port: ${P:-1}")
    text = text.replace("format: auto", "format: ${F}").replace("banner: ~", "banner: x")
    jsonschema.validate(yaml.load(text, _Yaml12), json_schema())


@pytest.mark.parametrize(
    "text",
    [
        "inboks: x",
        "inbox: {settle: 5}",
        "inbox: {settle: 5x}",
        "web: {port: high}",
        "web: {port: 70000}",
        "rules: [{any: x}]",
        "rules: [{name: A B, any: x}]",
        "rules: [{name: a, any: {b: c}}]",
        "log: {level: loud}",
        "receivers: [{name: a, webhook_configs: [{url: 'ftp://x'}]}]",
        "route: {continue: perhaps, receiver: a}",
    ],
)
def test_what_the_schema_refuses_the_program_refuses(messages, text):
    """Schema and program agree on mistakes that a schema can see."""
    assert messages(text)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(text), json_schema())


@pytest.mark.parametrize(
    "text",
    [
        "inbox: ./x",
        "inbox: {settle: 1h30m, ignore: '*.x'}",
        "rules: [{name: a, any: [2026, 1.5, true, x], all: 5}]",
        "web: {enabled: false, port: 0}",
        "receivers: [{name: a, email_configs: [{to: a@b, from: a@b}]}]",
    ],
)
def test_what_the_program_takes_the_schema_takes(settings, text):
    """Short forms and words that look like numbers are no mistakes in an editor either."""
    assert settings(text)
    jsonschema.validate(yaml.safe_load(text), json_schema())


# --------------------------------------------------------------------------- reference


def test_the_reference_is_what_the_models_say():
    """The tables of docs/configuration.md are not behind; else: python -m monitor.config.schema."""
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    assert reference(text) == text


def test_a_model_without_a_table_is_noticed():
    """Markers are needed for every model, once."""
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    with pytest.raises(ValueError, match="LogSettings"):
        reference(text.replace("<!-- keys of LogSettings -->", ""))


def test_the_links_of_the_tables_lead_somewhere():
    """Every section that a table links to has a heading."""
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= set(re.findall(r"^### (\w+)$", text, re.M))


def test_writing_both_files(tmp_path):
    """The command writes what the tests above ask for."""
    (tmp_path / "docs").mkdir()
    empty = re.sub(
        r"(<!-- keys of \w+ -->\n).*?(<!-- end)",
        r"\1\2",
        (ROOT / "docs" / "configuration.md").read_text("utf-8"),
        flags=re.DOTALL,
    )
    (tmp_path / "docs" / "configuration.md").write_text(empty, "utf-8")
    main(tmp_path)
    for name in ("config.schema.json", "docs/configuration.md"):
        assert (tmp_path / name).read_text("utf-8") == (ROOT / name).read_text("utf-8")


# --------------------------------------------------------------------------- the yaml of the docs


def test_the_yaml_in_the_reference_is_yaml():
    """Each example block of the reference parses without a complaint."""
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert blocks
    for block in blocks:
        assert read_yaml(block, "docs", {"CREDENTIALS_DIRECTORY": "/c"}).problems == []


def test_a_copy_elsewhere_works_as_well(tmp_path):
    """`monitor init` copies the file; its folders are then beside the copy."""
    shutil.copy(ROOT / "config.yaml", tmp_path)
    assert load_settings(tmp_path / "config.yaml", {}).inbox.path == tmp_path / "inbox"
