"""The ledger of paid calls: a write-ahead log of every attempt, its entries, and the snapshot that makes it quick."""
