"""What tests of several packages share, a module for each subject; fixtures are in the conftest.py files."""

import pkgutil

import pytest

# A failing assert in a helper shows its values, as one in a test does.
pytest.register_assert_rewrite(*(f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)))
