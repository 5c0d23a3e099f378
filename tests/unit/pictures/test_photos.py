"""Photos as phones send them: upright and bare of all that is not the picture, or refused."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING

import pytest
from PIL import Image, PngImagePlugin

from lib.errors import UnreadableError
from lib.pictures import limits
from lib.pictures.cleaning import Picture, clean
from tests.support.pictures import AUTHOR, MAKER, SECRETS, jpeg, photo, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

DAMAGED = "图片已损坏或不完整，请重新拍照，或在相册中另存后再传。"
NO_PICTURE = "不是照片或扫描件：只收 JPEG、PNG、WebP 图片和 PDF。"
TOO_MUCH = "文件内容超出可读取的范围，请重新拍照或扫描后再传。"
MOVING = "这是动图，请传静止的照片。"
RED, WHITE, GREY = (256, 0, 0), (256,) * 3, (128,) * 3

SECOND = {"save_all": True, "append_images": [Image.new("RGB", (400, 300))]}


def segments(data: bytes) -> Iterator[int]:
    """The markers of a JPEG's segments, up to its pixels."""
    position = 2
    while data[position + 1] != 0xDA:
        yield data[position + 1]
        position += 2 + int.from_bytes(data[position + 2 : position + 4])


def corners(data: bytes) -> list[tuple[int, ...]]:
    """The colours near the corners, clockwise from the top left, as nearly as a JPEG keeps them."""
    image = Image.open(io.BytesIO(data))
    right, bottom = image.width - 10, image.height - 10
    places = ((9, 9), (right, 9), (right, bottom), (9, bottom))
    return [tuple(round(part / 32) * 32 for part in image.getpixel(place)) for place in places]


def refusal(data: bytes) -> str:
    with pytest.raises(UnreadableError) as refused:
        clean(data)
    return refused.value.sentence


@pytest.mark.parametrize(
    ("form", "size", "kept", "thumbnail"),
    [
        ("JPEG", (400, 300), (300, 400), (240, 320)),
        ("JPEG", (4032, 3024), (1920, 2560), (240, 320)),
        ("PNG", (400, 300), (300, 400), (240, 320)),
        ("WEBP", (400, 300), (300, 400), (240, 320)),
        ("JPEG", (40, 30), (30, 40), (30, 40)),
    ],
)
def test_a_photo_comes_out_upright_and_bare(
    form: str, size: tuple[int, int], kept: tuple[int, int], thumbnail: tuple[int, int]
):
    sent = photo(*size, form)
    assert [MAKER.encode() in sent, AUTHOR.encode() in sent] == [True, True]

    found = clean(sent)

    assert (found.media_type, found.width, found.height) == ("image/jpeg", *kept)
    assert Image.open(io.BytesIO(found.thumbnail)).size == thumbnail
    for data in (found.data, found.thumbnail):
        assert corners(data) == [WHITE, RED, WHITE, WHITE]
        assert [secret for secret in SECRETS if secret in data] == []
        # What describes the file, its tables and the frame; no Exif, profile or comment.
        assert set(segments(data)) == {0xE0, 0xDB, 0xC0, 0xC4}
        assert data.endswith(b"\xff\xd9")


def test_the_same_photo_gives_the_same_bytes():
    once, again = clean(photo()), clean(photo())
    assert (once, once.sha256) == (again, again.sha256)
    assert once.sha256 != once.received_sha256


def with_text() -> PngImagePlugin.PngInfo:
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", AUTHOR)
    return text


@pytest.mark.parametrize(
    ("sent", "colours"),
    [
        (jpeg(form="PNG", pnginfo=with_text()), [RED, WHITE, WHITE, WHITE]),
        (jpeg(Image.new("RGBA", (40, 30), (255, 0, 0, 0)), "PNG"), [WHITE] * 4),
        (jpeg(plain(mode="P"), "PNG"), [RED, WHITE, WHITE, WHITE]),
        (jpeg(Image.new("P", (40, 30), 0), "PNG", transparency=0), [WHITE] * 4),
        (jpeg(Image.new("I;16", (40, 30), 32896), "PNG"), [GREY] * 4),
        (jpeg(Image.new("1", (40, 30), 1), "PNG"), [WHITE] * 4),
        (jpeg(plain(mode="CMYK")), [RED, WHITE, WHITE, WHITE]),
        (jpeg(comment=AUTHOR.encode()), [RED, WHITE, WHITE, WHITE]),
        (jpeg(progressive=True), [RED, WHITE, WHITE, WHITE]),
        # What a phone adds behind the photo (another lens, a moment later) does not go on.
        (
            jpeg(form="MPO", **SECOND),
            [RED, WHITE, WHITE, WHITE],
        ),
    ],
    ids=[
        "text beside it",
        "transparent",
        "few colours",
        "few colours, transparent",
        "sixteen bits of grey",
        "black and white",
        "printer's colours",
        "comment",
        "progressive",
        "several of a moment",
    ],
)
def test_every_kind_of_picture_is_kept_as_it_looks(sent: bytes, colours: list[tuple[int, ...]]):
    found = clean(sent)
    assert corners(found.data) == colours
    assert AUTHOR.encode() not in found.data


def png_header(width: int, height: int) -> bytes:
    """The beginning of a PNG that says it is so large, and holds nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def moving(form: str) -> bytes:
    return jpeg(form=form, **SECOND)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "文件是空的，请重新拍照或扫描后再传。"),
        (b"<html><script>alert(1)</script></html>", NO_PICTURE),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', NO_PICTURE),
        (b"PK\x03\x04" + bytes(40), NO_PICTURE),
        (jpeg(form="GIF"), NO_PICTURE),
        (jpeg(form="TIFF"), NO_PICTURE),
        (b"\xff\xd8\xff\xe0", NO_PICTURE),
        (jpeg()[:300], DAMAGED),
        (jpeg()[: len(jpeg()) // 2], DAMAGED),
        (jpeg()[:-2], DAMAGED),
        (jpeg(form="PNG")[:-30], DAMAGED),
        (jpeg(form="WEBP")[:-30], DAMAGED),
        (moving("PNG"), MOVING),
        (moving("WEBP"), MOVING),
        (
            png_header(30_000, 30_000),
            "图片有 30000×30000 像素，上限 12000 万像素，请用普通画质重拍，或缩小后再传。",
        ),
        (
            b"\x00\x00\x00\x18ftypheic" + bytes(40),
            "HEIC 格式的照片读不出来，请在手机相机设置中选“兼容性最佳”，或另存为 JPEG 后再传。",
        ),
        (bytes(limits.UPLOAD_BYTES + 1), "文件超过 20 MB，请用普通画质重拍，或缩小后再传。"),
    ],
    ids=[
        "empty",
        "html",
        "svg",
        "zip",
        "gif",
        "tiff",
        "only a beginning",
        "cut off in the tables",
        "cut off in the middle",
        "cut off at the end",
        "png cut off",
        "webp cut off",
        "moving png",
        "moving webp",
        "900 megapixels",
        "heic",
        "over the limit",
    ],
)
def test_what_is_no_whole_still_picture_is_refused_in_one_sentence(data: bytes, sentence: str):
    assert refusal(data) == sentence


def test_a_page_hidden_in_a_photo_does_not_go_on():
    sent = jpeg(comment=b"<script>alert(1)</script>") + b"<script>alert(2)</script>"
    assert b"<script>" not in clean(sent).data


def bomb() -> bytes:
    """A picture within the limits that unpacks to a thousand times its size."""
    return jpeg(Image.new("RGB", (10_000, 10_000)), "PNG")


@pytest.mark.parametrize(
    ("limit", "least"), [("WORKER_MEMORY_BYTES", 1 << 29), ("WORKER_SECONDS", 0)]
)
def test_a_worker_that_dies_is_answered_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, limit: str, least: int
):
    data = bomb()
    monkeypatch.setattr(limits, limit, least)
    assert refusal(data) == TOO_MUCH


def test_the_largest_picture_allowed_is_read():
    data = jpeg(Image.new("RGBA", (12_000, 10_000), (0, 0, 0, 0)), "PNG")
    found = clean(data)
    assert (found.width, found.height) == (2560, 2133)
    assert isinstance(found, Picture)
