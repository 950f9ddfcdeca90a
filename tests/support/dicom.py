"""DICOM files made by hand."""

import io

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid


def dicom(values, photometric="MONOCHROME2", bits=None, syntax=ExplicitVRLittleEndian, **fields):
    """The content of a file that holds values: (H, W), (N, H, W) with frames, or (H, W, 3)."""
    values = np.asarray(values)
    colour = values.ndim == 3 and values.shape[2] == 3
    file = Dataset()
    file.file_meta = FileMetaDataset()
    file.file_meta.TransferSyntaxUID = syntax
    file.file_meta.MediaStorageSOPClassUID = file.SOPClassUID = SecondaryCaptureImageStorage
    file.file_meta.MediaStorageSOPInstanceUID = file.SOPInstanceUID = generate_uid()
    file.Rows, file.Columns = values.shape[:2] if colour else values.shape[-2:]
    if values.ndim == 3 and not colour:
        file.NumberOfFrames = len(values)
    file.SamplesPerPixel = 3 if colour else 1
    if colour:
        file.PlanarConfiguration = 0
    file.PhotometricInterpretation = photometric
    file.BitsAllocated = 8 * values.dtype.itemsize
    file.BitsStored = bits or file.BitsAllocated
    file.HighBit = file.BitsStored - 1
    file.PixelRepresentation = int(values.dtype.kind == "i")
    file.PixelData = values.tobytes()
    for name, value in fields.items():
        setattr(file, name, value)
    buffer = io.BytesIO()
    file.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
