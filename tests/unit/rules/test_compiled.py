"""The modules that a compiled installation has (see ``hatch_build.py``)."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def compiled() -> tuple[str, ...]:
    """``COMPILED`` of the build hook, which cannot be imported where nothing is built."""
    tree = ast.parse((ROOT / "hatch_build.py").read_text("utf-8"))
    values = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "COMPILED"
    ]
    return ast.literal_eval(values[0])


@pytest.mark.parametrize("name", compiled())
def test_nothing_that_compiling_would_silently_change(name: str) -> None:
    """No ``cached_property``: mypyc makes a plain property of it, and what was to be made once for
    a hundred thousand rules is made for each of them."""
    source = (ROOT / "monitor" / "rules" / f"{name}.py").read_text("utf-8")
    decorators = {
        ast.unparse(decorator).rpartition(".")[2]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
    }
    assert "cached_property" not in decorators
