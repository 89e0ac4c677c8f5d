"""A stored instance in another transfer syntax, without losing anything (PS3.5 8.2, A.4).

What was lossy is only ever decompressed; what was not is decompressed or encoded without loss, each frame decoded again
and compared. The instance keeps its SOP Instance UID. One frame at a time is in memory; what is made lies in a spool.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

from dokuei.dicom import rewrite, syntax
from dokuei.dicom.codec import sandbox
from dokuei.dicom.codec.errors import Undecodable
from dokuei.dicom.codec.form import PHOTOMETRIC as KNOWN
from dokuei.dicom.codec.form import Form, form_of
from dokuei.dicom.pixels import cut_bits, little_endian
from dokuei.dicom.read import DataSet, read_data_set
from dokuei.dicom.rewrite import Changes, Part, Span, Writer
from dokuei.dicom.walk import (
    FLOAT_PIXELS,
    LONG_VRS,
    PIXEL_DATA,
    PIXEL_SIGN,
    PIXELS,
    UNDEFINED,
    Element,
    Malformed,
    Note,
    Walk,
)
from dokuei.dicom.write import WORDS, file_meta, head
from dokuei.imaging.errors import NotWritable
from dokuei.imaging.frames import CHUNK, Located, Piece, Ranges, Stored, chunks, cut, frame_from, read_piece
from dokuei.imaging.headers import LARGEST_HEADER, inflated
from dokuei.imaging.packs.rules import LOSSLESS, PHOTOMETRIC
from dokuei.imaging.spool import Spool

PHOTOMETRIC_TAG, PLANAR, LOSSY = 0x00280004, 0x00280006, 0x00282110
LONGEST_VALUE = 0xFFFFFFFE
FRAME_SECONDS = 30.0
HTJ2K = {syntax.HTJ2K_RPCL, syntax.HTJ2K_LOSSLESS}


class Source(Located, Protocol):
    """An instance as far as it must be known to be written anew."""

    @property
    def sop_class_uid(self) -> str: ...

    @property
    def sop_instance_uid(self) -> str: ...

    @property
    def frames(self) -> int: ...

    @property
    def pixel_length(self) -> int: ...


class Pack(Protocol):
    """Where the packed frames of an instance lie."""

    @property
    def key(self) -> str: ...

    @property
    def frames(self) -> list[list[int]]: ...


def writable(instance: Source) -> tuple[str, ...]:
    """The syntaxes an instance may be written in beside its own; its pixels may still forbid one of them."""
    uid = instance.transfer_syntax
    if uid in syntax.VIDEO or not syntax.is_known(uid):
        return ()
    is_coded = instance.frames > 0 and uid in LOSSLESS
    return (*syntax.WRITABLE_NATIVE, *(sorted(syntax.WRITABLE_CODED) if is_coded else ()))


def as_file(
    instance: Source, target: str, ranges: Ranges, spool: Spool, pack: Pack | None = None
) -> list[Piece]:
    """The instance as a DICOM file in the target syntax. Blocking; see `as_data_set`."""
    meta = file_meta(instance.sop_class_uid, instance.sop_instance_uid, target)
    return [meta, *as_data_set(instance, target, ranges, spool, pack)]


def as_data_set(
    instance: Source, target: str, ranges: Ranges, spool: Spool, pack: Pack | None = None
) -> list[Piece]:
    """The bare data set in the target syntax; `NotWritable`, or whatever its pixels are refused for."""
    origin = _origin(instance, spool)
    if target == instance.transfer_syntax:
        return [_stored(instance)]
    if target not in writable(instance):
        raise NotWritable()
    if target == syntax.DEFLATED_LE:
        plain = as_data_set(instance, syntax.EXPLICIT_LE, ranges, spool, pack)
        return [_deflated(plain, spool)]
    return _Rewriting(instance, target, ranges, spool, pack, origin).pieces()


def _stored(instance: Source) -> Stored:
    length = instance.store_length - instance.data_set_offset
    return Stored(instance.store_key, instance.store_offset + instance.data_set_offset, length)


def _origin(instance: Source, spool: Spool) -> Piece:
    """The data set as it lies, inflated if it came deflated."""
    if instance.transfer_syntax != syntax.DEFLATED_LE:
        return _stored(instance)
    return spool.add(inflated(instance))


def _deflated(plain: Sequence[Piece], spool: Spool) -> Piece:
    """PS3.5 A.5: one raw deflate stream, of even length."""
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    begun = spool.add(b"")
    length = 0
    for data in (*(engine.compress(chunk) for chunk in chunks(plain)), engine.flush()):
        length += spool.add(data).length
    length += spool.add(b"\0" * (length % 2)).length
    return replace(begun, length=length)


@dataclass(frozen=True)
class _Pixels:
    """The pixel element of the source."""

    tag: int
    vr: str
    offset: int
    length: int


@dataclass
class _Rewriting:
    """One instance on its way to another syntax."""

    instance: Source
    target: str
    ranges: Ranges
    spool: Spool
    pack: Pack | None
    origin: Piece
    changes: dict[int, tuple[str, bytes]] = field(default_factory=dict)

    def pieces(self) -> list[Piece]:
        found = self._pixels()
        if found is None:
            if self.target in syntax.WRITABLE_CODED:
                raise NotWritable()
            return self._placed(rewrite.write([self._writer(self.header, 0)]))
        body = self._body(found)
        sources = [self._writer(self.header, 0), *self._rest(found)]
        parts = list(rewrite.joined(rewrite.write(sources, (found.tag, [_MARK]))))
        at = parts.index(_MARK)
        return [*self._placed(parts[:at]), *body, *self._placed(parts[at + 1 :])]

    @property
    def is_implicit(self) -> bool:
        return self.target == syntax.IMPLICIT_LE

    @cached_property
    def header(self) -> DataSet:
        """Everything before the pixels."""
        if self.instance.header_bytes > LARGEST_HEADER:
            raise NotWritable()
        data = self._read(0, self.instance.header_bytes)
        uid = self.instance.transfer_syntax
        return read_data_set(data, syntax.EXPLICIT_LE if uid == syntax.DEFLATED_LE else uid)

    @cached_property
    def form(self) -> Form:
        return self._form(self.header)

    def _form(self, ds: DataSet) -> Form:
        uid = self.instance.transfer_syntax
        return replace(form_of(ds), transfer_syntax=uid)

    def _read(self, offset: int, length: int) -> bytes:
        return read_piece(cut(self.origin, offset, length))

    @property
    def _size(self) -> int:
        return len(self.origin) if isinstance(self.origin, bytes) else self.origin.length

    def _writer(self, ds: DataSet, base: int) -> Writer:
        changes = self.changes if base == 0 else {}
        is_signed = self.header.number(PIXEL_SIGN) == 1
        return Writer(ds, self.is_implicit, self._icon, base, changes, is_signed)

    def _placed(self, parts: Iterable[Part]) -> list[Piece]:
        return [one if isinstance(one, bytes) else cut(self.origin, one.offset, one.length) for one in parts]

    def _pixels(self) -> _Pixels | None:
        """The pixel element, which begins where the header ends; None if nothing is there."""
        at = self.instance.header_bytes
        if at >= self._size:
            return None
        raw = self._read(at, min(12, self._size - at))
        order = "little" if self.header.encoding.is_little_endian else "big"
        tag = int.from_bytes(raw[:2], order) << 16 | int.from_bytes(raw[2:4], order)  # type: ignore[arg-type]
        vr = "OW" if self.header.encoding.is_implicit else raw[4:6].decode("latin-1")
        wide = not self.header.encoding.is_implicit and vr in LONG_VRS
        size = 12 if wide else 8
        length = int.from_bytes(raw[8:12] if wide else raw[4:8], order)  # type: ignore[arg-type]
        if tag not in PIXELS or not (wide or self.header.encoding.is_implicit):
            raise Malformed()
        if self.instance.frames and self.instance.pixel_offset != at + size:
            raise Malformed()
        return _Pixels(tag, vr, at + size, length)

    def _rest(self, found: _Pixels) -> list[Writer]:
        """What stands behind the pixels."""
        start = found.offset + found.length
        if found.length == UNDEFINED:
            start = found.offset + self.instance.pixel_length + 8
        if start >= self._size:
            return []
        if self._size - start > LARGEST_HEADER:
            raise NotWritable()
        data = self._read(start, self._size - start)
        ds = self.header
        notes: set[Note] = set()
        elements = Walk(data, ds.encoding, is_native=True, notes=notes).top(0)
        return [self._writer(DataSet(data, ds.transfer_syntax, ds.encoding, elements), start)]

    def _body(self, found: _Pixels) -> list[Piece]:
        """The pixel element in the target syntax; says in `changes` what becomes untrue beside it."""
        uid = self.instance.transfer_syntax
        if self.target in syntax.WRITABLE_CODED:
            return self._coded(found)
        if found.length == UNDEFINED or uid == syntax.GE_PRIVATE_BE_PIXELS:
            return self._decoded()
        padding = b"\0" * (found.length % 2)
        vr = found.vr if found.vr != "UN" else "OW"
        if self.header.encoding.is_implicit and found.tag != PIXEL_DATA:
            vr = "OF" if found.tag == FLOAT_PIXELS else "OD"
        start = head(found.tag, vr, found.length + len(padding), is_implicit=self.is_implicit)
        return [start, *self._turned(found), padding]

    def _turned(self, found: _Pixels) -> Iterator[Piece]:
        """Native pixels, their words turned round if they are big endian."""
        if self.header.encoding.is_little_endian:
            yield cut(self.origin, found.offset, found.length)
            return
        word = WORDS.get(found.vr, 1)
        word = self.instance.word_bytes if self.instance.frames else word
        for at in range(0, found.length, CHUNK):
            data = self._read(found.offset + at, min(CHUNK, found.length - at))
            yield self.spool.add(little_endian(data, word))

    def _frames(self) -> Iterator[bytes]:
        if not self.instance.frames:
            raise Undecodable()
        for number in range(1, self.instance.frames + 1):
            yield frame_from(self._read, self.instance, self.ranges, number)

    def _decoded(self) -> list[Piece]:
        """Every frame decompressed."""
        form, made = self.form, list[Piece]()
        told = {"form": form.as_dict()}
        bits, held, length = form.rows * form.columns, _Bits(), 0
        for frame in self._frames():
            photometric, data = _worked("to_plain", told, frame)
            if len(data) != (form.size_bytes if form.bits_allocated > 1 else -(-bits // 8)):
                raise Undecodable()
            data = held.add(data, bits) if form.bits_allocated == 1 else data
            made.append(self.spool.add(data))
            length += len(data)
            self.changes.update(_changes(form, photometric))
        last = held.rest()
        last += b"\0" * ((length + len(last)) % 2)
        length += len(last)
        if length > LONGEST_VALUE:
            raise NotWritable()
        self._mark_lossy()
        vr = "OW" if form.bits_allocated > 8 else "OB"
        return [head(PIXEL_DATA, vr, length, is_implicit=self.is_implicit), *made, last]

    def _mark_lossy(self) -> None:
        """Nothing but the stream told that it was lossy: from now on the data set must (PS3.3 C.7.6.1.1.5)."""
        if self.instance.transfer_syntax in syntax.LOSSY_PROCESSES and self.header.text(LOSSY) != "01":
            self.changes[LOSSY] = ("CS", b"01")

    def _coded(self, found: _Pixels) -> list[Piece]:
        """Every frame in a lossless syntax: from the pack where that is it, else encoded now."""
        self._why_not_coded(found)
        made = self._packed() or self._encoded()
        lengths = [one.length for one in made if not isinstance(one, bytes)]
        out: list[Piece] = [rewrite.fragments_head(lengths)]
        for one, length in zip(made, lengths, strict=True):
            out += [rewrite.fragment_head(length), one, b"\0" * (length % 2)]
        return [*out, rewrite.FRAGMENTS_END]

    def _why_not_coded(self, found: _Pixels) -> None:
        form = self.form
        widths = {8, 16, 32} if self.target == syntax.RLE else {8, 16}
        if found.tag != PIXEL_DATA or form.dtype.kind == "f" or form.bits_allocated not in widths:
            raise NotWritable()
        if form.photometric not in PHOTOMETRIC or self.instance.transfer_syntax not in LOSSLESS:
            raise NotWritable()

    def _packed(self) -> list[Piece]:
        if self.pack is None or self.target not in HTJ2K:
            return []
        is_mixed = self.form.photometric in {"RGB", "YBR_RCT"}
        self.changes.update(_changes(self.form, "YBR_RCT" if is_mixed else self.form.photometric))
        return [Stored(self.pack.key, offset, ends[-1]) for offset, *ends in self.pack.frames]

    def _encoded(self) -> list[Piece]:
        told = {"form": self.form.as_dict(), "target": self.target}
        made: list[Piece] = []
        for frame in self._frames():
            photometric, data = _worked("to_coded", told, frame)
            made.append(self.spool.add(data))
            self.changes.update(_changes(self.form, photometric))
        return made

    def _icon(self, item: Mapping[int, Element], element: Element) -> tuple[Changes, str, bytes]:
        """Compressed pixels inside an item, decompressed: they may stay native in any syntax."""
        fragments = (element.fragments or ())[1:]
        if not fragments:
            raise Undecodable()
        form = self._form(replace(self.header, elements=item))
        frame = b"".join(bytes(self.header.buffer[at : at + length]) for at, length in fragments)
        photometric, data = _worked("to_plain", {"form": form.as_dict()}, frame)
        return _changes(form, photometric), "OW" if form.bits_allocated > 8 else "OB", data


def _worked(job: str, told: Mapping[str, Any], frame: bytes) -> tuple[str, bytes]:
    """A frame's Photometric Interpretation and bytes; at low priority, since viewers wait for the other processes."""
    result = sandbox.background().run(job, told, [frame], seconds=FRAME_SECONDS)
    photometric = result.said["photometric"]
    if photometric not in KNOWN:
        raise Undecodable()
    return photometric, result.data


_MARK = Span(-1, 0)
"""Where the pixel element goes."""


def _changes(form: Form, photometric: str) -> dict[int, tuple[str, bytes]]:
    """What the Image Pixel Module must say of frames that were decoded or encoded anew (PS3.5 8.2)."""
    changes: dict[int, tuple[str, bytes]] = {}
    if photometric != form.photometric:
        changes[PHOTOMETRIC_TAG] = ("CS", photometric.encode() + b" " * (len(photometric) % 2))
    if form.samples > 1:
        changes[PLANAR] = ("US", b"\0\0")
    return changes


class _Bits:
    """One-bit frames put end to end: the next begins in the byte in which the last one ended (PS3.5 8.1.1)."""

    def __init__(self) -> None:
        self._held, self._count = 0, 0

    def add(self, data: bytes, bits: int) -> bytes:
        """Take the next frame; give back the bytes that are full."""
        value = int.from_bytes(cut_bits(data, 0, bits), "little") << self._count | self._held
        full, self._count = divmod(self._count + bits, 8)
        self._held = value >> (full * 8)
        return (value & ((1 << full * 8) - 1)).to_bytes(full, "little")

    def rest(self) -> bytes:
        return self._held.to_bytes(1, "little") if self._count else b""
