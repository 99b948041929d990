"""Everything people read is translated, as whole sentences, once its reader is known."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.test_layers import FILES

SENTENCE = re.compile(r"\s*(?:[A-Z]\w*[ .,:;?!…].*|.*\w[,;:]? \w.*[.?!…:])\s*", re.DOTALL)
"""A capital word that goes on, or several words and a stop."""

PHRASE = re.compile(rf"{SENTENCE.pattern}|[^=]*[a-z][,;:]? [a-z][^=]*", re.DOTALL)
"""Or two words at all and no sign of code, in an f-string or in what is raised."""


def said(node: ast.AST, pattern: re.Pattern[str] = SENTENCE) -> Iterator[str]:
    """The texts in a tree that read like sentences for whoever uses the bot."""
    parts = list(ast.iter_child_nodes(node))
    match node:
        case ast.Expr(ast.Constant()):  # a docstring
            return
        case ast.Call(ast.Attribute(ast.Name("log" | "re"))) | ast.keyword("help"):
            return
        case ast.Call(ast.Name("Counter" | "Histogram" | "GaugeMetricFamily")):  # for operators
            return
        case ast.Call(ast.Name("_" | "ngettext" | "locale_str")):  # translated
            parts = [keyword.value for keyword in node.keywords]
        case ast.Raise():
            pattern = PHRASE
        case ast.Constant(str(text)) if pattern.fullmatch(text):
            yield text
        case ast.JoinedStr():
            text = "".join(str(p.value) if isinstance(p, ast.Constant) else "0" for p in parts)
            yield from said(ast.Constant(text), PHRASE)
            parts = [part for part in parts if not isinstance(part, ast.Constant)]
    for part in parts:
        yield from said(part, pattern)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_sentence_is_translated(path: Path):
    assert not list(said(ast.parse(path.read_text())))


def evaluated_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """What of a module runs when it is imported: all but the bodies of functions."""
    yield node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        children: list[ast.AST] = [node.args]
        if not isinstance(node, ast.Lambda):
            children += node.decorator_list
    else:
        children = list(ast.iter_child_nodes(node))
    for child in children:
        yield from evaluated_at_import(child)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_message_is_translated_before_its_reader_is_known(path: Path):
    for node in evaluated_at_import(ast.parse(path.read_text())):
        match node:
            case ast.Call(ast.Name("_" | "ngettext")):
                pytest.fail(f"line {node.lineno}: translated when the module is imported")


def test_messages_are_whole_and_constant():
    """gettext needs the text itself: no f-string, and nothing computed."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(ast.Name("_" | "ngettext" | "locale_str" as name)):
                    texts = node.args[: 2 if name == "ngettext" else 1]
                    assert all(isinstance(text, ast.Constant) for text in texts), (
                        path,
                        node.lineno,
                    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_message_is_inside_an_f_string(path: Path):
    """Babel doesn't find it there before Python 3.12."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.JoinedStr):
            for part in ast.walk(node):
                match part:
                    case ast.Call(ast.Name("_" | "ngettext")):
                        pytest.fail(f"line {part.lineno}")
