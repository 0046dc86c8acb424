"""Broken input by the hundred thousand: what reads files and lines must refuse it in one line."""
