"""The same stories written many rows at a time, for boroughs too big to be lived through the services.

Agreements and assemblies still change through their one door and the chain through ``ledger.append``: only
the writing waits. ``tests/app/cli/demo/test_bulk.py`` proves both ways of telling one story equal, row for row.
"""
