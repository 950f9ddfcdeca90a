"""Decoding in processes of their own: what a stranger's file may cost is bounded there, and ended when nobody waits.

A server switches it on (`xai_core.apart`); a program that uses the library, a study and a training decode in their own
process. Then content that was handed in (bytes, no files of a folder) is decoded here, where it is large or of a kind
whose decoders are: TIFF, DICOM, JPEG in many scans, PPM in numbers. Ordinary pictures stay in the server's process,
where they take milliseconds. Nothing but JSON and plain numbers comes back; of a picture that is read for a network,
only what that sees.

- `costly_kinds`: what is decoded here
- `ask`: a picture, a mask or an orientation, from such a process
- `samples`: a picture and its mask as a network sees them, from such a process
- `process`: one process, and what ends it
- `wire`: what goes to and fro
- `bounds`: what a process may take
- `worker`: what runs in it
"""
