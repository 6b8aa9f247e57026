"""Names of variables: each is given once in a function, and none that JavaScript or every module uses itself.

An operation may have the name of its line in the model.  ``alpha`` is the result of ``alpha = ...``, ``alpha?`` is on the
way to it, and ``alpha~`` is what a function ``alpha`` returns: a name for what has a line of its own for another reason.
"""

import re

RESERVED = {
    "abstract",
    "arguments",
    "await",
    "boolean",
    "break",
    "byte",
    "case",
    "catch",
    "char",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "double",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "final",
    "finally",
    "float",
    "for",
    "function",
    "goto",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "int",
    "interface",
    "let",
    "long",
    "native",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "short",
    "static",
    "super",
    "switch",
    "synchronized",
    "this",
    "throw",
    "throws",
    "transient",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "volatile",
    "while",
    "with",
    "yield",
    "Math",
    "Number",
    "NaN",
    "Infinity",
    "undefined",
    "i",
    "j",
    "k",
    "p",
    "state",
    "out",
    "every",
    "row",
    "at",
    "records",
    "batch",
    "inner",
    "synapse",
    "slot",
    "chunk",
    "bits",
    "segment",
    "model",
    "about",
    "complete",
    "start",
    "more",
    "run",
    "begin",
    "advance",
    "vectorField",
    "decode",
    "unpack",
    "threefry",
    "erf",
    "erfc",
    "fromBits",
    "polynomial",
    "toInt",
    "toUint",
    "roundEven",
    "roundAway",
    "countBits",
    "ordered",
    "poisson",
    "phi",
    "exprel",
    "mixed",
    "singleFromBits",
    "erfInverse",
    "lanczos",
    "logGamma",
    "digamma",
    "ERF",
    "LANCZOS",
    "ERF_INVERSE",
}


TABLE = "DATA_"
"""What tables of the module begin with, and no variable of a function."""


def firm(name: str | None) -> bool:
    """Whether a name asks for a line of its own."""
    return name is not None and name[-1] not in "?~"


def plain(name: str | None, otherwise: str) -> str:
    """A name without its mark, or another where there is none."""
    return name.rstrip("?~") if name else otherwise


class Names:
    """Names of one function: each is given once."""

    def __init__(self) -> None:
        self.taken: set[str] = set(RESERVED)
        self.counts: dict[str, int] = {}

    def new(self, wanted: str) -> str:
        """A name like the one that is wanted."""
        plain = re.sub(r"\W+", "_", wanted, flags=re.ASCII).strip("_") or "x"
        plain = f"_{plain}" if plain[0].isdigit() or plain.startswith(TABLE) else plain
        found, n = plain, self.counts.get(plain, 1)
        while found in self.taken:
            n += 1
            found = f"{plain}_{n}"
        self.counts[plain] = n
        self.taken.add(found)
        return found
