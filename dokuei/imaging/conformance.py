"""The DICOM conformance statement (PS3.2), written from the code that does what it says."""

from collections.abc import Iterable, Iterator, Sequence

from pydicom._uid_dict import UID_dictionary
from pydicom.datadict import dictionary_description, dictionary_has_tag

from dokuei.dicom import charset, syntax
from dokuei.dicom.net import connection, pdu, retrieving
from dokuei.dicom.net import finding as net_finding
from dokuei.dicom.objects import capture, content, keys, presentation, report
from dokuei.dicom.uid import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from dokuei.imaging import spool
from dokuei.imaging.counts import asking
from dokuei.imaging.counts import rules as counting
from dokuei.imaging.dicomweb import app, qido, stow_model
from dokuei.imaging.dimse import association, commitment, negotiation, retrieve, sending, server, status
from dokuei.imaging.fetching import finding, moving
from dokuei.imaging.packs.rules import LOSSLESS, PHOTOMETRIC
from dokuei.imaging.search.keys import KNOWN
from dokuei.imaging.search.query import Level, Path

SERVICES = (
    (negotiation.VERIFICATION, "SCP"),
    (negotiation.COMMITMENT, "SCP"),
    (negotiation.MPPS, "SCP"),
    (negotiation.FIND_PATIENT, "SCP"),
    (negotiation.FIND_STUDY, "SCP, SCU"),
    (negotiation.MOVE_PATIENT, "SCP"),
    (negotiation.MOVE_STUDY, "SCP, SCU"),
    (negotiation.GET_PATIENT, "SCP"),
    (negotiation.GET_STUDY, "SCP, SCU"),
)


def statement() -> str:
    """The whole statement as Markdown."""
    return (
        "\n".join(
            [
                *_overview(),
                *_network(),
                *_storage(),
                *_created(),
                *_queries(),
                *_counts(),
                *_priors(),
                *_web(),
                *_transcoding(),
                *_text(),
                *_security(),
            ]
        )
        + "\n"
    )


def _overview() -> Iterator[str]:
    yield "# DICOM conformance statement"
    yield ""
    yield "Written by `dokuei conformance` from the code; a test keeps it equal. Structure after PS3.2."
    yield "Dokuei is for reference and quality assurance; it carries no diagnostic certification."
    yield ""
    yield "## Implementation"
    yield ""
    yield from _table(
        ("what", "value"),
        [
            ("Implementation Class UID", f"`{IMPLEMENTATION_CLASS_UID}`"),
            ("Implementation Version Name", f"`{IMPLEMENTATION_VERSION_NAME}`"),
            ("Application Context Name", f"`{pdu.APPLICATION_CONTEXT}`"),
        ],
    )


def _network() -> Iterator[str]:
    limits = connection.Limits()
    yield "## Associations"
    yield ""
    yield "The listener accepts known calling AE titles only; with TLS the certificate's common name is the AE title."
    yield "A title belongs to one facility. Asynchronous operations are not negotiated. User identity is not used."
    yield ""
    yield from _table(
        ("limit", "value"),
        [
            ("maximum PDU we receive", f"{association.OUR_PDU} bytes"),
            ("longest PDU of any kind", f"{connection.LONGEST_PDU} bytes"),
            ("presentation contexts", str(pdu.MOST_CONTEXTS)),
            ("simultaneous connections", str(server.MOST_CONNECTIONS)),
            ("TLS handshake and A-ASSOCIATE-RQ (ARTIM)", f"{association.OPENING_SECONDS:g} s"),
            ("between messages", f"{limits.idle_seconds:g} s"),
            ("within a message, without a byte", f"{limits.stall_seconds:g} s"),
            ("slowest message after its first minute", f"{limits.slowest} bytes/s"),
        ],
    )
    yield "### Services"
    yield ""
    rows = [(UID_dictionary[uid][0], f"`{uid}`", role) for uid, role in SERVICES]
    yield from _table(("SOP class", "UID", "role"), rows)
    liked = ", ".join(_syntax(uid) for uid in negotiation.LIKED[:2])
    yield f"Transfer syntaxes of these: {liked}. As SCU: C-STORE (C-MOVE, `dokuei send`), C-FIND (counts and"
    yield "priors, below), C-MOVE and C-GET (priors), N-EVENT-REPORT, and MPPS N-CREATE and N-SET (`dokuei send"
    yield "--announce`)."
    yield ""


def _storage() -> Iterator[str]:
    classes = sorted(
        (entry[0], uid)
        for uid, entry in UID_dictionary.items()
        if entry[1] == "SOP Class" and negotiation.is_storage(uid)
    )
    yield "## Storage"
    yield ""
    yield "Level 2 (full): every element is kept, private ones too; the data set is kept byte for byte as received."
    yield "Success means that the bytes are synced and that the instance is listed or will be after any crash."
    yield "Every SOP class below, and every class UID that is not in the standard's dictionary, is accepted in any"
    yield "transfer syntax. Where the peer leaves the choice, the first of these is taken, else the first proposed:"
    yield ", ".join(_syntax(uid) for uid in negotiation.LIKED) + "."
    yield ""
    yield from _table(
        ("status", "when"),
        [
            (
                "0000",
                "kept; also when the same content is here already, or contradicts and is quarantined beside it",
            ),
            (
                f"{status.OUT_OF_RESOURCES:04X}",
                "no room, the database or the store is away: send again later",
            ),
            (f"{status.NOT_THIS_CLASS:04X}", "a UID that identifies the instance is missing or illegal"),
            (f"{status.CANNOT_UNDERSTAND:04X}", "the data set cannot be read; Error Comment names our code"),
            (f"{status.CLASS_NOT_SUPPORTED:04X}", "the SOP class is not the one agreed for the context"),
            (f"{status.NOT_AUTHORISED:04X}", "the device may not store"),
        ],
    )
    yield f"### Storage SOP classes ({len(classes)})"
    yield ""
    yield from _table(("SOP class", "UID"), [(name, f"`{uid}`") for name, uid in classes])
    yield "### Storage commitment"
    yield ""
    yield f"Push model. At most {commitment.MOST} instances a question. Reported on the same association, or, for a"
    yield "device registered with an address, over an association of ours with retries for a week. An instance counts"
    yield "as kept when it is listed and its bytes are in the store."
    yield ""


def _created() -> Iterator[str]:
    yield "## Objects created"
    yield ""
    yield "Written when a report with marks or key images is signed, into the study of the images they speak of, in"
    yield "Explicit VR Little Endian with Specific Character Set ISO_IR 192, patient and study as an image of the same"
    yield "study says them, times in the study's zone with Timezone Offset From UTC. Series numbers 9901 to 9905. They"
    yield "are searched and sent like any instance; Modalities in Study and the counts shown on screens are of what was"
    yield "received."
    yield ""
    rows = [
        (presentation.GRAYSCALE, "one for each key image, one for each other grey frame with marks"),
        (
            presentation.COLOUR,
            "the same for colour and palette images, with an sRGB profile; a negative is not said",
        ),
        (
            keys.KEY_OBJECTS,
            f"TID 2010, title {_coded(keys.TITLE)}; identical copies where several studies are named",
        ),
        (
            capture.SECONDARY_CAPTURE,
            "one for each key image of a reformatted plane: its picture as the report shows it, patient burned in",
        ),
        (report.COMPREHENSIVE, "TID 1500, 1410, 1501; values computed from the original pixels; UNVERIFIED"),
        (
            report.COMPREHENSIVE_3D,
            "the same where a mark lies on a reformatted plane: SCOORD3D, the slices in the image library",
        ),
    ]
    yield from _table(
        ("SOP class", "UID", "what"), [(UID_dictionary[uid][0], f"`{uid}`", what) for uid, what in rows]
    )


def _coded(code: content.Code) -> str:
    return f"({code[0]}, {code[1]}, {code[2]})"


def _queries() -> Iterator[str]:
    yield "## Query and retrieve"
    yield ""
    yield "C-FIND and QIDO-RS share one search. Matching (PS3.4 C.2.2.2): single value, list of UID, universal, wild"
    yield "card, range, sequence; relational keys of higher levels. Person names match in any of their"
    yield "three groups, whatever"
    yield "the width of letters or the kind of kana. Any other attribute of an instance is returned on request."
    yield ""
    for level in Level:
        yield f"### Matching keys, {level.value}"
        yield ""
        yield from _table(("attribute", "tag"), [(_attribute(path), _tag(path)) for path in KNOWN[level]])
    yield "C-MOVE sends to registered devices of the same facility; C-MOVE and C-GET send at most"
    natives = " or ".join(_syntax(uid) for uid in sending.NATIVE)
    yield f"{retrieve.MOST_INSTANCES} instances a request. A destination of C-MOVE is proposed, for each SOP class,"
    yield f"each syntax that is kept in a context of its own, and {natives}"
    yield "in another. An instance goes as it is kept where that is accepted, else in the first of the syntaxes under"
    yield "Storage that is accepted and that it can be written in (see Transcoding); else it counts as failed, and"
    yield "Error Comment says why of the first that failed here."
    yield ""
    yield from _table(
        ("status", "when"),
        [
            (
                f"{status.DESTINATION_UNKNOWN:04X}",
                "the destination is not a listening device of the facility",
            ),
            (f"{status.IDENTIFIER_MISMATCH:04X}", "level or unique key missing or wrong"),
            (
                f"{status.SOME_FAILED:04X}",
                "some sub-operations failed; Failed SOP Instance UID List names them",
            ),
            (f"{status.NO_SUB_OPERATIONS:04X}", "none succeeded"),
            (f"{status.CANCELLED:04X}", "ended by C-CANCEL"),
        ],
    )


def _counts() -> Iterator[str]:
    yield "### Counts asked of an archive"
    yield ""
    yield "A device registered as its facility's archive is asked by C-FIND (Study Root, SCU) how many instances it has"
    yield "of a study that arrives and was not announced: at STUDY level for Number of Study Related Instances"
    yield "(0020,1208); without a value at SERIES level for Number of Series Related Instances (0020,1209); without"
    yield f"those by counting its answers at IMAGE level. Limits: {asking.OPEN_SECONDS:g} s for the association,"
    yield f"{asking.ANSWER_SECONDS:g} s for a response, {asking.ALTOGETHER_SECONDS:g} s for the whole; after"
    yield f"{counting.MOST_TRIES} tries without an answer it is given up. Its only keys are Study, Series and SOP"
    yield "Instance UID."
    yield ""


def _priors() -> Iterator[str]:
    keys = ", ".join(
        f"{_attribute((tag,))} {_tag((tag,))}" for tag in (net_finding.PATIENT_ID, *net_finding.OF_PATIENT)
    )
    yield "### Priors fetched from an archive"
    yield ""
    yield "A device registered as its facility's archive is asked by C-FIND (Study Root, STUDY level) for the studies"
    yield f"of a patient whose exam is to be read. Keys: {keys}."
    yield "Patient ID is matched as a single value: an ID with a wild card in it is never asked about, and an answer"
    yield "that names another ID, issuer, birth date or sex is not fetched."
    yield f"Limits: {finding.OPEN_SECONDS:g} s for the association, {finding.ANSWER_SECONDS:g} s for a response,"
    yield f"{finding.ALTOGETHER_SECONDS:g} s for the whole, {finding.MOST_STUDIES} studies."
    yield "What is wanted is fetched by C-MOVE (Study Root, STUDY level) with our own AE title as Move Destination, so"
    yield "the archive has to know it; where C-MOVE is not offered or fails altogether, by C-GET, for which"
    yield f"{len(retrieving.CLASSES)} storage classes are proposed with the SCP role."
    yield f"Limits: {moving.SILENCE_SECONDS:g} s between messages, {moving.ALTOGETHER_SECONDS:g} s for a study."
    yield "Over C-GET an instance of another study than was asked for is refused; what comes is stored as from any"
    yield "device of the facility."
    yield ""


def _web() -> Iterator[str]:
    yield "## DICOMweb (PS3.18)"
    yield ""
    yield "Root: `/dicomweb/{facility}`. Bearer token or session; what is not the caller's is not found."
    yield ""
    rows = [(f"`GET {_route(pattern.pattern)}`", name.replace("_", " ")) for name, pattern in app.ROUTES]
    rows += [("`POST studies`, `POST studies/{uid}`", "store")]
    yield from _table(("resource", "answers"), rows)
    kinds = ", ".join(f"`{one}`" for one in ("application/dicom", *sorted(stow_model.KINDS)))
    yield f"Store takes multipart/related of {kinds}, and a single application/dicom. Search answers at"
    yield f"most {qido.MOST}"
    yield "results and says in a Warning header how many remain. `manifest` is ours: docs/manifest.md."
    yield ""


def _transcoding() -> Iterator[str]:
    yield "## Transcoding"
    yield ""
    yield "Whole instances are written in another transfer syntax than they are kept in for WADO-RS,"
    yield "WADO-URI, C-MOVE and C-GET, under the same SOP Instance UID: nothing is lost. Every frame"
    yield "that is encoded is decoded again and compared."
    yield ""
    lossless = sorted(LOSSLESS - set(syntax.NATIVE))
    yield from _table(
        ("written", "from"),
        [
            *((_syntax(uid), "every syntax below except video") for uid in syntax.WRITABLE_NATIVE),
            *((_syntax(uid), "native and lossless only") for uid in sorted(syntax.WRITABLE_CODED)),
        ],
    )
    yield "Native: " + ", ".join(_syntax(uid) for uid in sorted(syntax.NATIVE)) + "."
    yield "Lossless: " + ", ".join(_syntax(uid) for uid in lossless) + "."
    rest = sorted(syntax.ENCAPSULATED.keys() - set(lossless) - syntax.VIDEO)
    yield "Taken for lossy, so only decompressed: " + ", ".join(_syntax(uid) for uid in rest) + "."
    yield "Never written: Explicit VR Big Endian, lossy syntaxes, JPEG XL, Deflated Image Frame"
    yield "Compression, video. Encoded are frames of 8 and 16 bits (RLE: 32 too) whose photometric"
    yield "interpretation is one of"
    yield (
        ", ".join(sorted(PHOTOMETRIC))
        + "; instances without pixel data and floating point pixels go native only."
    )
    yield ""
    yield "Decompressed colour is by pixel. Lossy JPEG's YBR becomes RGB; YBR_RCT and YBR_ICT become"
    yield "RGB; other YBR stays. RGB is encoded as YBR_RCT in JPEG 2000 and HTJ2K. Lossy Image"
    yield "Compression stays, and is set to 01 where only the stream told it. Compressed icons become"
    yield "native. Group lengths, Length to End and offset tables are not copied; sequences get"
    yield "undefined length. A value too long for its explicit VR becomes UN."
    yield ""
    yield "WADO-RS takes the syntax from the Accept header by q; of those liked alike, the one an"
    yield "instance is kept in. Without transfer-syntax it is Explicit VR Little Endian (video: as"
    yield "kept); `*` is as kept, byte for byte. Implicit VR and big endian cannot be asked for by"
    yield "name, except Implicit VR by WADO-URI's transferSyntax. Instances that cannot be given are"
    yield "left out with 206 and a Warning header; where none can it is 406, or the error of the"
    yield f"pixels. At most {spool.LARGEST // 1024**3} GiB are made for one answer (413). Each form has"
    yield "its own ETag."
    yield ""


def _text() -> Iterator[str]:
    yield "## Character sets"
    yield ""
    yield "Read, declared rightly or wrongly, by the numbers of ISO_IR and ISO 2022 IR:"
    numbers = sorted(
        {one for one in (*charset.SINGLE_BYTE, *charset.BY_ESCAPE_ONLY) if one.isdigit()}, key=int
    )
    yield (
        ", ".join(numbers)
        + "; "
        + ", ".join(sorted(charset.WHOLE_TEXT))
        + ". What we write ourselves is ISO_IR 192."
    )
    yield ""


def _security() -> Iterator[str]:
    yield "## Security"
    yield ""
    yield "Mutual TLS 1.2 or newer (PS3.15 B.9, B.12). Every access leaves an entry in a hash-chained audit trail whose"
    yield "events carry PS3.15 A.5 codes. Pixel data from outside is decoded in limited processes only."
    yield ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "| " + " | ".join("---" for _ in head) + " |"
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def _syntax(uid: str) -> str:
    return str(UID_dictionary.get(uid, (syntax.ENCAPSULATED.get(uid, uid),))[0])


def _attribute(path: Path) -> str:
    return " > ".join(
        dictionary_description(tag) if dictionary_has_tag(tag) else _tag((tag,)) for tag in path
    )


def _tag(path: Path) -> str:
    return " > ".join(f"({tag >> 16:04X},{tag & 0xFFFF:04X})" for tag in path)


def _route(pattern: str) -> str:
    return (
        pattern.replace(app.UID, "{uid}")
        .replace("(?:", "[")
        .replace(")?", "]")
        .replace("([0-9,]{1,60000})", "{numbers}")
        .replace("([0-9]{1,7})", "{number}")
        .replace("([0-9A-Fa-f/]{8,400})", "{path}")
    )
