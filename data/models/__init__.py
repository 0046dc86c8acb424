"""The translators that come with the package, and what trains them: `make models`."""
