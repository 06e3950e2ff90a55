"""Question sets and benchmarks over the real thing."""
