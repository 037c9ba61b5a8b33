"""The language of a PDF, which matplotlib has no word for."""

from __future__ import annotations

import re

from hotspot.language import spoken

TAGS = {"uz": "uz-Latn-UZ", "uz_Cyrl": "uz-Cyrl-UZ", "ru": "ru-RU", "en": "en"}
"""What a PDF calls each language (BCP 47), so that a screen reader takes the right voice."""


def tell_language(written: bytes) -> bytes:
    """Return a PDF of matplotlib that says in which language it is, and shows its title.

    Parameters
    ----------
    written : bytes
        The file.

    Returns
    -------
    bytes
        The same with an update at its end: a catalogue with the language spoken and with the wish
        that the window's bar show the title, not the file's name.

    References
    ----------
    ISO 32000-1:2008, 7.5.6 (incremental updates), 12.2 (viewer preferences), 14.9.2 (language).
    """
    trailer = written[written.rindex(b"trailer") :]
    before = int(_find(rb"startxref\s+(\d+)", trailer))
    size, info = _find(rb"/Size (\d+)", trailer), _find(rb"/Info (\d+ 0 R)", trailer)
    root = _find(rb"/Root (\d+) 0 R", trailer)
    pages = _find(root + rb" 0 obj\s*<< /Type /Catalog /Pages (\d+ 0 R)", written)
    tag = TAGS[spoken()].encode()
    catalogue = b"%s 0 obj\n<< /Type /Catalog /Pages %s /Lang (%s)" % (root, pages, tag)
    catalogue += b" /ViewerPreferences << /DisplayDocTitle true >> >>\nendobj\n"
    place = len(written)
    table = b"xref\n%s 1\n%010d 00000 n \n" % (root, place)
    end = b"trailer\n<< /Size %s /Root %s 0 R /Info %s /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
    end %= (size, root, info, before, place + len(catalogue))
    return written + catalogue + table + end


def _find(pattern: bytes, text: bytes) -> bytes:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"matplotlib writes PDF otherwise: no {pattern!r}")
    return found.group(1)
