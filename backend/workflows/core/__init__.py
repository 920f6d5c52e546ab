"""What workflows share: asking people, sagas, retry policies, queue names. Pure: no I/O, no clock."""
