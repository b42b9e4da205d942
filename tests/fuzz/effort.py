"""How many examples a fuzz test tries: a few in ``make test``, 2,000 in ``make fuzz``.

Each fuzz test is decorated with ``@FUZZ`` above its ``@given``.
"""

from hypothesis import HealthCheck, settings

# `make fuzz` chooses the profile "fuzz", which tests/conftest.py registers, before the tests are imported.
_WHOLE = settings.get_current_profile_name() == "fuzz"
FUZZ = settings(
    max_examples=2_000 if _WHOLE else 60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
SLOW_FUZZ = settings(FUZZ, max_examples=2_000 if _WHOLE else 12)
"""For a test whose every example is a whole run."""
