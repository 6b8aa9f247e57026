"""A maths renderer that needs no network: LaTeX becomes MathML when the page is built."""

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.util import logging

logger = logging.getLogger(__name__)


def mathml(node, display):
    """MathML of a maths node; LaTeX that cannot be read is a warning, hence a failed build."""
    latex = node.astext().strip()
    if r"\\" in latex and r"\begin" not in latex:
        latex = rf"\begin{{aligned}}{latex}\end{{aligned}}"
    try:
        return convert(latex, display=display)
    except Exception as error:  # latex2mathml has many kinds of them, all mean the same here
        logger.warning("cannot read the equation %r: %s", latex, error, location=node)
        return ""


def visit_inline(self, node):
    self.body.append(mathml(node, "inline"))
    raise nodes.SkipNode


def visit_block(self, node):
    anchor = f' id="equation-{node["label"]}"' if node.get("label") else ""
    number = f'<span class="equation-number">({node["number"]})</span>' if node.get("number") else ""
    self.body.append(f'<div class="math"{anchor}>{mathml(node, "block")}{number}</div>\n')
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
