"""Small budgets: a property is tried on a few dozen cases, every one of them new."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "brainnb",
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("brainnb")
