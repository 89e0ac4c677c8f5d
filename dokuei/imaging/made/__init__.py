"""Objects this installation wrote itself and filed beside the images they speak of: presentation states, key object
selections, measurement reports.

They are kept, listed, searched and sent like any instance. They are told from what was received, so that they neither
count among a study's images nor wake what waits for images. A UID is promised before anything is written: whoever
lists the instance, also after a crash, knows whose it is.
"""
