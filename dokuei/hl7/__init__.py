"""HL7 v2 on the wire: Japanese encodings, messages as segments and fields, MLLP frames. No Django, no room."""
