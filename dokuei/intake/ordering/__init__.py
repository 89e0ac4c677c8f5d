"""Requests that are sent before their images: what they say of the patient and the exam, and who sent them.

A person states it in the form, a machine in an **order**: stated patient, content, numbers, and a key of its own under
which the same order is recognised however often it is sent. Invariants: one key of a source is one request of a
facility; what was stated is frozen in the request's version; nothing stated overwrites what is held of a patient.
"""
