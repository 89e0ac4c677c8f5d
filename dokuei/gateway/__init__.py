"""The program at a hospital. It runs without the hub: it may import only `wire`, `dicom` and `base`."""
