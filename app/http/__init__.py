"""What every view shares: who calls, how errors look, how lists are paged, how answers are described."""
