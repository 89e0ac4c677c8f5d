"""How complete a request is, by tables that are data: weights and thresholds of one facility from one day on.

Words: an *item* is something an informed reading wants; a *table* says what each item weighs and where the limits are;
a *caution* is something the request says that a limit speaks against. A score is kept with the table's name, and no
later table changes it.
"""
