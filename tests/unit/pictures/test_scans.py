"""Scans as PDF: their pages go on, and nothing else that was in the file; or they are refused."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Encryption, Name, Pdf, PdfImage, Stream, String

from lib.errors import UnreadableError
from lib.pictures import limits
from lib.pictures.cleaning import Picture, clean
from lib.pictures.segments import bare_jp2, bare_jpeg
from tests.support.pictures import SECRETS, image_of, jpeg, pack, photo, scan

if TYPE_CHECKING:
    from collections.abc import Callable

DAMAGED = "PDF 已损坏或不完整，请重新扫描或导出后再传。"
ENCRYPTED = "PDF 已加密，请取消密码后再传。"
ACTS = "PDF 里有脚本、附件或自动动作，请打印成普通 PDF 或拍照后再传。"
SCRIPT = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def refusal(data: bytes) -> str:
    with pytest.raises(UnreadableError) as refused:
        clean(data)
    return refused.value.sentence


def opened(found: Picture) -> Pdf:
    return pikepdf.open(io.BytesIO(found.data))


def unpacked(found: Picture) -> bytes:
    """The kept file with every stream that is not a picture laid open."""
    written = io.BytesIO()
    opened(found).save(
        written,
        compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
    )
    return written.getvalue()


@pytest.mark.parametrize("change", [lambda _: None, pack], ids=["plain", "packed once more"])
def test_a_scan_keeps_its_pages_and_loses_all_that_tells_of_its_maker(
    change: Callable[[Pdf], object],
):
    found = clean(scan(change, pages=2))

    assert (found.media_type, found.thumbnail, found.width) == ("application/pdf", b"", None)
    assert [secret for secret in SECRETS if secret in unpacked(found)] == []
    pdf = opened(found)
    assert (len(pdf.pages), list(pdf.pages[0].MediaBox)) == (2, [0, 0, 200, 200])
    assert set(pdf.trailer.keys()) & {"/Info"} == set()
    assert pdf.pages[0].Contents.read_bytes() == b"q 200 0 0 200 0 0 cm /Im0 Do Q"
    sent = pikepdf.open(io.BytesIO(scan()))
    pixels = [PdfImage(image_of(each)).as_pil_image().tobytes() for each in (sent, pdf)]
    assert pixels[0] == pixels[1]


def test_the_same_scan_gives_the_same_bytes():
    assert clean(scan()).sha256 == clean(scan()).sha256


def stamp(pdf: Pdf) -> None:
    """A seal that is laid over the page."""
    drawn = Stream(pdf, b"0 0 50 50 re f", Type=Name.XObject, Subtype=Name.Form)
    drawn.BBox = Array([0, 0, 50, 50])
    box = Array([10, 10, 60, 60])
    pdf.pages[0].Annots = Array(
        [
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Stamp,
                Rect=box,
                F=4,
                AP=Dictionary(N=pdf.make_indirect(drawn)),
            ),
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Link,
                Rect=box,
                A=Dictionary(S=Name.URI, URI=String("http://shi.example/")),
            ),
        ]
    )


def test_a_seal_stays_on_its_page_and_a_link_does_not():
    kept = unpacked(clean(scan(stamp)))
    assert b"0 0 50 50 re f" in kept
    assert [word for word in (b"shi.example", b"/Annot", b"/URI") if word in kept] == []


def test_a_page_inherits_its_size():
    def inherit(pdf: Pdf) -> None:
        box = pdf.pages[0].MediaBox
        del pdf.pages[0].MediaBox
        pdf.Root.Pages.MediaBox = box

    pdf = opened(clean(scan(inherit)))
    assert list(pdf.pages[0].MediaBox) == [0, 0, 200, 200]


def test_a_scan_that_opens_at_a_page_is_as_good_as_any():
    def open_at(pdf: Pdf) -> None:
        pdf.Root.OpenAction = Array([pdf.pages[0].obj, Name.Fit])

    assert b"/OpenAction" not in unpacked(clean(scan(open_at)))


def attached(pdf: Pdf) -> None:
    pdf.attachments["a.exe"] = b"MZ"


def buried(pdf: Pdf) -> None:
    """A script that no page leads to, within lists within lists."""
    pdf.Root.PieceInfo = pdf.make_indirect(Array([Array([Dictionary(Next=Array([SCRIPT]))])]))


@pytest.mark.parametrize(
    "change",
    [
        lambda pdf: setattr(pdf.Root, "OpenAction", SCRIPT),
        lambda pdf: setattr(pdf.Root, "AA", Dictionary(WC=SCRIPT)),
        lambda pdf: setattr(pdf.pages[0], "AA", Dictionary(O=SCRIPT)),
        lambda pdf: setattr(pdf.Root, "Names", Dictionary(JavaScript=Dictionary())),
        lambda pdf: setattr(
            pdf.Root, "OpenAction", Dictionary(S=Name.Launch, F=String("calc.exe"))
        ),
        lambda pdf: setattr(pdf.Root, "AcroForm", Dictionary(XFA=String("x"))),
        attached,
        buried,
    ],
    ids=["opening", "closing", "page", "named", "launch", "xfa", "attached", "buried"],
)
def test_a_scan_that_acts_is_refused(change: Callable[[Pdf], object]):
    assert refusal(scan(change)) == ACTS


def test_a_script_written_in_numbers_is_seen():
    places = Dictionary({"/S": Name("/Placeholders"), "/Plac": String("app.alert(1)")})
    sent = scan(lambda pdf: setattr(pdf.Root, "OpenAction", places))
    script = sent.replace(b"/Placeholders", b"/J#61vaScript").replace(b"/Plac", b"/J#53")
    assert (script != sent, len(script), refusal(script)) == (True, len(sent), ACTS)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (scan(encryption=Encryption(owner="a", user="b")), ENCRYPTED),
        (scan(encryption=Encryption(owner="a", user="")), ENCRYPTED),
        (scan()[: len(scan()) // 2], DAMAGED),
        (b"%PDF-1.7\n", DAMAGED),
        (b"%PDF-1.7\n" + bytes(1000), DAMAGED),
        (scan(pages=0), DAMAGED),
        (
            scan(pages=limits.PDF_PAGES + 1),
            f"PDF 有 {limits.PDF_PAGES + 1} 页，上限 {limits.PDF_PAGES} 页，请分成几个文件。",
        ),
        (scan(lambda pdf: image_of(pdf).write(photo()[:300], filter=Name.DCTDecode)), DAMAGED),
    ],
    ids=[
        "password",
        "restrictions",
        "cut off",
        "only a beginning",
        "zeros",
        "no pages",
        "too many pages",
        "picture cut off",
    ],
)
def test_what_is_no_whole_open_scan_is_refused_in_one_sentence(data: bytes, sentence: str):
    assert refusal(data) == sentence


@pytest.mark.parametrize("form", [{}, {"progressive": True}, {"restart_marker_blocks": 1}])
def test_only_what_stands_beside_the_pixels_is_cut_out(form: dict[str, object]):
    clean_one = jpeg(**form)
    segment = b"\xff\xe1\x00\x08Exif\x00\x00"
    comment = b"\xff\xfe\x00\x04ab"
    behind = b"\x00\x00\x00\x18ftypmp42"
    sent = clean_one[:2] + segment + comment + clean_one[2:] + behind
    assert bare_jpeg(sent) == clean_one


def box(name: bytes, data: bytes, *, wide: bool = False) -> bytes:
    """A box of a JPEG 2000 file."""
    if wide:
        return (1).to_bytes(4) + name + (len(data) + 16).to_bytes(8) + data
    return (len(data) + 8).to_bytes(4) + name + data


BEGINS = box(b"jP  ", b"\r\n\x87\n")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (BEGINS + box(b"xml ", b"a") + box(b"jp2c", b"b"), BEGINS + box(b"jp2c", b"b")),
        (BEGINS + box(b"uuid", b"a", wide=True) + box(b"jp2c", b"b"), BEGINS + box(b"jp2c", b"b")),
        (BEGINS + (0).to_bytes(4) + b"jp2crest", BEGINS + (0).to_bytes(4) + b"jp2crest"),
        (b"\xff\x4f\xff\x51rest", b"\xff\x4f\xff\x51rest"),
    ],
    ids=["xml", "uuid", "open end", "codestream"],
)
def test_a_jpeg_2000_keeps_all_boxes_but_metadata(sent: bytes, kept: bytes):
    assert bare_jp2(sent) == kept


def test_a_box_that_ends_before_it_begins_is_damaged():
    with pytest.raises(UnreadableError):
        bare_jp2(BEGINS + (3).to_bytes(4) + b"xml ")
