"""Series and data to learn from, labelled, with their sources; and recordings of your own."""

from .abf_files import read_abf
from .connectomes import human_cortex, mushroom_body
from .csv_files import read_csv
from .nwb_files import read_nwb
from .series import double_scroll, henon, lorenz, mackey_glass, narma, rossler
from .shipped import digits, santa_fe

__all__ = [
    "digits",
    "double_scroll",
    "henon",
    "human_cortex",
    "lorenz",
    "mackey_glass",
    "mushroom_body",
    "narma",
    "read_abf",
    "read_csv",
    "read_nwb",
    "rossler",
    "santa_fe",
]
