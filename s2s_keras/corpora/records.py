"""Records with named texts: objects of JSON, and translation units of TMX."""

import io
import json
import re
from collections.abc import Iterable, Iterator
from xml.parsers import expat

from ..errors import InputError
from .bad_rows import BadRow
from .files import Opened
from .tables import LONGEST_RECORD

Record = tuple[int | str, dict[str, str] | list[str] | BadRow]

LARGEST_DOCUMENT = 200_000_000  # bytes of JSON that are read at once
CHUNK = 1 << 16  # characters of XML that are read at once
DEEPEST_OBJECT = 10  # objects of JSON inside each other from which texts are lifted
DEEPEST_ELEMENT = 100  # elements of XML inside each other
# In a segment of TMX, what is inside these elements is markup of the document, not text.
_MARKUP = {"bpt", "ept", "ph", "it", "ut"}
# What XML does not allow, and translation memories hold all the same: control characters, and
# ampersands that begin no entity of XML. Entities of HTML are decoded later, as in other files.
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|&(?!(?:amp|lt|gt|quot|apos);)")


# JSON


def json_line_rows(lines: Iterable[tuple[int, str | BadRow]], name: str) -> Iterator[Record]:
    """Yield the texts of the object on each line, by their names; blank lines are passed over."""
    for number, line in lines:
        if isinstance(line, BadRow):
            yield number, line
        elif line.strip():
            yield number, _json_line(line, f"{name}:{number}")


def _json_line(line: str, place: str) -> dict[str, str] | list[str] | BadRow:
    try:
        return _texts(json.loads(line), place)
    except (ValueError, RecursionError) as error:
        remedy = "put one whole object on each line"
        return BadRow(place, f"not JSON ({' '.join(str(error).split())})", remedy)


def json_document_rows(file: Opened, name: str) -> Iterator[Record]:
    """Yield the texts of each object in one array, by their names.

    Raises:
        InputError: The document is too large, not JSON, or has no array of objects.
    """
    content = file.stream.read(LARGEST_DOCUMENT + 1)
    if len(content) > LARGEST_DOCUMENT:
        raise InputError(
            f"{name}: a JSON array of over {LARGEST_DOCUMENT // 1_000_000} MB; put one object on "
            "each line, as `jq -c '.[]'` does"
        )
    try:
        document = json.loads(content.decode("utf-8-sig" if file.encoding == "utf-8" else "utf-16"))
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{name}: not JSON ({' '.join(str(error).split())}); give an array of objects, or one "
            "object on each line"
        ) from error
    for number, item in enumerate(_array(document, name), start=1):
        yield f"item {number}", _texts(item, f"{name}:item {number}")


def _array(document: object, name: str) -> list:
    """Return the array that a document is or has: {"data": [...]}, {"rows": [{"row": ...}]}."""
    if isinstance(document, dict):
        arrays = [value for value in document.values() if _is_array_of_objects(value)]
        document = arrays[0] if len(arrays) == 1 else document
        document = [document] if isinstance(document, dict) else document
    if not isinstance(document, list):
        raise InputError(f"{name}: no array of objects; put one object on each line")
    return document


def _is_array_of_objects(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def is_json_document(first_line: str) -> bool:
    """Tell by the first line whether one JSON value goes over the whole file."""
    try:
        first = json.loads(first_line)
    except (ValueError, RecursionError):
        return True
    if isinstance(first, dict):
        return any(map(_is_array_of_objects, first.values()))
    return not all(isinstance(item, str) for item in first)


def _texts(item: object, place: str, depth: int = 0) -> dict[str, str] | list[str] | BadRow:
    """Return the texts of an object by name; what is nested, as in "translation", is lifted."""
    if isinstance(item, list) and all(isinstance(cell, str) for cell in item):
        return item
    if not isinstance(item, dict):
        return BadRow(place, "not a JSON object", 'write {"en": …, "hi": …}')
    texts: dict[str, str] = {}
    for key, value in item.items():
        if isinstance(value, dict) and depth < DEEPEST_OBJECT:
            inner = _texts(value, place, depth + 1)
            texts |= {name: text for name, text in inner.items() if name not in texts}
        elif isinstance(value, str | int | float):
            texts[key] = str(value)
        else:  # null, or something that holds no sentence
            texts.setdefault(key, "")
    return texts


# TMX


def tmx_rows(file: Opened, name: str) -> Iterator[Record]:
    """Yield the segments of each translation unit by language ("en", "hi"); see TMX 1.4b.

    Expat is used directly: unlike ElementTree's iterparse it tells line numbers, builds no tree
    that has to be cleared, and tells of a document that declares entities before it expands any.

    Raises:
        InputError: The document declares entities, is nested too deeply, or is not well-formed.
    """
    units = _Units(name)
    # The declaration of an encoding may be wrong, so text is given to Expat, not bytes.
    stream = io.TextIOWrapper(file.stream, _xml_encoding(file), errors="replace", newline="\n")
    try:
        while chunk := stream.read(CHUNK):
            chunk += stream.readline(CHUNK)  # a chunk ends where a line does
            units.parser.Parse(_NOT_XML.sub(_allowed, chunk))
            yield from units.take()
        units.parser.Parse("", True)
    except expat.ExpatError as error:
        problem = expat.ErrorString(error.code)
        raise InputError(
            f"{name}:{error.lineno}: not well-formed XML ({problem}); fetch or export it again"
        ) from error


def _allowed(match: re.Match) -> str:
    return "&amp;" if match[0] == "&" else " "


def _xml_encoding(file: Opened) -> str:
    if file.encoding == "utf-16":
        return "utf-16"
    if b"\0" in file.head[:4]:
        return "utf-16-le" if file.head[1] == 0 else "utf-16-be"
    declared = re.search(rb"""<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)""", file.head[:200])
    encoding = declared[1].decode().lower() if declared else "utf-8"
    try:
        # Some files declare UTF-16 and are in UTF-8.
        is_plain = "<".encode(encoding) == b"<"
    except LookupError:
        is_plain = False
    return encoding if is_plain and encoding != "utf-8" else "utf-8-sig"


class _Units:
    """Collects the translation units while Expat reads a document."""

    def __init__(self, name: str):
        self.name = name
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.EntityDeclHandler = self._refuse_entities
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.done: list[Record] = []
        self.line = 0
        self.unit: dict[str, str] = {}
        self.language = ""
        self.segment: list[str] | None = None
        self.loose: list[str] = []  # text of a variant outside of its segment
        self.length = 0  # of both, in characters
        self.open = [""]  # the elements that are open

    def take(self) -> list[Record]:
        """Return the units that ended since the last time."""
        done, self.done = self.done, []
        return done

    def _refuse_entities(self, entity: str, *_) -> None:
        raise InputError(
            f"{self.name}:{self.parser.CurrentLineNumber}: declares the entity {entity}, and "
            "entities can grow without end; write its text in place of the entity"
        )

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.open.append(tag)
        if len(self.open) > DEEPEST_ELEMENT:
            raise InputError(
                f"{self.name}:{self.parser.CurrentLineNumber}: over {DEEPEST_ELEMENT} elements "
                "inside each other, so this is no TMX; export it again"
            )
        if tag == "tu":
            self.line, self.unit = self.parser.CurrentLineNumber, {}
        elif tag == "tuv":
            language = attributes.get("xml:lang") or attributes.get("lang") or ""
            self.language, self.loose = re.split("[-_]", language.lower())[0], []
            self.length = 0
        elif tag == "seg":
            self.segment = []

    def _text(self, text: str) -> None:
        self.length += len(text)
        if self.length > LONGEST_RECORD:
            return  # the rest of what is too long already, and will be skipped
        if self.open[-1] == "tuv":
            self.loose.append(text)
        elif self.segment is not None and not _MARKUP.intersection(self.open):
            self.segment.append(text)

    def _end(self, tag: str) -> None:
        self.open.pop()
        if tag == "seg" and self.segment is not None:
            self.unit.setdefault(self.language, "".join(self.segment))
            self.segment = None
        elif tag == "tuv":  # some tools leave out <seg>
            self.unit.setdefault(self.language, "".join(self.loose))
        elif tag == "tu":
            self.done.append((self.line, self._unit()))

    def _unit(self) -> dict[str, str] | BadRow:
        if any("\ufffd" in text for text in self.unit.values()):
            place = f"{self.name}:{self.line}"
            return BadRow(place, "not in the encoding of the file", "save the file as UTF-8")
        return self.unit
