"""A maths renderer that needs no network: LaTeX becomes MathML when the page is built."""

import re

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.util import logging

logger = logging.getLogger(__name__)


def mathml(latex, display, node):
    """MathML of an equation; LaTeX that cannot be read is a warning, hence a failed build."""
    if r"\\" in latex and r"\begin" not in latex:
        latex = rf"\begin{{aligned}}{latex}\end{{aligned}}"
    try:
        return convert(latex, display=display)
    except Exception as error:  # latex2mathml has many kinds of them, all mean the same here
        logger.warning("cannot read the equation %r: %s", latex, error, location=node)
        return ""


def visit_inline(self, node):
    self.body.append(mathml(node.astext(), "inline", node))
    raise nodes.SkipNode


def visit_block(self, node):
    """A block may hold several equations, with an empty line between them."""
    equations = [part.strip() for part in re.split(r"\n\s*\n", node.astext()) if part.strip()]
    anchor = f' id="equation-{node["label"]}"' if node.get("label") else ""
    number = f'<span class="equation-number">({node["number"]})</span>' if node.get("number") else ""
    body = "\n".join(mathml(equation, "block", node) for equation in equations)
    self.body.append(f'<div class="math"{anchor}>{number}{body}</div>\n')
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
