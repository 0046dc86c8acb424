"""Speed against other implementations: `make bench` measures, in turn, and writes results.md."""
