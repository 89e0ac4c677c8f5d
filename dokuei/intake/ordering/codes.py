"""Codes by which a laboratory's values and a few facts are known in any message (LOINC, SNOMED CT, ICD-10)."""

EGFR = {"33914-3", "62238-1", "48642-3", "98979-8"}
CREATININE = {"2160-0"}
"""LOINC of eGFR and of creatinine in serum; what is coded otherwise stays among the texts."""
PREGNANCY_STATUS = {"82810-3"}
"""LOINC of the question whether somebody is pregnant."""
PREGNANT, NOT_PREGNANT = {"77386006", "LA15173-0"}, {"60001007", "LA26683-5"}
"""Its answers in SNOMED CT and LOINC."""
ASTHMA = ("J45", "J46")
"""ICD-10 chapters of asthma."""
NO_KNOWN_ALLERGY = {"716186003", "409137002"}
"""SNOMED CT: no known allergy; to drugs."""
