"""Jinja2 with bounds: what a template may touch, how long it may run, and how much it may make.

The sandbox of Jinja2 (https://jinja.palletsprojects.com/en/stable/sandbox/) keeps templates from
Python's insides; it bounds neither time nor memory. Here every pass through a loop, a macro, a
block or a file costs a step and what stands in it, every value is measured before it is made
larger, and only filters and methods that cannot grow one without measure are there.

This is against mistakes: who writes the configuration can run programs anyway.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, cast

from jinja2 import StrictUndefined, nodes, pass_context
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.filters import FILTERS, do_trim
from jinja2.loaders import FunctionLoader
from jinja2.runtime import Context, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS
from jinja2.utils import Cycler, Joiner, Namespace
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

MOST_STEPS = 20_000
MOST_TEXT = 1_000_000  # characters put out in one rendering, and in one value
MOST_ITEMS = 10_000  # of a list, with those of the lists in it
MOST_SOUGHT = 1_000  # characters that are looked for in a text: some searches go by the product
MOST_SECONDS = 5.0  # a machine so loaded that an honest template is stopped sends the default
LARGEST_NUMBER = 256  # bits
LONGEST_TEMPLATE = 64_000  # characters

_FILTERS = (
    "abs capitalize count d default dictsort first float groupby int items last length"
    " list lower map max min reject rejectattr reverse round select selectattr sort striptags"
    " title trim truncate unique upper urlencode wordcount"
)
_TESTS = (
    "boolean defined divisibleby eq equalto even false float ge gt greaterthan in integer iterable"
    " le lessthan lower lt mapping ne none number odd sameas sequence string true undefined upper"
    " == != > >= < <="
)
_OF_TEXT = (
    "capitalize casefold count endswith find isalnum isalpha isdecimal isdigit islower isspace"
    " istitle isupper lower lstrip partition removeprefix removesuffix rfind rpartition rsplit"
    " rstrip split splitlines startswith strip title upper"
)
_METHODS: Mapping[type, frozenset[str]] = {
    str: frozenset(_OF_TEXT.split()),
    dict: frozenset({"get", "items", "keys", "values"}),
    Mapping: frozenset({"get", "items", "keys", "values"}),
    list: frozenset({"count", "index"}),
    tuple: frozenset({"count", "index"}),
    int: frozenset(),
    float: frozenset(),
    datetime: frozenset(),
}


class LimitError(SecurityError):
    """A template that would run or grow beyond its bounds."""


class EndlessError(LimitError):
    """One that has used up its steps or its time."""


@dataclass(slots=True)
class _Budget:
    steps: int
    characters: int
    deadline: float


_budget: ContextVar[_Budget | None] = ContextVar("budget", default=None)


@contextmanager
def bounded() -> Iterator[None]:
    """Within it templates run, each time with a budget of their own."""
    token = _budget.set(_Budget(MOST_STEPS, MOST_TEXT, time.monotonic() + MOST_SECONDS))
    try:
        yield
    finally:
        _budget.reset(token)


class Sandbox(ImmutableSandboxedEnvironment):
    """Templates of one form of text. ``files`` are those that may be included, by name.

    ``markup`` is the type of what is safe in that form; None: everything is, as in plain text.
    """

    markup: ClassVar[type[Markup] | None] = None
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self, files: Mapping[str, str]) -> None:
        super().__init__(
            loader=FunctionLoader(
                lambda name: (files[name], name, None) if name in files else None
            ),
            autoescape=self.markup is not None,
            undefined=StrictUndefined,
            finalize=self._shown,
            optimized=False,  # else what has constants only would run while it is compiled
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.filters = {name: FILTERS[name] for name in _FILTERS.split()}
        self.filters |= {"join": self._join, "replace": replaced, _CONCATENATION: self.joined}
        self.filters |= {"e": self.escaped, "escape": self.escaped}
        self.filters |= {"list": _listed, "trim": _trimmed, _COLLECTION: weighed}
        self.tests = {name: TESTS[name] for name in _TESTS.split()}
        self.globals = {
            "range": _range,
            "namespace": Namespace,
            "cycler": Cycler,
            "joiner": Joiner,
        }

    def escaped(self, value: Any) -> str:
        """A text or a number so that nothing in it is markup. Raises LimitError for all else."""
        text = value if isinstance(value, str) else _scalar(value)
        return text if self.markup is None else self.markup.escape(text)

    def joined(self, values: Iterable[Any], between: str = "") -> str:
        """The values as one text, which is escaped where one of them is markup already."""
        pieces: list[str] = []
        length = 0
        for value in values:
            pieces.append(
                "" if value is None else value if isinstance(value, str) else _scalar(value)
            )
            length += len(pieces[-1]) + len(between)
            _allow(length, "")
        if self.markup is None or not any(hasattr(one, "__html__") for one in (between, *pieces)):
            return between.join(pieces)
        return self.markup.escape(between).join(map(self.markup.escape, pieces))

    def _join(self, values: Iterable[Any], between: str = "", attribute: str | None = None) -> str:
        """Jinja2's filter ``join``, measured."""
        if attribute is not None:
            values = (self.getitem(value, attribute) for value in values)
        return self.joined(values, between)

    # --- compiling

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        if len(source) > LONGEST_TEMPLATE:
            raise TemplateSyntaxError(f"longer than {LONGEST_TEMPLATE:,} characters", 1, name)
        tree = super()._parse(source, name, filename)
        return cast(nodes.Template, _Measured(name).visit(tree))

    # --- running

    def step(self, cost: int) -> str:
        """Pay for one pass through a part of a template that holds ``cost`` characters."""
        budget = _budget.get()
        if budget is None:
            return ""
        budget.steps -= 1
        if budget.steps < 0:
            raise EndlessError(f"more than {MOST_STEPS:,} steps: a loop without an end?")
        if time.monotonic() > budget.deadline:
            raise EndlessError(f"not done within {MOST_SECONDS:g} s")
        _pay(cost)
        return ""

    @pass_context
    def _shown(self, context: Context, value: Any) -> Any:
        """What is put out: text and numbers, and nothing for None."""
        if value is None:
            return ""
        shown = self.escaped(value)
        _pay(len(shown))
        return shown

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        for kind, methods in _METHODS.items():
            if isinstance(obj, kind) and callable(value):
                return attr in methods
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:
        """No ``"{:>1000000000}".format()``: then it is a method like others, and not allowed."""

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        """As Jinja2's, which names its parameters so that no keyword of a template can."""
        if isinstance(getattr(__obj, "__self__", None), str):
            for one in (*args, *kwargs.values()):
                _sought(one)
        return super().call(__context, __obj, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        _measure(operator, left, right)
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return self.joined((left, right))
        return weighed(super().call_binop(context, operator, left, right))


# --------------------------------------------------------------------------- steps


_CONCATENATION, _COLLECTION = " ~", " []"  # no names that a template could write
_PASSED_THROUGH = (nodes.For, nodes.Macro, nodes.CallBlock, nodes.Block)


class _Measured(NodeTransformer):
    """Puts a step into everything that can be passed through more than once."""

    def __init__(self, name: str | None) -> None:
        self._name = name

    def visit_Template(self, node: nodes.Template) -> nodes.Node:  # noqa: N802
        return self._paid(node)

    visit_For = visit_Macro = visit_CallBlock = visit_Block = visit_Template  # noqa: N815

    def _paid(self, node: Any) -> nodes.Node:
        cost = _data(node)
        self.generic_visit(node)
        step = nodes.Call(nodes.EnvironmentAttribute("step"), [nodes.Const(cost)], [], None, None)
        node.body.insert(0, nodes.ExprStmt(step).set_lineno(node.lineno))
        return cast(nodes.Node, node)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        pieces = nodes.List(node.nodes)
        return nodes.Filter(pieces, _CONCATENATION, [], [], None, None).set_lineno(
            node.lineno, override=True
        )

    def _weighed(self, node: Any) -> nodes.Node:
        self.generic_visit(node)
        if getattr(node, "ctx", "load") != "load":  # for a, b in ...
            return cast(nodes.Node, node)
        return nodes.Filter(node, _COLLECTION, [], [], None, None).set_lineno(
            node.lineno, override=False
        )

    visit_List = visit_Tuple = visit_Dict = _weighed  # noqa: N815

    def visit_ScopedEvalContextModifier(  # noqa: N802
        self, node: nodes.ScopedEvalContextModifier
    ) -> nodes.Node:
        raise TemplateSyntaxError("escaping cannot be turned off", node.lineno, self._name)


def _data(node: nodes.Node) -> int:
    """How many characters of plain text one pass through a part puts out, at most."""
    cost = 0
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.TemplateData):
            cost += len(child.data)
        elif not isinstance(child, _PASSED_THROUGH):
            cost += _data(child)
    return cost


def _pay(characters: int) -> None:
    budget = _budget.get()
    if budget is None:
        return
    budget.characters -= characters
    if budget.characters < 0:
        raise LimitError(f"more than {MOST_TEXT:,} characters")


# --------------------------------------------------------------------------- measures


def _scalar(value: Any) -> str:
    """A number, a moment or a truth as text. Raises LimitError for what may hold others."""
    if isinstance(value, bool | int | float | str | datetime | Undefined):
        return str(value)  # raises UndefinedError for what is not there
    if hasattr(value, "__html__"):
        return str(value.__html__())
    raise LimitError(f"a {type(value).__name__} cannot be shown: name one of its parts")


def _measure(operator: str, left: Any, right: Any) -> None:
    """Raise LimitError for an operation whose result would be larger than anybody needs."""
    sized = [len(one) for one in (left, right) if isinstance(one, str | list | tuple)]
    if operator == "%" and isinstance(left, str):
        raise LimitError("% formats no text here: write it with {{ }}")
    if operator == "+" and len(sized) == 2:
        _allow(sum(sized), left)
    if operator == "*" and sized:
        times = right if isinstance(left, str | list | tuple) else left
        _allow(sized[0] * times if isinstance(times, int) else 0, left)
    if operator in ("*", "**") and isinstance(left, int) and isinstance(right, int):
        bits = left.bit_length()
        if (bits + right.bit_length() if operator == "*" else bits * right) > LARGEST_NUMBER:
            raise LimitError("too large a number")


def _allow(length: int, like: object) -> None:
    most = MOST_TEXT if isinstance(like, str) else MOST_ITEMS
    if length > most:
        raise LimitError(f"longer than {most:,}")


def weighed(value: Any) -> Any:
    """The value, if all that is in it and in what it holds can be counted: lists that hold each
    other twice would be compared for ever. Raises LimitError."""
    rest, waiting = MOST_ITEMS, [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple):
            waiting += one
        else:
            continue
        rest -= len(one)
        if rest < 0:
            raise LimitError(f"longer than {MOST_ITEMS:,}")
    return value


def _listed(values: Iterable[Any]) -> list[Any]:
    """Jinja2's ``list``, of a text its characters."""
    found = list(values)
    return found if isinstance(values, str) else weighed(found)


def _sought(value: Any) -> None:
    """Raise LimitError for a text that is too long to be looked for in another."""
    if isinstance(value, str) and len(value) > MOST_SOUGHT:
        raise LimitError(f"a text of more than {MOST_SOUGHT:,} characters is not looked for")


def _trimmed(value: Any, chars: str | None = None) -> str:
    """Jinja2's ``trim``, measured."""
    _sought(chars)
    return do_trim(value, chars)


def _range(*bounds: int) -> range:
    """As Python's, but no longer than a list may be, and each number costs."""
    found = range(*bounds)
    if len(found) > MOST_ITEMS:
        raise LimitError(f"a range of more than {MOST_ITEMS:,}")
    _pay(len(found))
    return found


def replaced(text: str, old: str, new: str) -> str:
    """Jinja2's ``replace``, measured."""
    _allow(len(text) + text.count(old) * max(0, len(new) - len(old)), "")
    return text.replace(old, new)
