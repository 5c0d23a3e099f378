"""What a workbook may be at the most; more is refused whole (spec §3, §8)."""

UPLOAD_BYTES = 20 * 1024 * 1024
UNPACKED_BYTES = 300 * 1024 * 1024
PARTS = 2_000
ROWS = 120_000
COLUMNS = 256

# The worker process that opens a workbook: it can die without harm.
WORKER_MEMORY_BYTES = 3 * 1024 * 1024 * 1024
WORKER_CPU_SECONDS = 60
WORKER_SECONDS = 120  # by the clock
