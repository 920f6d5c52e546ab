"""What workflows share: approvals, sagas, retry policies, queue names. Pure: no I/O, no clock."""
