"""Every hot path beside what it is held against: `make bench`, or `make bench ONLY=live`, or with FULL=1."""
