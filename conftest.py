"""What pytest must not import to look for examples where an optional part is not installed."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("warp") else ["src/givre/adapters/engine/gpu/*.py"]
