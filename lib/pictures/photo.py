"""A photo decoded, turned upright and written anew: only its pixels go on. In the worker only."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from lib.errors import UnreadableError
from lib.pictures import limits

_FORMATS = ("JPEG", "PNG", "WEBP")
_PHONE = "MPO"  # a JPEG with further pictures of the same moment behind it: the first is the photo
_QUALITY = 85

Image.MAX_IMAGE_PIXELS = None  # the limit is ours, with a sentence


@dataclass(frozen=True)
class Photo:
    """A photo of `width` × `height` pixels and its thumbnail, both JPEG without any metadata."""

    full: bytes
    thumbnail: bytes
    width: int
    height: int


def cleaned(data: bytes) -> Photo:
    """The photo as it is kept; UnreadableError with one sentence when it is not one."""
    try:
        image = Image.open(io.BytesIO(data), formats=_FORMATS)
        _require_within_limits(image)
        image.thumbnail((limits.FULL_SIDE, limits.FULL_SIDE))
        upright = _opaque(ImageOps.exif_transpose(image))
    except UnidentifiedImageError as error:
        sentence = "不是照片或扫描件：只收 JPEG、PNG、WebP 图片和 PDF。"
        raise UnreadableError(sentence) from error
    except (OSError, SyntaxError, ValueError) as error:  # Pillow's words for damaged
        sentence = "图片已损坏或不完整，请重新拍照，或在相册中另存后再传。"
        raise UnreadableError(sentence) from error
    full = _written(upright)
    width, height = upright.size
    upright.thumbnail((limits.THUMBNAIL_SIDE, limits.THUMBNAIL_SIDE))
    return Photo(full, _written(upright), width, height)


def _require_within_limits(image: Image.Image) -> None:
    """Judge by the header, before any pixel is decoded."""
    width, height = image.size
    if width * height > limits.PIXELS:
        raise UnreadableError(
            f"图片有 {width}×{height} 像素，上限 {limits.PIXELS // 10_000} 万像素，"
            "请用普通画质重拍，或缩小后再传。"
        )
    if getattr(image, "n_frames", 1) > 1 and image.format != _PHONE:
        raise UnreadableError("这是动图，请传静止的照片。")


def _opaque(image: Image.Image) -> Image.Image:
    """The picture in plain colours, what was transparent white."""
    if image.mode.startswith("I"):  # 16 bits of grey, which `convert` would cut off, not scale
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    layered = image.convert("RGBA")
    white = Image.new("RGB", image.size, "white")
    white.paste(layered, mask=layered.getchannel("A"))
    return white


def _written(image: Image.Image) -> bytes:
    """A JPEG of the pixels and nothing else."""
    bare = image.copy()
    bare.info = {}
    written = io.BytesIO()
    bare.save(written, "JPEG", quality=_QUALITY, optimize=True)
    return written.getvalue()
