"""Which format a text is in, by its name and its first lines; and its rows."""

import re
from collections.abc import Iterator
from pathlib import Path

from ..errors import InputError
from .bad_rows import BadRow
from .files import Opened, Text, opened, unpacked_name
from .lines import LONGEST_LINE, lines_of
from .records import is_json_document, json_document_rows, json_line_rows, tmx_rows
from .tables import LONGEST_RECORD, csv_rows, delimiter_of, looks_like_csv, tab_rows

TABLE_NAMES = (".tsv", ".tab", ".txt", ".csv", ".json", ".jsonl", ".ndjson", ".tmx")
JSON_LINES = (".jsonl", ".ndjson")

Rows = Iterator[tuple[int | str, list[str] | dict[str, str] | BadRow]]


def rows_of(text: Text) -> Rows:
    """Yield the rows of a text with the number of their first line.

    Yields:
        A row is a list of cells; or a dictionary of texts by name, where the format has names; or
        a BadRow.

    Raises:
        InputError: The text cannot be read, or is in a format that is not known.
    """
    with opened(text) as file:
        yield from _rows(file, text.name)


def _rows(file: Opened, name: str) -> Rows:
    suffix = Path(unpacked_name(name)).suffix
    sample = _sample(file)
    start = next((line.strip() for line in sample if line.strip()), "")
    if _is_xml(sample, start, name):
        return tmx_rows(file, name)
    if suffix in JSON_LINES or _is_json(start, suffix):
        if (suffix not in JSON_LINES or start[:1] == "[") and is_json_document(start):
            return json_document_rows(file, name)
        return json_line_rows(lines_of(file, name, LONGEST_RECORD, returns=True), name)
    delimiter = _delimiter(sample, suffix)
    if not delimiter:
        return tab_rows(lines_of(file, name, LONGEST_LINE))
    rows = csv_rows(lines_of(file, name, LONGEST_RECORD, returns=True), delimiter, name)
    if re.fullmatch("sep=.", start):  # spreadsheets write so which delimiter they use
        next(rows)
    return rows


def _sample(file: Opened) -> list[str]:
    """Return the first lines of a text with their ends; the last one may be cut off."""
    head = file.head
    if file.encoding == "utf-8" and b"\0" in head[:4]:
        return [head.replace(b"\0", b"").decode("ascii", "replace")]  # XML in UTF-16 without a mark
    decoded = head.decode(file.encoding, "replace").removeprefix("\ufeff")
    return [line + "\n" for line in decoded.split("\n")]


def _is_xml(sample: list[str], start: str, name: str) -> bool:
    if not start.startswith(("<?xml", "<tmx", "<!DOCTYPE tmx")):
        return False
    if not re.search(r"<tmx\b", "".join(sample)):
        raise InputError(f"{name}: XML, but not TMX; convert it to TMX or to text with tabs")
    return True


def _is_json(start: str, suffix: str) -> bool:
    """Tell whether a text is JSON: a sentence may begin with a bracket, too."""
    if not start.startswith(("{", "[")):
        return False
    return suffix == ".json" or not is_json_document(start)


def _delimiter(sample: list[str], suffix: str) -> str:
    """Return what stands between the cells of CSV; "" for a table with tabs, without quotes."""
    if sample and (declared := re.fullmatch("sep=(.)", sample[0].strip("\r\n"))):
        return declared[1]
    filled = [line for line in sample if line.strip()]
    with_tabs = sum("\t" in line for line in filled)
    if suffix != ".csv" and 2 * with_tabs >= len(filled):
        return ""
    delimiter = delimiter_of(sample)
    return delimiter if suffix == ".csv" or looks_like_csv(sample, delimiter) else ""
