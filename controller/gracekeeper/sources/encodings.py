"""From bytes to text: UTF-8 and nothing else, with one sentence for everything else."""

from __future__ import annotations

import codecs
from typing import Final

from gracekeeper.sources.problems import MalformedError

_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
    (b"\0\0\0", "UTF-32"),
)
_SAMPLE: Final = 64  # bytes that tell UTF-16 without a byte order mark


def decode(data: bytes) -> str:
    r"""Give the text without its byte order mark and with bare newlines, so that lines count as in an editor.

    MalformedError: the bytes are UTF-16 or UTF-32, binary, or not UTF-8. Its offset counts the characters before.
    """
    _refuse_wide(data)
    zero = data.find(b"\0")
    if zero >= 0:
        raise MalformedError(
            _characters(data, zero), "found a zero byte: this is binary; Kubernetes manifests are UTF-8 text"
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"found the byte 0x{data[error.start]:02X}, which is not UTF-8; Kubernetes manifests are UTF-8"
        raise MalformedError(_characters(data, error.start), message) from None
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def decode_leniently(data: bytes) -> str:
    """Give some text for any bytes, to count lines in: what `decode` refuses becomes replacement characters."""
    return data.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n")


def _refuse_wide(data: bytes) -> None:
    name = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if name is None and len(data) > 1 and 0 in data[:2] and data[:_SAMPLE].count(0) * 3 >= len(data[:_SAMPLE]):
        name = "UTF-16"
    if name is not None:
        raise MalformedError(0, f"is {name}; Kubernetes manifests are UTF-8: save the file as UTF-8")


def _characters(data: bytes, end: int) -> int:
    return len(decode_leniently(data[:end]))
