"""Reading requests (読影依頼) from facilities.

A **Request** asks for one report about one or more studies of one patient. Its content is edited as a draft and frozen
as a numbered version when it is sent; the report pins the version its reader saw. Invariants: one patient a request;
a study belongs to at most one live request; a request is sent with anything missing except identity, exam, urgency,
question and a call-back contact, and what is missing stays visible (product 1, 3).
"""
