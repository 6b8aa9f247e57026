"""What cannot be written in JavaScript, with the line of the model that asks for it."""

from brainnb.core.errors import ModelError


class ExportError(ModelError):
    """A model that cannot be written as a JavaScript module; the message names the operation and the model's line."""
