"""The examples in the engine's docstrings say what is true."""

import doctest
import importlib
import pkgutil

import texcore

# Fewer would mean that they are not found.
_LEAST_EXAMPLES = 30


def test_every_example_runs():
    names = [module.name for module in pkgutil.walk_packages(texcore.__path__, "texcore.")]
    modules = [importlib.import_module(name) for name in names if not name.endswith(".__main__")]
    results = {module.__name__: doctest.testmod(module) for module in modules}
    assert {name: result.failed for name, result in results.items() if result.failed} == {}
    assert sum(result.attempted for result in results.values()) >= _LEAST_EXAMPLES
