"""Measuring: generated shots with known colours, scores and benchmarks."""
