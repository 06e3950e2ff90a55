"""Photographs and scans saved as pictures: every frame a page, read by OCR."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rag.documents.document import Document
from rag.documents.limits import Limits
from rag.documents.pdf import document_of, sheet_of
from rag.errors import DocumentError

_MAX_DOTS = 100_000_000
_HELPFUL_WIDTH = 1600  # of a page; smaller pictures are enlarged, characters of a few dots are misread


def load_image(path: Path, source: str, limits: Limits, more_time: Callable[[int], None]) -> Document:
    """Text and ruled tables of a PNG, JPEG, TIFF, BMP or WebP file."""
    if not limits.ocr:
        raise DocumentError(f"{source}：是图片，文字识别（OCR）已关闭；请设 ODFIN_OCR=true，或转成文字后再导入")
    import numpy
    from PIL import Image, ImageOps

    from rag.documents.ocr import read_picture

    Image.MAX_IMAGE_PIXELS = _MAX_DOTS
    sheets = []
    try:
        with Image.open(path) as image:
            frames = getattr(image, "n_frames", 1)
            if frames > min(limits.pages, limits.ocr_pages):
                most = min(limits.pages, limits.ocr_pages)
                raise DocumentError(f"{source}：图片有 {frames} 页，超过上限 {most} 页，请拆成几个文件再导入")
            if image.width * image.height > _MAX_DOTS:
                raise DocumentError(f"{source}：图片有 {image.width}×{image.height} 点，太大了，请缩小后再导入")
            more_time(frames)
            for number in range(1, frames + 1):
                image.seek(number - 1)
                frame = _on_white(ImageOps.exif_transpose(image))
                if frame.width < _HELPFUL_WIDTH / 2:
                    frame = frame.resize((frame.width * 2, frame.height * 2), Image.Resampling.LANCZOS)
                dots_per_point = max(frame.width, 0.7 * frame.height) / 595
                picture = numpy.asarray(frame)[:, :, ::-1]
                sheets.append(sheet_of(number, read_picture(picture, dots_per_point, limits.threads), by_ocr=True))
    except (Image.UnidentifiedImageError, Image.DecompressionBombError, EOFError, OSError, SyntaxError) as error:
        raise DocumentError(f"{source}：图片打不开（文件不完整、已损坏或太大），请重新导出后再导入") from error
    if not any(sheet.lines or sheet.grids for sheet in sheets):
        raise DocumentError(f"{source}：图片里没有认出文字，请换一张更清楚的，或直接提供文字版")
    return document_of(sheets, source, ["文字由 OCR 从图片识别，可能有误，请核对要紧的数字"])


def _on_white(image):
    """Transparent parts would come out black."""
    from PIL import Image

    if image.mode in ("RGBA", "LA", "P"):
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        white.alpha_composite(image)
        image = white
    return image.convert("RGB")
