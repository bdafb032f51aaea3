"""A template of the configuration: compiled once, rendered for each message."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import fields
from types import MappingProxyType, TracebackType
from typing import Any

from jinja2 import TemplateError, TemplateNotFound, meta, nodes
from jinja2.environment import Template as Jinja
from jinja2.exceptions import TemplateSyntaxError

from monitor.channels.templates.forms import FORMS
from monitor.channels.templates.keys import Form
from monitor.channels.templates.mistake import TemplateMistake
from monitor.channels.templates.sandbox import EndlessError, bounded
from monitor.channels.templates.views import AlertView, MessageView
from monitor.channels.wording import quoted

_NONE: Mapping[str, str] = MappingProxyType({})
_SELF = "<template>"
_PARTS = {
    "alert": frozenset(field.name for field in fields(AlertView)),
    "message": frozenset(field.name for field in fields(MessageView)),
}
# All that an expression on our data can raise; what the sandbox refuses is a TemplateError.
_FAILURES = (
    TemplateError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    RuntimeError,
    TypeError,
    ValueError,
)
# What Jinja2 lets through of making Python of a template: constants that Python cannot hold, loops
# deeper than it nests, names given twice.
_UNREADABLE = (TemplateError, RecursionError, SyntaxError, TypeError, ValueError)


class Template:
    """A template of one form, with the names that it may use."""

    def __init__(
        self, source: str, form: Form, *, names: Collection[str], files: Mapping[str, str] = _NONE
    ) -> None:
        """``files`` are those that it may include, by name. Raises TemplateMistake."""
        self._files = files
        self._jinja = _compiled(source, _SELF, form, files, names)

    def render(self, **variables: Any) -> str:
        """The text. Raises TemplateMistake where it cannot be made, or not within the bounds."""
        try:
            with bounded():
                return self._jinja.render(variables)
        except _FAILURES as error:
            file, line = self._place(error.__traceback__)
            endless = isinstance(error, EndlessError | RecursionError)
            raise TemplateMistake(_said(error), line, file, endless=endless) from error

    def _place(self, trace: TracebackType | None) -> tuple[str | None, int | None]:
        """The innermost line that failed, and the file where it is not this template's."""
        file, line = None, None
        while trace is not None:
            name = trace.tb_frame.f_code.co_filename
            if name == _SELF or name in self._files:
                file, line = None if name == _SELF else name, trace.tb_lineno
            trace = trace.tb_next
        return file, line


def check_file(source: str, name: str, files: Mapping[str, str]) -> None:
    """Raise TemplateMistake for a file that no template could include. What it may name is known
    only where it is included."""
    _compiled(source, name, Form.TEXT, files, None)


def _compiled(
    source: str,
    name: str,
    form: Form,
    files: Mapping[str, str],
    names: Collection[str] | None,
) -> Jinja:
    sandbox = FORMS[form](files)
    try:
        tree = sandbox.parse(source, name, name)
        if names is not None:
            unknown = meta.find_undeclared_variables(tree) - {*names, *sandbox.globals}
            _check_names(tree, unknown, {*names, *sandbox.globals})
            _check_parts(tree)
        _check_files(tree, files)
        code = sandbox.compile(source, name, name)
    except TemplateSyntaxError as error:
        raise TemplateMistake(_said(error), error.lineno) from error
    except RecursionError as error:
        raise TemplateMistake("nested too deeply") from error
    except _UNREADABLE as error:
        raise TemplateMistake(f"cannot be read: {_said(error)}") from error
    return Jinja.from_code(sandbox, code, dict(sandbox.globals))


# --------------------------------------------------------------------------- mistakes


def _check_names(tree: nodes.Template, unknown: Collection[str], known: Collection[str]) -> None:
    for node in tree.find_all(nodes.Name):
        if node.name in unknown:
            raise TemplateMistake(
                f"there is no {node.name!r}{_near(node.name, known)}", node.lineno
            )


def _check_parts(tree: nodes.Template) -> None:
    """Parts of a message or an alert that do not exist, where the name means one for sure."""
    set_here = {node.name for node in tree.find_all(nodes.Name) if node.ctx != "load"}
    for loop in tree.find_all(nodes.For):
        match loop.target, loop.iter:
            case nodes.Name(name="alert"), nodes.Name(name="alerts"):
                set_here.discard("alert")
    for node in tree.find_all(nodes.Getattr):
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        if name in _PARTS and name not in set_here and node.attr not in _PARTS[name]:
            hint = _near(node.attr, _PARTS[name])
            raise TemplateMistake(f"{name} has no {node.attr!r}{hint}", node.lineno)


def _check_files(tree: nodes.Template, files: Mapping[str, str]) -> None:
    for node in tree.find_all((nodes.Include, nodes.Extends, nodes.Import, nodes.FromImport)):
        name = getattr(getattr(node, "template", None), "value", None)
        if isinstance(name, str) and name not in files:
            hint = _near(name, files) or ": see the setting templates"
            raise TemplateMistake(f"there is no template {name!r}{hint}", node.lineno)


def _near(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
    return f"; did you mean {near[0]}?" if near else ""


def _said(error: Exception) -> str:
    """The reason in a line."""
    if isinstance(error, RecursionError):
        return "calls itself without an end"
    if isinstance(error, TemplateNotFound):
        return f"there is no template {quoted(str(error.name), (), 60)!r}"
    if isinstance(error, SyntaxError):
        return error.msg  # without the place, which is in the code made of the template
    said = error.message if isinstance(error, TemplateError) and error.message else str(error)
    # "'monitor.x.AlertView object' has no attribute 'y'"
    said = re.sub(r"'(?:\w+\.)*(\w+?)(?:View)? object'", lambda found: found[1].lower(), said)
    return quoted(said, (), 200) or type(error).__name__
