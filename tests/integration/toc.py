"""Writes tables of contents as no pg_dump would: the bytes of toc.dat, version 1.14."""

import struct

SECTIONS = {"none": 1, "pre": 2, "data": 3, "post": 4}


def number(value):
    return struct.pack("<BI", value < 0, abs(value))


def text(value):
    if value is None:
        return number(-1)
    content = value if isinstance(value, bytes) else value.encode()
    return number(len(content)) + content


def header(count, database="stranger"):
    time = b"".join(number(part) for part in (0, 0, 12, 20, 10, 126, 0))
    versions = text(database) + text("15.0") + text("15.0")
    return b"PGDMP" + bytes([1, 14, 0, 4, 8, 3]) + number(0) + time + versions + number(count)


def entry(dump_id, desc="TABLE", tag="t", *, definition="", drop="", copy="", schema="public", owner="",
          section="pre", dependencies=(), file_name=None, oid=0):
    parts = [number(dump_id), number(file_name is not None), text("0"), text(str(oid)), text(tag), text(desc)]
    parts += [number(SECTIONS[section]), text(definition), text(drop), text(copy), text(schema), text(None), text(None)]
    parts += [text(owner), text("false"), *(text(str(other)) for other in dependencies), text(None), text(file_name or "")]
    return b"".join(parts)


SETTINGS = (
    dict(desc="ENCODING", tag="ENCODING", definition="SET client_encoding = 'UTF8';\n"),
    dict(desc="STDSTRINGS", tag="STDSTRINGS", definition="SET standard_conforming_strings = 'on';\n"),
    dict(desc="SEARCHPATH", tag="SEARCHPATH", definition="SELECT pg_catalog.set_config('search_path', '', false);\n"),
)


def write_archive(folder, entries, settings=SETTINGS, files=None):
    """Numbers the settings and then the entries from 1 on; an entry is a dict of entry()'s words."""
    folder.mkdir(exist_ok=True)
    numbered = [entry(place, **words) for place, words in enumerate((*settings, *entries), 1)]
    (folder / "toc.dat").write_bytes(header(len(numbered)) + b"".join(numbered))
    for name, content in (files or {}).items():
        (folder / name).write_bytes(content)
    return folder
