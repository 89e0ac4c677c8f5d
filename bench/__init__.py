"""Benchmarks: each prints a table of ratios against a named peer or limit, contenders alternating in one run."""
