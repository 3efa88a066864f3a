"""The machine-readable mark of a generated film: an XMP packet with IPTC's digital source type.

An MP4 file has XMP in a box `uuid` at its top level (ISO 16684-1; Adobe, "XMP Specification Part 3", 2.2.1). Players
ignore it; `exiftool` and FFmpeg read it. The EU AI Act (Article 50) requires such a mark.
"""

from __future__ import annotations

from typing import Literal

SourceType = Literal["algorithmicMedia", "compositeWithTrainedAlgorithmicMedia"]
"""Terms of IPTC's vocabulary: made by rules without a trained model; or from real material with a trained model."""

VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_XMP = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
<Iptc4xmpExt:DigitalSourceType>{term}</Iptc4xmpExt:DigitalSourceType>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def xmp_box(source_type: SourceType) -> bytes:
    """The box, which goes to the end of the file."""
    packet = _PACKET.format(term=VOCABULARY + source_type).encode("utf-8")
    return (8 + len(_XMP) + len(packet)).to_bytes(4, "big") + b"uuid" + _XMP + packet
