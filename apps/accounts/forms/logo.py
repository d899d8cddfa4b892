"""An uploaded logo: decoded, looked at, and written anew, so that nothing of the file itself is kept."""

from io import BytesIO
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from PIL import Image

MOST_BYTES = 512 * 1024
MOST_PIXELS = 2000  # of a side
KEPT_PIXELS = 512
_REFUSED = (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning)


def logo_of(upload: UploadedFile[Any]) -> bytes:
    """The picture as a PNG of at most 512 pixels a side; raises ValidationError for everything that is none.

    The size that the file claims is read before a pixel is decoded. SVG is refused: it is a program.
    """
    if (upload.size or 0) > MOST_BYTES:
        raise ValidationError("The file is larger than 512 KB.", code="large")
    try:
        picture = Image.open(upload, formats=("PNG", "JPEG"))
        if max(picture.size) > MOST_PIXELS:
            raise ValidationError("The picture is wider or higher than 2000 pixels.", code="wide")
        shown = picture.convert("RGBA")
    except _REFUSED as error:
        raise ValidationError("This is no PNG or JPEG picture that can be read.", code="unreadable") from error
    shown.thumbnail((KEPT_PIXELS, KEPT_PIXELS))
    out = BytesIO()
    shown.save(out, "PNG", optimize=True)
    return out.getvalue()
