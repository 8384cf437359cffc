"""Keeps what nobody uses from being loaded.

The `seam` SDK needs one module of svix, the one that checks signatures. Importing that loads svix's whole client as
well, hundreds of pydantic models: a third of the time in which a command starts, and 15 MB in every process.
"""

import sys
from importlib.util import find_spec, module_from_spec
from typing import Any


def leave_out_what_svix_brings() -> None:
    """From now on `import svix.webhooks` loads that module only. Whoever asks `svix` itself for anything gets it: then
    all of it is loaded."""
    spec = find_spec("svix") if "svix" not in sys.modules else None
    if spec is None or spec.loader is None:
        return
    package, loader = module_from_spec(spec), spec.loader

    def load(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        del package.__getattr__
        loader.exec_module(package)
        return getattr(package, name)

    package.__getattr__ = load  # type: ignore[method-assign]
    sys.modules["svix"] = package
