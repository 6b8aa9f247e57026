"""Files: models as JSON."""

from .models import from_json, load_model, save_model, to_json

__all__ = ["from_json", "load_model", "save_model", "to_json"]
