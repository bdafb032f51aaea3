"""Value types of the configuration: names, words, durations, secrets, patterns, zones, paths."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from glob import escape
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretStr,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from monitor.config.frozen import FrozenMap
from monitor.config.patterns import files_of

RESERVED_LABELS = ("rule", "source", "kind", "language", "priority", "article", "check", "state")
"""The labels that alerts have by themselves; the last two only those about a source."""

ARTICLE_FIELDS = ("title", "body", "published", "views", "url", "language", "source")
"""What a source's `fields` may say the place of."""

_UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
}
_NAME = r"^[a-z0-9][a-z0-9._-]{0,63}$"
_IS_NAME = re.compile(_NAME)
# Each unit at most once, the largest first (a look-ahead asks for at least one).
DURATION_PATTERN = "^(?=[0-9])" + "".join(rf"([0-9]+(\.[0-9]+)?{unit})?" for unit in _UNITS) + "$"
_DATABASE = re.compile(r"(?:sqlite|postgresql)(?:\+[a-z0-9_]+)?://.*", re.DOTALL)
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)([a-z]+)")


class Model(BaseModel):
    """Base of all settings: frozen, unknown keys refused, defaults checked too.

    Where a model has the fields ``x`` and ``x_file``, ``x`` may be given as the name of a file
    that holds it (a secret from systemd's ``LoadCredential``, say). The validation context's
    ``folder`` is where relative paths start. Messages never repeat a value that may be secret.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_default=True,
        hide_input_in_errors=True,
        coerce_numbers_to_str=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _prepare(cls, data: Any, info: ValidationInfo) -> Any:
        if not isinstance(data, dict):
            return data
        if None in data.values():  # a key without a value, its lines commented out, is not given
            data = {key: value for key, value in data.items() if value is not None}
        for name, file in _in_files(cls):
            if file not in data:
                continue
            if name in data:
                _refuse(cls, file, f"{name} and {file} are both set; keep one")
            data = data | {name: _content(cls, file, data[file], info)}
        return data


@cache
def _in_files(model: type[Model]) -> tuple[tuple[str, str], ...]:
    """The fields that may stand in a file, with the field that names it."""
    return tuple((x, f"{x}_file") for x in model.model_fields if f"{x}_file" in model.model_fields)


def _content(model: type[Model], key: str, value: Any, info: ValidationInfo) -> str:
    """The stripped text of the file that ``key`` names."""
    if not isinstance(value, str | Path):
        _refuse(model, key, "expected the path of a file")
    try:
        path = _located(Path(value), info)
        text = path.read_text("utf-8").strip()
    except OSError as error:
        _refuse(model, key, f"cannot read {value}: {error.strerror or error}")
    except UnicodeError:
        _refuse(model, key, f"cannot read {value}: not UTF-8 text")
    except ValueError as error:
        _refuse(model, key, str(error))
    if not text:
        _refuse(model, key, f"{path} is empty")
    return text


def _refuse(model: type[Model], key: str, message: str) -> NoReturn:
    """Fail at one key from a validator of the whole model."""
    reason = PydanticCustomError("value_error", "{reason}", {"reason": message})
    details = InitErrorDetails(type=reason, loc=(key,), input=None)
    raise ValidationError.from_exception_data(model.__name__, [details], hide_input=True)


# --------------------------------------------------------------------------- text


def one_is_a_list(value: Any) -> Any:
    """A single text where a list of texts is expected counts as a list of one."""
    return (value,) if isinstance(value, str | int | float) else value


def _name(value: str) -> str:
    if _IS_NAME.fullmatch(value) is None:
        raise ValueError(
            f"not a name: {value!r} (small letters a-z, digits, '.', '_' and '-', at most 64,"
            " a letter or digit first)"
        )
    return value


def _language(value: str) -> str:
    if re.fullmatch("[A-Za-z]{2,3}", value) is None:
        raise ValueError(f"not a language code: {value!r} (ISO 639: en, ru, kk, ...)")
    return value.lower()


def _some(events: tuple[str, ...]) -> tuple[str, ...]:
    if not events:
        raise ValueError("empty")
    return events


def _labels(labels: Mapping[str, str]) -> FrozenMap:
    for name in labels:
        if re.fullmatch("[a-zA-Z_][a-zA-Z0-9_]*", name) is None:
            raise ValueError(f"not the name of a label: {name!r} (letters, digits and _)")
        if name in RESERVED_LABELS:
            raise ValueError(f"{name!r} is a label that every alert has; choose another name")
    return FrozenMap(labels)


def _database_url(value: SecretStr, info: ValidationInfo) -> SecretStr:
    url = value.get_secret_value()
    if _DATABASE.fullmatch(url) is None:
        hint = "; write postgresql://" if url.startswith("postgres://") else ""
        raise ValueError(f"not a sqlite:// or postgresql:// address{hint}")
    scheme, slashes, file = url.partition(":///")
    if scheme.startswith("sqlite") and file and not file.startswith(("/", ":", "file:")):
        return SecretStr(f"{scheme}{slashes}{_folder(info)}/{file}")
    return value


def _time_format(value: str) -> str:
    if value == "%s":  # ours: seconds since 1970; strptime has none
        return value
    probe = datetime(2001, 12, 31, 23, 59, tzinfo=UTC)
    # Without a year Python itself warns, and guesses.
    if not any(directive in value for directive in ("%Y", "%y", "%c", "%x", "%G")):
        raise ValueError("the time format has no year (%Y)")
    try:
        read = datetime.strptime(probe.strftime(value), value).replace(tzinfo=UTC)
    except (ValueError, re.error) as error:
        raise ValueError(f"not a strptime format: {error}") from error
    if read != probe:
        raise ValueError("the time format does not tell day, hour and minute")
    return value


def _encoding(value: str) -> str:
    try:
        "".encode(value)
    except (LookupError, ValueError) as error:
        raise ValueError(f"no such encoding: {value!r}") from error
    return value


def _selector(value: str) -> str:
    from cssselect import HTMLTranslator, SelectorError  # few configurations have any

    try:
        HTMLTranslator().css_to_xpath(value)
    except SelectorError as error:
        raise ValueError(f"not a CSS selector: {value!r}: {error}") from error
    return value


def _folder_name(value: str) -> str:
    if value in (".", "..") or value.startswith(".") or re.search(r"[/\\\x00-\x1f]", value):
        raise ValueError(f"not the name of a subfolder: {value!r}")
    return value


def _field_paths(paths: Mapping[str, str]) -> FrozenMap:
    for field in paths:
        if field not in ARTICLE_FIELDS:
            raise ValueError(f"not a field of an article: {field!r} ({', '.join(ARTICLE_FIELDS)})")
    return FrozenMap(paths)


# --------------------------------------------------------------------------- durations

LONGEST = timedelta(days=36525)
"""Of a time that somebody waits."""


def parse_duration(value: Any) -> timedelta:
    """``"1h30m"``, ``"250ms"``, ``"1.5s"`` as a timedelta; Prometheus' notation with fractions.

    Units are w, d, h, m, s and ms, the largest first. Raises ValueError for anything else; a bare
    number is refused because its unit is unclear.
    """
    if isinstance(value, timedelta):
        return value
    text = value.strip() if isinstance(value, str) else ""
    if re.fullmatch(DURATION_PATTERN, text) is None:
        raise ValueError(f"not a duration: {value!r} (numbers with units, like 2s, 5m or 1h30m)")
    try:
        return sum((float(n) * _UNITS[unit] for n, unit in _PART.findall(text)), timedelta())
    except OverflowError as error:
        raise ValueError("too long a duration") from error


def _bounded(value: timedelta) -> timedelta:
    """So that it ends within the calendar, from now and with others added."""
    if value > LONGEST:
        raise ValueError("too long a duration (a century at most)")
    return value


def format_duration(value: timedelta) -> str:
    """The notation that ``parse_duration`` reads back, to the millisecond: 90 s is ``1m30s``."""
    left, parts = value, []
    for unit, size in _UNITS.items():
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


# --------------------------------------------------------------------------- patterns, zones


def _compile(value: Any) -> re.Pattern[str]:
    if isinstance(value, re.Pattern):
        return value
    if not isinstance(value, str):
        raise ValueError("not a pattern: expected text")
    try:
        return re.compile(value)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"not a regular expression: {error}") from error


def _zone(value: Any) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(str(value))
    except (KeyError, ValueError, OSError) as error:
        near = difflib.get_close_matches(str(value), available_timezones(), n=1)
        hint = f"did you mean {near[0]}?" if near else "an IANA name like Asia/Almaty or UTC"
        raise ValueError(f"no such time zone: {value!r} ({hint})") from error


# --------------------------------------------------------------------------- paths


def _folder(info: ValidationInfo) -> Path:
    return Path((info.context or {}).get("folder", "."))


def _home(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise ValueError(f"no such home folder: {path.parts[0]}") from error


def _located(path: Path, info: ValidationInfo) -> Path:
    return _folder(info) / _home(path)


def _readable(path: Path) -> Path:
    if not path.is_file():
        raise ValueError(f"no such file: {path}")
    return path


def _pattern_of_files(pattern: str, info: ValidationInfo) -> str:
    path = _home(Path(pattern))
    whole = str(path if path.is_absolute() else Path(escape(str(_folder(info))), path))
    if files_of(whole):
        return whole
    if (_folder(info) / path).is_dir():
        raise ValueError(f"a folder; write {path}/*.yaml")
    raise ValueError(f"no such file: {pattern}")


def _searchable(phrase: str) -> str:
    if not (phrase[:1].isalnum() or any(map(str.isalnum, phrase))):
        raise ValueError(f"{phrase!r} has no letter or digit to look for")
    if "*" in phrase:
        raise ValueError("an asterisk stands for nothing here; write out each form of the word")
    return phrase


# --------------------------------------------------------------------------- what settings use

Name = Annotated[
    str,
    AfterValidator(_name),
    WithJsonSchema({"type": "string", "pattern": _NAME, "title": "Name"}),
]
Text = Annotated[str, Field(min_length=1)]
Phrase = Annotated[Text, AfterValidator(_searchable)]
Word = Annotated[Phrase, WithJsonSchema({"type": ["string", "number", "boolean"]})]
Words = Annotated[
    tuple[Word, ...],
    BeforeValidator(one_is_a_list),
    WithJsonSchema(
        {
            "type": ["string", "number", "boolean", "array"],
            "items": {"type": ["string", "number", "boolean"]},
        }
    ),
]
_TEXTS = WithJsonSchema(
    {"type": ["string", "array"], "minLength": 1, "items": {"type": "string", "minLength": 1}}
)
Texts = Annotated[
    tuple[Text, ...],
    BeforeValidator(one_is_a_list),
    _TEXTS,
]
Phrases = Annotated[
    tuple[Phrase, ...],
    BeforeValidator(one_is_a_list),
    _TEXTS,
]
_MANY = {"type": ["string", "array"], "items": {"type": "string"}}
Names = Annotated[tuple[Name, ...], BeforeValidator(one_is_a_list), WithJsonSchema(_MANY)]
Language = Annotated[str, AfterValidator(_language)]
Languages = Annotated[
    tuple[Language, ...],
    BeforeValidator(one_is_a_list),
    WithJsonSchema(_MANY),
]
Priority = Literal["low", "normal", "high", "urgent"]
Event = Literal["new", "revised", "started", "dropped"]
Events = Annotated[
    tuple[Event, ...],
    AfterValidator(_some),  # not min_length: that also counts an item which is wrong as missing
    BeforeValidator(one_is_a_list),
    WithJsonSchema(
        {
            "type": ["string", "array"],
            "items": {"enum": ["new", "revised", "started", "dropped"]},
        }
    ),
]
ChangeKind = Literal["headline", "figures", "quotation", "names", "correction", "text", "cosmetic"]
ChangeKinds = Annotated[
    tuple[ChangeKind, ...],
    BeforeValidator(one_is_a_list),
    WithJsonSchema({"type": ["string", "array"], "items": {"enum": list(get_args(ChangeKind))}}),
]
Labels = Annotated[
    Mapping[str, Text], AfterValidator(_labels), PlainSerializer(dict, return_type=dict[str, str])
]
Secret = Annotated[SecretStr, Field(min_length=1)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
TimeFormat = Annotated[str, AfterValidator(_time_format)]
Selector = Annotated[Text, AfterValidator(_selector)]
Folder = Annotated[Text, AfterValidator(_folder_name)]
FieldPaths = Annotated[
    Mapping[str, Text],
    AfterValidator(_field_paths),
    PlainSerializer(dict, return_type=dict[str, str]),
]
Encoding = Annotated[str, AfterValidator(_encoding)]
HomePath = Annotated[Path, AfterValidator(_home)]
LocatedPath = Annotated[Path, AfterValidator(_located)]
LocatedFile = Annotated[Path, AfterValidator(_located), AfterValidator(_readable)]
FilePatterns = Annotated[
    tuple[Annotated[Text, AfterValidator(_pattern_of_files)], ...],
    BeforeValidator(one_is_a_list),
    _TEXTS,
]
Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema(
        {"type": "string", "pattern": DURATION_PATTERN, "examples": ["2s", "5m", "1h30m"]}
    ),
]
Wait = Annotated[Duration, AfterValidator(_bounded)]
"""A duration that is counted from some moment on; others are ages, and may be of any length."""
Pattern = Annotated[
    re.Pattern[str],
    BeforeValidator(_compile),
    PlainSerializer(lambda value: value.pattern, return_type=str),
    WithJsonSchema({"type": "string", "format": "regex"}),
]
Zone = Annotated[
    ZoneInfo,
    BeforeValidator(_zone),
    PlainSerializer(lambda value: value.key, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["Asia/Almaty", "UTC"]}),
]
