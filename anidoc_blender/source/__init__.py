"""Pictures on their way into the job: references, keys, and scanned line art from strips and folders."""
