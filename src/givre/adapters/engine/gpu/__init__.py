"""The solver on an NVIDIA GPU, chosen explicitly; its library is optional and imported only when asked for."""

from givre.adapters.engine.gpu.library import NoGpu, bytes_needed, device_in_words, find_device
from givre.adapters.engine.gpu.solver import solve_on_gpu

__all__ = ["NoGpu", "bytes_needed", "device_in_words", "find_device", "solve_on_gpu"]
