"""A maths renderer that needs no network: LaTeX becomes MathML when the page is built."""

import re

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.util import logging

logger = logging.getLogger(__name__)


def mathml(latex, display, node):
    """MathML of an equation; LaTeX that cannot be read is a warning, hence a failed build."""
    latex = latex.replace("{aligned}", "{split}")  # the same to a reader; latex2mathml knows only one of them
    if "&" in latex and r"\begin" not in latex:
        latex = rf"\begin{{split}}{latex}\end{{split}}"
    try:
        result = convert(latex, display=display)
    except Exception as error:  # latex2mathml has many kinds of them, all mean the same here
        logger.warning("cannot read the equation %r: %s", latex, error, location=node)
        return ""
    if "<mi>&</mi>" in result:
        logger.warning("an environment of %r is unknown: use split, align, cases or array", latex, location=node)
    return result


def equations(latex):
    """A block may hold several, one below the other: after an empty line, or after a line break without columns."""
    separator = r"\n\s*\n" if "&" in latex or r"\begin" in latex else r"\n\s*\n|\\\\"
    return [part.strip() for part in re.split(separator, latex) if part.strip()]


def visit_inline(self, node):
    self.body.append(mathml(node.astext(), "inline", node))
    raise nodes.SkipNode


def visit_block(self, node):
    anchor = f' id="equation-{node["label"]}"' if node.get("label") else ""
    number = f'<span class="equation-number">({node["number"]})</span>' if node.get("number") else ""
    body = "\n".join(mathml(equation, "block", node) for equation in equations(node.astext()))
    self.body.append(f'<div class="math"{anchor}>{number}{body}</div>\n')
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
