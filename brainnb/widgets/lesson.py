"""The widgets of a lesson: a question that takes one answer, and a box that fills when the answer is there."""

from typing import Any

import ipywidgets as w

from ..core.display import text

WIDE = {"width": "auto", "max_width": "46em"}


def question_box(prediction: Any) -> w.VBox:
    """Choices, a line for the reason, and a button that writes the prediction down.

    ``prediction`` has ``question``, ``choices``, ``choice``, ``committed`` and ``commit(choice, because)``.
    """
    question = w.HTML(f"<b>{text(prediction.question)}</b>", layout=WIDE)
    choices = w.RadioButtons(
        options=prediction.choices,
        index=None,
        description="Your prediction",
        layout=WIDE,
        style={"description_width": "auto"},
    )
    because = w.Text(
        placeholder="a few words, for yourself", description="Because", style={"description_width": "auto"}, layout=WIDE
    )
    button = w.Button(description="Write it down", button_style="primary", disabled=True)
    said = w.HTML()

    def settle() -> None:
        choices.value = prediction.choice
        for control in (choices, because, button):
            control.disabled = True
        button.layout.display = "none"
        said.value = f"You predicted: <b>{text(prediction.choice)}</b>. Now look."

    def press(_: Any) -> None:
        if not prediction.committed:
            prediction.commit(choices.value, because.value)

    choices.observe(lambda change: setattr(button, "disabled", change["new"] is None or prediction.committed), "value")
    button.on_click(press)
    if prediction.committed:
        settle()
    else:
        prediction.when_committed(settle)
    return w.VBox([question, choices, because, button, said])


def gate_box(gate: Any) -> w.VBox:
    """Asks for the prediction; when it is written down, what is behind the gate takes its place.

    ``gate`` has ``prediction`` and ``open()``.
    """
    box = w.VBox([w.Label("First write down your prediction above.")])

    def show() -> None:
        try:
            box.children = [as_widget(gate.open())]
        except Exception as error:  # raised in a callback it would reach the log only
            box.children = [w.Label(f"The figure could not be made: {type(error).__name__}: {error}")]
            raise

    if gate.prediction.unlocked:
        show()
    else:
        gate.prediction.when_committed(show)
    return box


def as_widget(thing: Any) -> w.Widget:
    """``thing`` as a Jupyter widget; whatever is none is displayed inside one."""
    if isinstance(thing, w.Widget):
        return thing
    if hasattr(thing, "ipywidget"):
        return thing.ipywidget()
    inside = w.Output()
    inside.append_display_data(thing)
    return inside
