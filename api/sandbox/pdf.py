"""A page of plain lines as PDF 1.4 (ISO 32000-1, 7.5 file structure and 9.4 text objects); knows nothing of invoices."""

from collections.abc import Sequence

FONT_POINTS, LEADING_POINTS = 11, 16
LEFT_POINTS, TOP_POINTS = 64, 770
LINES_MAX = 44


def written(lines: Sequence[str]) -> bytes:
    """One A4 page. What WinAnsi cannot write becomes '?'."""
    shown = b"".join(b"(%b) Tj T*\n" % _escaped(line) for line in lines[:LINES_MAX])
    start = f"BT /F1 {FONT_POINTS} Tf {LEADING_POINTS} TL {LEFT_POINTS} {TOP_POINTS} Td\n".encode()
    text = start + shown + b"ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    return _file(objects)


def _file(objects: Sequence[bytes]) -> bytes:
    """Header, objects, the table of where each begins, trailer."""
    file = bytearray(b"%PDF-1.4\n")
    starts = []
    for number, body in enumerate(objects, start=1):
        starts.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    file += b"".join(b"%010d 00000 n \n" % start for start in starts)
    file += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(file)


def _escaped(line: str) -> bytes:
    plain = line.encode("cp1252", "replace")
    for special in (b"\\", b"(", b")"):
        plain = plain.replace(special, b"\\" + special)
    return plain
