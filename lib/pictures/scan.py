"""A PDF taken apart, its pages put into a new one: what is not on a page does not go on.

In the worker only. Stamps and signatures drawn on a page are made a part of it.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from lib.errors import UnreadableError
from lib.pictures import limits
from lib.pictures.segments import bare_jp2, bare_jpeg, damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGINS = b"%PDF-"
_OF_PAGE = {
    "/Type",
    "/MediaBox",
    "/CropBox",
    "/Rotate",
    "/UserUnit",
    "/Contents",
    "/Resources",
    "/Group",
}
# Scripts, files within the file, players, forms made of code; and actions that reach out.
_ACTING_KEYS = {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/RichMediaContent", "/XFA"}
_ACTIONS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/Rendition"}
_METADATA = ("/Metadata", "/PieceInfo", "/LastModified", "/Measure", "/PtData", "/OPI")
_BARE = {"/DCTDecode": bare_jpeg, "/JPXDecode": bare_jp2}


def cleaned(data: bytes) -> bytes:
    """The pages in a PDF without author, program, date and links.

    UnreadableError with one sentence when it is encrypted, damaged, acts, or has too many pages.
    """
    try:
        with _opened(data) as pdf, Pdf.new() as bare:
            _require_still(pdf)
            _move_pages(pdf, bare)
            for each in list(bare.objects):
                _strip(each)
            written = io.BytesIO()
            bare.save(written, deterministic_id=True)
    except (pikepdf.PdfError, ValueError, TypeError) as error:
        raise damaged() from error
    return written.getvalue()


def _opened(data: bytes) -> Pdf:
    """The PDF; one that would have to be repaired may have lost pages, and is refused."""
    try:
        pdf = pikepdf.open(io.BytesIO(data), attempt_recovery=False)
    except pikepdf.PasswordError as error:
        raise _encrypted() from error
    if pdf.is_encrypted:
        raise _encrypted()
    pages = len(pdf.pages)
    if not pages:
        raise damaged()
    if pages > limits.PDF_PAGES:
        raise UnreadableError(f"PDF 有 {pages} 页，上限 {limits.PDF_PAGES} 页，请分成几个文件。")
    return pdf


def _encrypted() -> UnreadableError:
    return UnreadableError("PDF 已加密，请取消密码后再传。")


def _require_still(pdf: Pdf) -> None:
    """Raise UnreadableError when anything in the file acts, whether a page leads to it or not."""
    if any(_acts(found) for each in pdf.objects for found in _within(each)):
        raise UnreadableError("PDF 里有脚本、附件或自动动作，请打印成普通 PDF 或拍照后再传。")


def _acts(found: Object) -> bool:
    if not isinstance(found, Dictionary | Stream):
        return False
    return not _ACTING_KEYS.isdisjoint(found.keys()) or str(found.get("/S", "")) in _ACTIONS


def _within(found: Object) -> Iterator[Object]:
    """An object and those written inside it; the numbered ones it points to come by themselves."""
    waiting = [found]
    while waiting:
        each = waiting.pop()
        yield each
        inside: list[Object] = []
        if isinstance(each, Dictionary | Stream):
            inside = list(each.values())
        elif isinstance(each, Array):
            inside = list(each)
        # Numbers and texts come as Python's own, and hold nothing.
        waiting += [one for one in inside if not getattr(one, "is_indirect", True)]


def _move_pages(pdf: Pdf, bare: Pdf) -> None:
    pdf.flatten_annotations("all")
    for page in pdf.pages:
        for key in set(page.obj.keys()) - _OF_PAGE:
            del page.obj[key]
    bare.pages.extend(pdf.pages)


def _strip(found: Object) -> None:
    """Take metadata off an object, and out of the picture that it may be."""
    if isinstance(found, Dictionary | Stream):
        for key in _METADATA:
            if key in found:
                del found[key]
    if isinstance(found, Stream):
        _strip_picture(found)


def _strip_picture(stream: Stream) -> None:
    """Cut the metadata out of a picture whose last coding is a file format of its own."""
    filters, parms = _listed(stream.get("/Filter")), _listed(stream.get("/DecodeParms"))
    bare = _BARE.get(str(filters[-1])) if filters else None
    if bare is None:
        return
    before, last = len(filters) - 1, parms[-1] if len(parms) == len(filters) else None
    stream.Filter, stream.DecodeParms = Array(filters[:before]), Array(parms[:before])
    stream.write(
        bare(stream.read_bytes()),
        filter=Name(str(filters[before])),
        decode_parms=last if isinstance(last, Dictionary) else None,
    )


def _listed(value: Object | None) -> list[Object]:
    """What a key holds that may hold one or several."""
    if value is None:
        return []
    return list(value.as_list()) if isinstance(value, Array) else [value]
