"""One search for every door that searches: QIDO-RS, C-FIND, and whatever comes.

A door parses its request into a `Query` and gets what is found in the DICOM JSON model. Which rows an actor may meet,
which values match and how (PS3.4 C.2.2.2), and which attributes come back is decided here and nowhere else.

Words: a *key* is an attribute with a value to match; a *path* is a tag, or a sequence's tag and one inside it; a
*level* is what one result is: a patient, a study, a series, an image.

`engine.find` streams results, `engine.page` pages them; `query` has the types.
"""
