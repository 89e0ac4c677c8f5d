"""Objects this program writes (PS3.3): presentation states, key object selections, measurement reports.

Pure: typed values in, data sets out. Coordinates of marks are columns and rows with (0, 0) in the middle of the first
pixel, as everywhere here; DICOM counts from the outer corner of the first pixel, half a pixel earlier.
"""
