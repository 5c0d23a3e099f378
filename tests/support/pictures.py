"""Photos and scans as phones and scanners make them, with what they write beside the pixels."""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image, ImageDraw, PngImagePlugin

if TYPE_CHECKING:
    from collections.abc import Callable

MAKER, AUTHOR = "ShiLiPhone", "shi-author"
SECRETS = [MAKER.encode(), AUTHOR.encode(), b"Exif", b"ns.adobe.com", b"xpacket", b"ftypmp4"]
_ORIENTATION, _MAKE, _GPS = 0x0112, 0x010F, 0x8825
_SIDEWAYS = 6  # the right edge of what the sensor saw is the bottom


def plain(width: int = 400, height: int = 300, mode: str = "RGB") -> Image.Image:
    """A white picture with a red top left corner."""
    image = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(image).rectangle((0, 0, width // 2, height // 2), fill="red")
    return image.convert(mode)


def photo(width: int = 400, height: int = 300, form: str = "JPEG", **save: object) -> bytes:
    """A photo taken sideways, with position, maker, author and a short film behind it."""
    image = plain(width, height)
    exif = image.getexif()
    exif[_ORIENTATION], exif[_MAKE] = _SIDEWAYS, MAKER
    exif.get_ifd(_GPS).update({1: "N", 2: (30.0, 40.0, 50.0), 3: "E", 4: (104.0, 1.0, 2.0)})
    xmp = f'<x:xmpmeta xmlns:x="http://ns.adobe.com/xap/1.0/">{AUTHOR}</x:xmpmeta>'
    text = PngImagePlugin.PngInfo()
    text.add_itxt("XML:com.adobe.xmp", xmp)
    written = io.BytesIO()
    image.save(written, form, exif=exif, xmp=xmp.encode(), pnginfo=text, **save)
    return written.getvalue() + b"\x00\x00\x00\x18ftypmp42"


def jpeg(image: Image.Image | None = None, form: str = "JPEG", **save: object) -> bytes:
    """A picture as it is, without anything beside it."""
    written = io.BytesIO()
    (image or plain()).save(written, form, **save)
    return written.getvalue()


def scan(change: Callable[[Pdf], object] = lambda _: None, pages: int = 1, **save: object) -> bytes:
    """A PDF whose pages are photos with all they carry; `change` does something to it."""
    pdf = Pdf.new()
    for _ in range(pages):
        page = pdf.add_blank_page(page_size=(200, 200))
        page.Resources = Dictionary(XObject=Dictionary(Im0=pdf.make_indirect(_image(pdf))))
        page.Contents = Stream(pdf, b"q 200 0 0 200 0 0 cm /Im0 Do Q")
    with pdf.open_metadata() as metadata:
        metadata["dc:creator"] = [AUTHOR]
    pdf.docinfo["/Author"] = AUTHOR
    change(pdf)
    written = io.BytesIO()
    pdf.save(written, **save)
    return written.getvalue()


def _image(pdf: Pdf) -> Stream:
    return Stream(
        pdf,
        photo(),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=400,
        Height=300,
        ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
        Metadata=Stream(pdf, AUTHOR.encode()),
    )


def image_of(pdf: Pdf) -> pikepdf.Object:
    """The picture on the first page of a scan."""
    return pdf.pages[0].Resources.XObject.Im0


def pack(pdf: Pdf) -> None:
    """Let the picture be packed once more, as some scanners do."""
    packed = zlib.compress(photo())
    image_of(pdf).write(packed, filter=Array([Name.FlateDecode, Name.DCTDecode]))
