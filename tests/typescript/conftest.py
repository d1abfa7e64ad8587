"""The TypeScript compiler, installed before the environment is made neutral."""

from __future__ import annotations

import os

import pytest
from tests.typescript.compiler import NO_NPM, Compiler, NoCompiler, install


@pytest.fixture(scope="session")
def compiler(request: pytest.FixtureRequest) -> Compiler:
    """tsc with the libraries' types; without npm the tests fail, unless they are waived."""
    if os.environ.get(NO_NPM):
        pytest.skip(f"{NO_NPM} is set: edited TypeScript is not compiled")
    try:
        return install(request.config.cache.mkdir("typescript"))
    except NoCompiler as why:
        pytest.fail(
            f"The TypeScript compiler is not to be had: {why}\n"
            f"Set {NO_NPM}=1 to leave these tests out.",
            pytrace=False,
        )
