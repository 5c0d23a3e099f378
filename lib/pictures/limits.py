"""What a photo or scan may be at the most; more is refused (spec §8)."""

UPLOAD_BYTES = 20 * 1024 * 1024
PIXELS = 120_000_000  # what the largest phone takes
PDF_PAGES = 50

# What is kept of a photo: its long side in pixels. A page of small print stays readable.
FULL_SIDE = 2560
THUMBNAIL_SIDE = 320

# The worker process that opens a file. A photo of 12 megapixels takes 0.15 GB and 0.4 s of it, the
# largest picture allowed 1.2 GB and 2.5 s.
WORKER_MEMORY_BYTES = 1536 * 1024 * 1024
WORKER_CPU_SECONDS = 30
WORKER_SECONDS = 60  # by the clock
