"""Mails that say an ask-back has come, and the link in each by which one person answers one ask-back once.

A mail holds no patient data and not the question. The link shows what is needed to find the patient in the facility's
own system (number and day of the exam), and nothing else until patient ID and birth date were entered.
"""
