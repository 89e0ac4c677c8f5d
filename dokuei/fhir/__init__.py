"""FHIR R4 as far as an order needs it: resources read strictly, references resolved within what was sent.

Knows no Django and no room. What is not read is ignored, as the standard allows; what changes a meaning
(`modifierExtension`, `implicitRules`) is never ignored (FHIR R4, extensibility.html).
"""
